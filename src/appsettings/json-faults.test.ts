import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Fault } from './findings.ts';
import { readJson } from './json.ts';

const bytes = (text: string) => Buffer.from(text);
const NBSP = '\u00a0';

function faultOf(input: string | Uint8Array): Fault {
  const read = readJson('a.json', typeof input === 'string' ? bytes(input) : input);
  assert.ok('fault' in read, 'accepted');
  return read.fault;
}

const DEEP = 'The maximum configured depth of 64 has been exceeded. Cannot read next JSON';
const ESCAPED = 'The string should be correctly escaped.';
const DIGIT = "Expected a digit ('0'-'9').";
const NOT_CLOSED =
  'Expected depth to be zero at the end of the JSON payload. There is an open JSON object or array that should be closed.';
const AFTER_COMMA = 'Expected start of a property name or value, but instead reached end of data.';
const NO_TOKENS =
  'The input does not contain any JSON tokens. Expected the input to start with a valid JSON token, when isFinalBlock is true.';

suite("faults are worded and placed as by .NET's parser", () => {
  const cases: [title: string, text: string, lineNumber: number, byte: number, reason: string][] = [
    [
      'a missing comma',
      '{\n  "a": 1\n  "b": 2\n}',
      2,
      2,
      `'"' is invalid after a value. Expected either ',', '}', or ']'.`,
    ],
    [
      'a no-break space before a key',
      `{\n${NBSP}"a": 1}`,
      1,
      0,
      `'0xC2' is an invalid start of a property name. Expected a '"'.`,
    ],
    ['a no-break space before a value', `{"a":${NBSP}1}`, 0, 5, "'0xC2' is an invalid start of a value."],
    [
      'a no-break space after a value',
      `{"ä": 1${NBSP}}`,
      0,
      8,
      "'0xC2' is an invalid end of a number. Expected a delimiter.",
    ],
    [
      'a no-break space after a text',
      `{"a": ""${NBSP}}`,
      0,
      8,
      "'0xC2' is invalid after a value. Expected either ',', '}', or ']'.",
    ],
    ['a single quote', "{'a': 1}", 0, 1, `''' is an invalid start of a property name. Expected a '"'.`],
    ['a missing colon', '{"a" 1}', 0, 5, "'1' is invalid after a property name. Expected a ':'."],
    ['a key without value', '{"a"', 0, 4, 'Expected a value, but instead reached end of data.'],
    ['two commas', '[1,,2]', 0, 3, "',' is an invalid start of a value."],
    ['a comma without value', '{,}', 0, 1, `',' is an invalid start of a property name. Expected a '"'.`],
    ['the wrong bracket', '{"a": [1}', 0, 8, "'}' is invalid without a matching open."],
    ['a bracket for a value', '[}', 0, 1, "'}' is an invalid start of a value."],
    ['more behind the end', '{} x', 0, 3, "'x' is invalid after a single JSON value. Expected end of data."],
    ['an empty file', '', 0, 0, NO_TOKENS],
    ['nothing but a comment', '\n// nothing', 1, 10, NO_TOKENS],
    ['an open object', '{\n', 1, 0, NOT_CLOSED],
    ['an open array', '[1 ', 0, 3, NOT_CLOSED],
    ['a key with a colon at the end', '{"a": ', 0, 6, NOT_CLOSED],
    ['a comma at the very end', '{"a": 1,', 0, 7, AFTER_COMMA],
    ['a comma and a blank at the end', '[1, ', 0, 4, AFTER_COMMA],
    ['an open string', '["abc', 0, 5, 'Expected end of string, but instead reached end of data.'],
    [
      'an open string with an escape',
      '["\\n',
      0,
      4,
      'Expected end of string, but instead reached end of data.',
    ],
    ['an open unicode escape', '["\\u00', 0, 6, 'Expected end of string, but instead reached end of data.'],
    ['a line break in a string', '["a\nb"]', 0, 3, `'0x0A' is invalid within a JSON string. ${ESCAPED}`],
    [
      'an unknown escape',
      '["C:\\Program"]',
      0,
      5,
      `'P' is an invalid escapable character within a JSON string. ${ESCAPED}`,
    ],
    [
      'a wrong hex digit',
      '["\\u00g0"]',
      0,
      6,
      `'g' is not a hex digit following '\\u' within a JSON string. ${ESCAPED}`,
    ],
    ['a literal in capitals', '[True]', 0, 1, "'T' is an invalid start of a value."],
    [
      'a misspelt literal',
      '[tru, "password"]',
      0,
      4,
      "'tru' is an invalid JSON literal. Expected the literal 'true'.",
    ],
    ['a cut literal', '[nul', 0, 4, "'nul' is an invalid JSON literal. Expected the literal 'null'."],
    ['a leading zero', '[007]', 0, 2, "Invalid leading zero before '0'."],
    ['a plus sign', '[+1]', 0, 1, "'+' is an invalid start of a value."],
    [
      'a sign without digit',
      '[-x]',
      0,
      2,
      `'x' is invalid within a number, immediately after a sign character ('+' or '-'). ${DIGIT}`,
    ],
    [
      'a point without digit',
      '[1.]',
      0,
      3,
      `']' is invalid within a number, immediately after a decimal point ('.'). ${DIGIT}`,
    ],
    [
      'a number cut after its point',
      '1.',
      0,
      2,
      "Expected a digit ('0'-'9'), but instead reached end of data.",
    ],
    ['a letter behind a number', '[12a]', 0, 3, "'a' is an invalid end of a number. Expected a delimiter."],
    ['a letter behind decimals', '[1.5f]', 0, 4, "'f' is an invalid end of a number. Expected 'E' or 'e'."],
    [
      'a number at the end of an open array',
      '[12',
      0,
      3,
      "'2' is an invalid end of a number. Expected a delimiter.",
    ],
    ['half a comment mark', '[1] / 2', 0, 4, "'/' is an invalid start of a value."],
    ['an open comment', '{ /* "a": 1 }', 0, 2, 'Expected end of comment, but instead reached end of data.'],
    [
      'a paragraph separator in a comment',
      '{ // a\u2029"b": 1\n}',
      0,
      2,
      'Found invalid line or paragraph separator character while reading a comment.',
    ],
    [
      'half a surrogate pair',
      '["\\ud83d"]',
      0,
      2,
      'Cannot read incomplete UTF-16 JSON text as string with missing low surrogate.',
    ],
    [
      'the other half',
      '["a\\uDE00"]',
      0,
      3,
      "Cannot read invalid UTF-16 JSON text as string. Invalid surrogate value: '0xDE00'.",
    ],
    [
      'a half followed by no other half',
      '["\\ud83d\\ue000"]',
      0,
      2,
      "Cannot read invalid UTF-16 JSON text as string. Invalid surrogate value: '0xE000'.",
    ],
    ['65 objects', '{"a":'.repeat(65), 0, 320, `${DEEP} object.`],
    ['65 arrays', '['.repeat(100_000), 0, 64, `${DEEP} array.`],
  ];
  for (const [title, text, lineNumber, bytePositionInLine, reason] of cases) {
    test(title, () => {
      const { hint: _, ...fault } = faultOf(text);
      assert.deepEqual(fault, {
        code: 'json.invalid',
        file: 'a.json',
        line: lineNumber + 1,
        lineNumber,
        bytePositionInLine,
        reason,
      });
    });
  }
});

test('lines end at a line feed, also within comments and after a carriage return', () => {
  const text = '// one\r\n/* two\nthree */ {\r\n  "ä": 1, // four\n  x';
  const { lineNumber, bytePositionInLine } = faultOf(text);
  assert.deepEqual([lineNumber, bytePositionInLine], [4, 2]);
  assert.equal(faultOf('/* a\nbc */ x').bytePositionInLine, 6);
});

test('a byte order mark is not counted', () => {
  assert.equal(faultOf('\ufeffx').bytePositionInLine, 0);
});

test('invalid UTF-8 in a string is a fault at the byte that breaks it', () => {
  const { reason, bytePositionInLine } = faultOf(
    Buffer.concat([bytes('{"a": "\ufffdä'), Buffer.of(0xc3), bytes('x"}')]),
  );
  assert.equal(reason, 'Cannot transcode invalid UTF-8 JSON text to UTF-16 string.');
  assert.equal(bytePositionInLine, 13);
});

test('what people paste without seeing it is explained', () => {
  assert.match(faultOf(`{${NBSP}}`).hint ?? '', /no-break space/);
  assert.match(faultOf('{“a”: 1}').hint ?? '', /curly/);
  assert.match(faultOf("{'a': 1}").hint ?? '', /double quotes/);
  assert.match(faultOf(Buffer.from('\ufeff{}', 'utf16le')).hint ?? '', /UTF-16/);
  assert.equal(faultOf('{"a" 1}').hint, null);
});
