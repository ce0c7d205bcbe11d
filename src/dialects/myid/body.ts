import type { FastifyRequest } from 'fastify';
import { DomainError } from '#core/errors.ts';
import { mediaType, readForm, readText, safe } from '#http/body.ts';

/**
 * JSON whatever the content type says (PowerShell sends it as a form), with strings in single quotes too. A GET may
 * carry a form: its fields become query parameters, those of the address win (contract part 0, facts 4 and 5).
 */
export function readBody(request: FastifyRequest, bytes: Buffer): unknown {
  const contentType = request.headers['content-type'];
  if (request.method !== 'GET') return readLenientJson(readText(bytes, contentType));
  if (mediaType(contentType) === 'application/x-www-form-urlencoded') {
    const form = readForm(readText(bytes, contentType));
    request.query = { ...form, ...(request.query as Record<string, unknown>) };
  }
  return undefined;
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
    const close = endOf(text, open[0], open.index + 1);
    if (close === -1) break; // what is left is refused by the parser
    const inner = text.slice(open.index + 1, close);
    out += `${text.slice(done, open.index)}"${open[0] === '"' ? inner : requote(inner)}"`;
    done = quotes.lastIndex = close + 1;
  }
  return out + text.slice(done);
}

/** Where the string that starts at `from` ends: at the first quote of its kind without an odd run of backslashes. */
function endOf(text: string, quote: string, from: number): number {
  for (let end = text.indexOf(quote, from); end !== -1; end = text.indexOf(quote, end + 1)) {
    let start = end;
    while (start > from && text[start - 1] === '\\') start--;
    if ((end - start) % 2 === 0) return end;
  }
  return -1;
}

/** `\'` loses its backslash, which JSON does not know; a bare double quote gains one. */
const requote = (inner: string) =>
  inner.replace(/\\.|"/gs, (found) => (found === "\\'" ? "'" : found === '"' ? '\\"' : found));
