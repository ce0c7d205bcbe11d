import type { Cursor } from './json-cursor.ts';

const END_IN_STRING = 'Expected end of string, but instead reached end of data.';
const BADLY_ESCAPED = 'The string should be correctly escaped.';

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

/**
 * Passes `true`, `false` or `null`. A wrong one is quoted no longer than the right one is, since a log must not get a
 * secret that lacks its quotes.
 */
export function skipLiteral(cursor: Cursor, word: string): void {
  for (let i = 0; i < word.length; i++) {
    if (cursor.peek(i) === word[i]) continue;
    const start = cursor.at;
    let end = start;
    while (end < start + word.length && /[\w.+-]/.test(cursor.peek(end - start) ?? '')) end++;
    const written = Buffer.from(cursor.bytes.subarray(start, end)).toString('latin1');
    cursor.fail(
      `'${written}' is an invalid JSON literal. Expected the literal '${word}'.`,
      cursor.place(start + i),
    );
  }
  cursor.at += word.length;
}

/** Reads a number (RFC 8259 6) and gives its digits as written. */
export function readNumber(cursor: Cursor): string {
  const start = cursor.at;
  const afterSign = "a sign character ('+' or '-')";
  let expected = 'a delimiter';

  if (cursor.peek() === '-') cursor.at++;
  if (cursor.peek() === '0') {
    cursor.at++;
    if (isDigit(cursor.peek())) cursor.fail(`Invalid leading zero before '${cursor.shown()}'.`);
  } else skipDigits(cursor, afterSign);
  if (cursor.peek() === '.') {
    cursor.at++;
    skipDigits(cursor, "a decimal point ('.')");
    expected = "'E' or 'e'";
  }
  if (cursor.peek() === 'e' || cursor.peek() === 'E') {
    cursor.at++;
    if (cursor.peek() === '+' || cursor.peek() === '-') cursor.at++;
    skipDigits(cursor, afterSign);
    expected = 'a delimiter';
  }

  const next = cursor.peek();
  if (next === undefined && cursor.depth > 0) {
    cursor.fail(`'${cursor.shown(cursor.at - 1)}' is an invalid end of a number. Expected a delimiter.`);
  }
  if (next !== undefined && !',}] \n\r\t/'.includes(next)) {
    cursor.fail(`'${cursor.shown()}' is an invalid end of a number. Expected ${expected}.`);
  }
  return Buffer.from(cursor.bytes.subarray(start, cursor.at)).toString('latin1');
}

function skipDigits(cursor: Cursor, after: string): void {
  if (cursor.peek() === undefined)
    cursor.fail("Expected a digit ('0'-'9'), but instead reached end of data.");
  if (!isDigit(cursor.peek())) {
    cursor.fail(
      `'${cursor.shown()}' is invalid within a number, immediately after ${after}. Expected a digit ('0'-'9').`,
    );
  }
  while (isDigit(cursor.peek())) cursor.at++;
}

export function isDigit(next: string | undefined): boolean {
  return next !== undefined && next >= '0' && next <= '9';
}

/** Reads a string, from one quotation mark past the other (RFC 8259 7). Half surrogates and broken UTF-8 are faults. */
export function readString(cursor: Cursor): string {
  cursor.at++;
  let text = '';
  let from = cursor.at;
  for (let next = cursor.peek(); next !== '"'; next = cursor.peek()) {
    if (next === undefined) cursor.fail(END_IN_STRING);
    if (next < ' ') cursor.fail(`'${cursor.shown()}' is invalid within a JSON string. ${BADLY_ESCAPED}`);
    if (next === '\\') {
      text += decodeUtf8(cursor, from, cursor.at) + readEscape(cursor);
      from = cursor.at;
    } else cursor.at++;
  }
  text += decodeUtf8(cursor, from, cursor.at);
  cursor.at++;
  return text;
}

function readEscape(cursor: Cursor): string {
  const start = cursor.place();
  cursor.at++;
  const letter = cursor.peek();
  if (letter === undefined) cursor.fail(END_IN_STRING);
  if (letter === 'u') return readUnicode(cursor, start);
  const escaped = ESCAPES.get(letter);
  if (escaped === undefined) {
    cursor.fail(
      `'${cursor.shown()}' is an invalid escapable character within a JSON string. ${BADLY_ESCAPED}`,
    );
  }
  cursor.at++;
  return escaped;
}

function readUnicode(cursor: Cursor, start: ReturnType<Cursor['place']>): string {
  const unit = readHexUnit(cursor);
  if (unit < 0xd800 || unit > 0xdfff) return String.fromCharCode(unit);
  if (unit > 0xdbff) return failSurrogate(cursor, unit, start);
  if (cursor.peek() !== '\\' || cursor.peek(1) !== 'u') {
    cursor.fail('Cannot read incomplete UTF-16 JSON text as string with missing low surrogate.', start);
  }
  cursor.at++;
  const low = readHexUnit(cursor);
  if (low < 0xdc00 || low > 0xdfff) return failSurrogate(cursor, low, start);
  return String.fromCharCode(unit, low);
}

function failSurrogate(cursor: Cursor, unit: number, start: ReturnType<Cursor['place']>): never {
  const value = unit.toString(16).toUpperCase().padStart(2, '0');
  return cursor.fail(
    `Cannot read invalid UTF-16 JSON text as string. Invalid surrogate value: '0x${value}'.`,
    start,
  );
}

function readHexUnit(cursor: Cursor): number {
  cursor.at++;
  let unit = 0;
  for (let i = 0; i < 4; i++) {
    const digit = cursor.peek();
    if (digit === undefined) cursor.fail(END_IN_STRING);
    if (!/[0-9a-f]/i.test(digit)) {
      cursor.fail(
        `'${cursor.shown()}' is not a hex digit following '\\u' within a JSON string. ${BADLY_ESCAPED}`,
      );
    }
    unit = unit * 16 + Number.parseInt(digit, 16);
    cursor.at++;
  }
  return unit;
}

function decodeUtf8(cursor: Cursor, from: number, to: number): string {
  const part = cursor.bytes.subarray(from, to);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(part);
  } catch {
    return cursor.fail(
      'Cannot transcode invalid UTF-8 JSON text to UTF-16 string.',
      cursor.place(from + firstInvalidByte(part)),
    );
  }
}

/** The byte at which it stops being UTF-8; the length where it ends amid a character. */
function firstInvalidByte(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for (let i = 0; i < bytes.length; i++) {
    try {
      decoder.decode(bytes.subarray(i, i + 1), { stream: true });
    } catch {
      return i;
    }
  }
  return bytes.length;
}
