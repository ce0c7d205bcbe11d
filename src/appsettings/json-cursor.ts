import { type Fault, findingAt, type Place } from './findings.ts';

/** A place in a JSON text that moves on, over bytes because faults are placed by bytes. */
export interface Cursor {
  readonly bytes: Uint8Array;
  /** The next byte to read. */
  at: number;
  /** How many objects and arrays are open. */
  depth: number;
  /** The next byte as a character, its first 256 being those of Unicode; undefined at the end. */
  peek(ahead?: number): string | undefined;
  /** The next byte as a fault shows it: itself, or `0xC2`. */
  shown(offset?: number): string;
  place(offset?: number): Place;
  /** Ends the reading. */
  fail(reason: string, place?: Place): never;
  /** Passes white space and comments. */
  skipBlanks(): void;
}

/** What `fail` throws; it never leaves `readJson`. */
export class BrokenJson extends Error {
  readonly fault: Fault;
  constructor(fault: Fault) {
    super(fault.reason);
    this.fault = fault;
  }
}

export function cursorOver(file: string, bytes: Uint8Array): Cursor {
  let lineNumber = 0;
  let lineStart = 0;

  const cursor: Cursor = {
    bytes,
    at: 0,
    depth: 0,
    peek: (ahead = 0) => {
      const byte = bytes[cursor.at + ahead];
      return byte === undefined ? undefined : String.fromCharCode(byte);
    },
    shown: (offset = cursor.at) => printable(bytes[offset] ?? 0),
    place: (offset = cursor.at) => ({ file, lineNumber, bytePositionInLine: offset - lineStart }),
    fail: (reason, place = cursor.place()) => {
      throw new BrokenJson(findingAt('json.invalid', place, reason, hintAbout(bytes, cursor.at)));
    },
    skipBlanks: () => {
      for (;;) {
        const next = cursor.peek();
        if (next === '/') skipComment();
        else if (next === '\n') startLine(1);
        else if (next === ' ' || next === '\t' || next === '\r') cursor.at++;
        else return;
      }
    },
  };

  function startLine(breakLength: number): void {
    cursor.at += breakLength;
    lineNumber++;
    lineStart = cursor.at;
  }

  function skipComment(): void {
    const kind = cursor.peek(1);
    if (kind === '/') skipLineComment();
    else if (kind === '*') skipBlockComment();
    else cursor.fail("'/' is an invalid start of a value.");
  }

  function skipLineComment(): void {
    const start = cursor.place();
    for (let next = cursor.peek(); next !== '\n' && next !== '\r'; next = cursor.peek()) {
      if (next === undefined) return;
      // Some editors break the line at U+2028 and U+2029; what follows them would look as if it counted.
      if (next === '\xe2' && cursor.peek(1) === '\x80' && /[\xa8\xa9]/.test(cursor.peek(2) ?? '')) {
        cursor.fail('Found invalid line or paragraph separator character while reading a comment.', start);
      }
      cursor.at++;
    }
    startLine(cursor.peek() === '\r' && cursor.peek(1) === '\n' ? 2 : 1);
  }

  function skipBlockComment(): void {
    const start = cursor.place();
    cursor.at += 2;
    while (cursor.peek() !== '*' || cursor.peek(1) !== '/') {
      if (cursor.peek() === undefined) {
        cursor.fail('Expected end of comment, but instead reached end of data.', start);
      }
      if (cursor.peek() === '\n') startLine(1);
      else cursor.at++;
    }
    cursor.at += 2;
  }

  return cursor;
}

function printable(byte: number): string {
  return byte >= 0x20 && byte < 0x7f
    ? String.fromCharCode(byte)
    : `0x${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

/** What people paste without seeing it. */
function hintAbout(bytes: Uint8Array, at: number): string | null {
  const next = Buffer.from(bytes.subarray(at, at + 3)).toString('hex');
  if (next.startsWith('c2a0'))
    return 'This is a no-break space, as copied from a web page; type a space instead.';
  if (/^e2809[89cd]/.test(next))
    return 'This is a curly quotation mark, as copied from a document; type a straight one.';
  if (next.startsWith('27')) return 'Keys and texts stand in double quotes.';
  if (at === 0 && /^(fffe|feff)/.test(next)) return 'The file is UTF-16; save it as UTF-8.';
  return null;
}
