import { DomainError } from '#core/errors.ts';
import { endOfString, readJson, readText } from '#http/body.ts';

/**
 * Reads a body of the public API: a JSON object in which comments and commas before a closing bracket are allowed.
 * The caller's bytes stay in `request.body`, since the replay key is made of them (contract 4.4).
 */
export function readObject(bytes: Buffer, contentType?: string): Record<string, unknown> {
  const value = readJson(withoutComments(readText(bytes, contentType)));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new DomainError('request.invalid', { detail: 'The body is not an object.' });
  }
  return value as Record<string, unknown>;
}

/** Makes plain JSON. What stands in a string is content, also two slashes. Linear, however long the text. */
export function withoutComments(text: string): string {
  const marks = /"|\/\/|\/\*/g;
  let out = '';
  let between = '';
  let done = 0;
  for (let mark = marks.exec(text); mark; mark = marks.exec(text)) {
    between += text.slice(done, mark.index);
    if (mark[0] === '"') {
      done = after(endOfString(text, '"', mark.index + 1), 1);
      out += withoutLastCommas(between) + text.slice(mark.index, done);
      between = '';
    } else if (mark[0] === '/*') {
      done = after(text.indexOf('*/', mark.index + 2), 2);
      between += ' ';
    } else {
      const end = text.slice(mark.index).search(/[\r\n]/);
      done = end === -1 ? text.length : mark.index + end;
    }
    marks.lastIndex = done;
  }
  return out + withoutLastCommas(between + text.slice(done));
}

function after(end: number, length: number): number {
  if (end === -1) throw new DomainError('request.invalid', { detail: 'A string or a comment does not end.' });
  return end + length;
}

/** Only a comma after a value: `{,}` stays the fault that it is. */
const withoutLastCommas = (between: string) => between.replace(/(^|[^\s[{,:])(\s*),(?=\s*[}\]])/g, '$1$2');
