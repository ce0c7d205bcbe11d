import type { FastifyRequest } from 'fastify';
import { DomainError } from '#core/errors.ts';
import { readText } from '#http/body.ts';
import { queryOf, readLenientJson } from './body.ts';
import { type Fields, isFields, isGuid } from './fields.ts';

/** What a caller asks for. It is read only when they are known and may ask, so that nobody else learns what is valid. */
export interface Call {
  /** A GUID of the path, as core knows it: in lower case. Refuses what is none. */
  id(name?: string): string;
  /** A part of the path, decoded. */
  param(name: string): string;
  /** A query parameter, or a field of a GET's form; of a repeated one the first. Names in any letter case. */
  query(name: string): string | undefined;
  queries(): Record<string, string>;
  /** The members of the body. Refuses a body that is missing or is no object. */
  body(): Fields;
  /** The same where a body may be missing. */
  optionalBody(): Fields;
}

/** Bytes with a type of their own, in place of JSON. */
export class Bytes {
  readonly type: string;
  readonly bytes: Buffer;
  constructor(type: string, bytes: Uint8Array) {
    this.type = type;
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
}

/** A GUID as this API writes it. */
export const guid = (id: string): string => id.toUpperCase();

export function callOf(request: FastifyRequest): Call {
  let queries: Record<string, string> | undefined;
  const param = (name: string) => (request.params as Record<string, string>)[name] ?? '';
  const all = () => (queries ??= queryOf(request));
  return {
    param,
    id(name = 'id') {
      const text = param(name);
      if (!isGuid(text)) throw new DomainError('request.invalid', { field: name, detail: 'not a GUID' });
      return text.toLowerCase();
    },
    query: (name) => all()[name.toLowerCase()],
    queries: all,
    body() {
      if (request.body === undefined) throw new DomainError('request.invalid', { detail: 'no body' });
      return this.optionalBody();
    },
    optionalBody() {
      if (request.body === undefined) return {};
      const value = readLenientJson(readText(request.body as Buffer, request.headers['content-type']));
      if (!isFields(value)) throw new DomainError('request.invalid', { detail: 'The body is no object.' });
      return value;
    },
  };
}
