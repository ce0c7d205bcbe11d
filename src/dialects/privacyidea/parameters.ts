import { Busboy } from '@fastify/busboy';
import type { FastifyRequest } from 'fastify';
import { DomainError } from '#core/errors.ts';
import { mediaType, readForm, readText, safe } from '#http/body.ts';

/** What a body holds; one source of parameters among four. */
interface Body {
  readonly json: Readonly<Record<string, unknown>>;
  readonly form: Readonly<Record<string, string>>;
  /** Uploaded files by the name of their field. */
  readonly files: Readonly<Record<string, Buffer>>;
}

const NOTHING: Body = { json: {}, form: {}, files: {} };

/**
 * All parameters of a request, whichever way they came: path over JSON over query over form, and of a repeated name the
 * first (contract 1.5). Without prototype, so any name is only a name.
 */
export function parameters(request: FastifyRequest): Record<string, unknown> {
  const { json, form } = (request.body as Body | undefined) ?? NOTHING;
  const query: Record<string, unknown> = Object.create(null);
  for (const [name, value] of Object.entries(request.query as Record<string, unknown>)) {
    query[name] = Array.isArray(value) ? value[0] : value;
  }
  return Object.assign(Object.create(null), form, query, json, request.params);
}

/** The files that a request uploads. */
export const files = (request: FastifyRequest): Body['files'] =>
  (request.body as Body | undefined)?.files ?? {};

/** Multipart by its content type; an object in JSON, whatever the type says; else a form. */
export async function readBody(request: FastifyRequest, bytes: Buffer): Promise<Body> {
  const contentType = request.headers['content-type'];
  const type = mediaType(contentType);
  if (type === 'multipart/form-data') return readMultipart(contentType as string, bytes);
  const text = readText(bytes, contentType);
  const json = readObject(text);
  if (json) return { ...NOTHING, json };
  // What is neither is not looked at, as the original does.
  return type === 'application/x-www-form-urlencoded' || type === ''
    ? { ...NOTHING, form: readForm(text) }
    : NOTHING;
}

function readObject(text: string): Record<string, unknown> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (safe(value) as Record<string, unknown>)
    : undefined;
}

/** The length of the body is limited already; these are for what many small parts would cost. */
const PARTS = { parts: 200, headerPairs: 20, headerSize: 8192, fieldNameSize: 200, fieldSize: 1024 * 1024 };

function readMultipart(contentType: string, bytes: Buffer): Promise<Body> {
  const { promise, resolve, reject } = Promise.withResolvers<Body>();
  const form: Record<string, string> = Object.create(null);
  const uploads: Record<string, Buffer> = Object.create(null);
  const refuse = () =>
    reject(new DomainError('request.invalid', { detail: 'The multipart body is not well formed.' }));
  try {
    const parser = new Busboy({ headers: { 'content-type': contentType }, limits: PARTS });
    parser.on('field', (name, value, nameCut, valueCut) => {
      if (nameCut || valueCut || value.includes('\0')) refuse();
      form[name] ??= value;
    });
    parser.on('file', (name, stream) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        uploads[name] ??= Buffer.concat(chunks);
      });
      stream.on('error', refuse);
    });
    parser.on('partsLimit', refuse);
    parser.on('error', refuse);
    parser.on('finish', () => resolve({ json: {}, form, files: uploads }));
    parser.end(bytes);
  } catch {
    refuse(); // no boundary, say
  }
  return promise;
}
