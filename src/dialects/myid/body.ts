import type { FastifyRequest } from 'fastify';
import { DomainError } from '#core/errors.ts';
import { endOfString, mediaType, readForm, readText, safe } from '#http/body.ts';

/**
 * The query parameters by their lower-cased names. A GET may carry a form: its fields count as query parameters, those
 * of the address win (contract part 0, fact 5).
 */
export function queryOf(request: FastifyRequest): Record<string, string> {
  const found: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(request.query as Record<string, string | string[]>)) {
    const [first = ''] = Array.isArray(value) ? value : [value];
    if (first.includes('\0'))
      throw new DomainError('request.invalid', { detail: 'A text holds a NUL character.' });
    found[name.toLowerCase()] ??= first;
  }
  const contentType = request.headers['content-type'];
  if (request.body === undefined || mediaType(contentType) !== 'application/x-www-form-urlencoded')
    return found;
  if (request.method !== 'GET') return found;
  for (const [name, value] of Object.entries(readForm(readText(request.body as Buffer, contentType)))) {
    found[name.toLowerCase()] ??= value;
  }
  return found;
}

/** Reads JSON in which a string may stand in single quotes, where `\'` is a quote. Refuses all else that is not JSON. */
export function readLenientJson(text: string): unknown {
  try {
    return safe(JSON.parse(text));
  } catch (error) {
    if (error instanceof DomainError) throw error;
  }
  try {
    return safe(JSON.parse(inDoubleQuotes(text)));
  } catch {
    throw new DomainError('request.invalid', { detail: 'The body is not JSON.' });
  }
}

/** Puts every string into double quotes and leaves the judgement to the JSON parser. Linear, however long the text. */
function inDoubleQuotes(text: string): string {
  const quotes = /['"]/g;
  let out = '';
  let done = 0;
  for (let open = quotes.exec(text); open; open = quotes.exec(text)) {
    const close = endOfString(text, open[0], open.index + 1);
    if (close === -1) break; // what is left is refused by the parser
    const inner = text.slice(open.index + 1, close);
    out += `${text.slice(done, open.index)}"${open[0] === '"' ? inner : requote(inner)}"`;
    done = quotes.lastIndex = close + 1;
  }
  return out + text.slice(done);
}

/** `\'` loses its backslash, which JSON does not know; a bare double quote gains one. */
const requote = (inner: string) =>
  inner.replace(/\\.|"/gs, (found) => (found === "\\'" ? "'" : found === '"' ? '\\"' : found));
