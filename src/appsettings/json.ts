import type { Fault, Place } from './findings.ts';
import { BrokenJson, type Cursor, cursorOver } from './json-cursor.ts';
import { isDigit, readNumber, readString, skipLiteral } from './json-scalars.ts';

/**
 * A value with the place where it starts. A number keeps its digits as written; an object keeps all its members in
 * order. Nothing here is a plain object, so no key (`__proto__`) can mean anything.
 */
export type JsonNode = JsonObject | JsonArray | JsonScalar;

export interface JsonObject {
  readonly kind: 'object';
  readonly at: Place;
  readonly members: readonly JsonMember[];
}

export interface JsonMember {
  readonly key: string;
  readonly at: Place;
  readonly value: JsonNode;
}

export interface JsonArray {
  readonly kind: 'array';
  readonly at: Place;
  readonly items: readonly JsonNode[];
}

export type JsonScalar =
  | { readonly kind: 'text' | 'number'; readonly at: Place; readonly text: string }
  | { readonly kind: 'flag'; readonly at: Place; readonly value: boolean }
  | { readonly kind: 'null'; readonly at: Place };

const MAX_DEPTH = 64;

/** How .NET's parser says that the text ends too early, depending on what it has just read. */
const NO_TOKENS =
  'The input does not contain any JSON tokens. Expected the input to start with a valid JSON token, when isFinalBlock is true.';
const NOT_CLOSED =
  'Expected depth to be zero at the end of the JSON payload. There is an open JSON object or array that should be closed.';
const NO_VALUE = 'Expected a value, but instead reached end of data.';
const NOTHING_AFTER_COMMA = 'Expected start of a property name or value, but instead reached end of data.';

/**
 * Reads one JSON text (RFC 8259) in which line and block comments, trailing commas and a byte order mark may stand.
 * Faults are worded and placed as by .NET's Utf8JsonReader, which does not count the byte order mark either. Three
 * differences: a comment may stand between a key and its colon, a wrong literal is quoted without the rest of the
 * file behind it, and invalid UTF-8 in a string is a fault.
 */
export function readJson(
  file: string,
  bytes: Uint8Array,
): { readonly node: JsonNode } | { readonly fault: Fault } {
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const cursor = cursorOver(file, marked ? bytes.subarray(3) : bytes);
  try {
    return { node: readRoot(cursor) };
  } catch (error) {
    if (error instanceof BrokenJson) return { fault: error.fault };
    throw error;
  }
}

function readRoot(cursor: Cursor): JsonNode {
  cursor.skipBlanks();
  const root = readValue(cursor, NO_TOKENS);
  cursor.skipBlanks();
  if (cursor.peek() !== undefined) {
    cursor.fail(`'${cursor.shown()}' is invalid after a single JSON value. Expected end of data.`);
  }
  return root;
}

function readValue(cursor: Cursor, ifAtEnd: string): JsonNode {
  const at = cursor.place();
  const next = cursor.peek();
  if (next === undefined) cursor.fail(ifAtEnd);
  if (next === '{') return { kind: 'object', at, members: readItems(cursor, 'object', '}', readMember) };
  if (next === '[') return { kind: 'array', at, items: readItems(cursor, 'array', ']', readValue) };
  if (next === '"') return { kind: 'text', at, text: readString(cursor) };
  if (next === '-' || isDigit(next)) return { kind: 'number', at, text: readNumber(cursor) };
  if (next === 't' || next === 'f') {
    skipLiteral(cursor, next === 't' ? 'true' : 'false');
    return { kind: 'flag', at, value: next === 't' };
  }
  if (next !== 'n') cursor.fail(`'${cursor.shown()}' is an invalid start of a value.`);
  skipLiteral(cursor, 'null');
  return { kind: 'null', at };
}

/** Reads an object or array to its end, with `readItem` for each of its members or values. */
function readItems<Item>(
  cursor: Cursor,
  name: 'object' | 'array',
  close: '}' | ']',
  readItem: (cursor: Cursor, ifAtEnd: string) => Item,
): Item[] {
  if (cursor.depth === MAX_DEPTH) {
    cursor.fail(
      `The maximum configured depth of ${MAX_DEPTH} has been exceeded. Cannot read next JSON ${name}.`,
    );
  }
  cursor.depth++;
  cursor.at++;
  cursor.skipBlanks();
  const items: Item[] = [];
  let ifAtEnd = NOT_CLOSED;
  while (cursor.peek() !== close) {
    items.push(readItem(cursor, ifAtEnd));
    cursor.skipBlanks();
    skipComma(cursor, close);
    ifAtEnd = NOTHING_AFTER_COMMA;
  }
  cursor.at++;
  cursor.depth--;
  return items;
}

/** Passes the comma after an item; stops at `close`, where there need not be one. */
function skipComma(cursor: Cursor, close: '}' | ']'): void {
  const next = cursor.peek();
  if (next === close) return;
  if (next === undefined) cursor.fail(NOT_CLOSED);
  if (next === '}' || next === ']') cursor.fail(`'${next}' is invalid without a matching open.`);
  if (next !== ',')
    cursor.fail(`'${cursor.shown()}' is invalid after a value. Expected either ',', '}', or ']'.`);
  const comma = cursor.place();
  cursor.at++;
  if (cursor.peek() === undefined) cursor.fail(NOTHING_AFTER_COMMA, comma);
  cursor.skipBlanks();
}

function readMember(cursor: Cursor, ifAtEnd: string): JsonMember {
  const at = cursor.place();
  if (cursor.peek() === undefined) cursor.fail(ifAtEnd);
  if (cursor.peek() !== '"') {
    cursor.fail(`'${cursor.shown()}' is an invalid start of a property name. Expected a '"'.`);
  }
  const key = readString(cursor);
  cursor.skipBlanks();
  if (cursor.peek() === undefined) cursor.fail(NO_VALUE);
  if (cursor.peek() !== ':')
    cursor.fail(`'${cursor.shown()}' is invalid after a property name. Expected a ':'.`);
  cursor.at++;
  cursor.skipBlanks();
  return { key, at, value: readValue(cursor, NOT_CLOSED) };
}
