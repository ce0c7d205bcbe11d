import type { FastifyRequest } from 'fastify';
import { mediaType } from '#http/body.ts';
import { refusal } from './answers.ts';

/** Parameters by name. One without a value is treated as if it were not sent (RFC 6749 3.1, 3.2). */
export type Parameters = ReadonlyMap<string, string>;

const invalid = (description: string) => refusal('invalid_request', description);
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The pairs of a form body, in order. Refuses any other type of body, and bytes that are not UTF-8. */
export function formPairs(request: FastifyRequest): [string, string][] {
  const { body, headers } = request;
  if (body === undefined && headers['content-type'] === undefined) return [];
  if (mediaType(headers['content-type']) !== 'application/x-www-form-urlencoded')
    throw invalid('The body must be of type application/x-www-form-urlencoded.');
  return pairsOf(decode(body));
}

/** The pairs of a query string. */
export const queryPairs = (request: FastifyRequest): [string, string][] =>
  pairsOf(request.raw.url?.split('?').slice(1).join('?') ?? '');

/** Reads a form in which each parameter stands once (RFC 6749 3.2). */
export function readForm(request: FastifyRequest): Map<string, string> {
  const form = new Map<string, string>();
  const seen = new Set<string>();
  for (const [name, value] of formPairs(request)) {
    if (seen.has(name)) throw invalid('A parameter must not be sent twice.');
    seen.add(name);
    if (value !== '') form.set(name, value);
  }
  return form;
}

function decode(body: unknown): string {
  if (!Buffer.isBuffer(body)) return '';
  try {
    return utf8.decode(body);
  } catch {
    throw invalid('The body is not UTF-8.');
  }
}

function pairsOf(text: string): [string, string][] {
  const pairs = [...new URLSearchParams(text)];
  // No column can keep it, and nothing that is asked for has it.
  if (pairs.some(([name, value]) => name.includes('\0') || value.includes('\0')))
    throw invalid('A parameter holds a NUL character.');
  return pairs;
}
