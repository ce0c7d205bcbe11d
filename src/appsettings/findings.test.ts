import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeFaults, findingAbout, findingAt } from './findings.ts';

const place = { file: '/home/a.json', lineNumber: 13, bytePositionInLine: 6 };
const reason = `'"' is invalid after a value. Expected either ',', '}', or ']'.`;

test('broken JSON is logged as .NET does, with file and line behind it', () => {
  assert.deepEqual(describeFaults([findingAt('json.invalid', place, reason)]).log, [
    `Could not parse the JSON file. ${reason} LineNumber: 13 | BytePositionInLine: 6. File: /home/a.json, line 14.`,
  ]);
});

test('people are told file, line and byte and what to do', () => {
  const faults = [
    findingAt('json.invalid', place, reason, 'Try a comma.'),
    findingAbout('file.too_large', '/b', 'Too large.'),
  ];
  assert.deepEqual(describeFaults(faults).text, [
    `/home/a.json: line 14, byte 6: ${reason} Try a comma.`,
    '/b: Too large.',
  ]);
  assert.equal(describeFaults(faults).log[1], 'Could not use the JSON file. Too large. File: /b.');
});

test('what is no fault is not logged as one', () => {
  const notice = findingAt('key.unknown', place, "'x' means nothing here and is ignored.");
  assert.match(
    describeFaults([notice]).log[0] ?? '',
    /^Perhaps not as meant in the JSON file: 'x' means .* LineNumber: 13 /,
  );
});

test('neither a file name nor a reason can make a line of its own', () => {
  const fault = findingAbout('file.unreadable', '/a\n2026 all is well.json', 'x\u2028\u001b[2Jy\u202e');
  const { log, text } = describeFaults([fault]);
  for (const line of [...log, ...text]) assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Zl}]/u);
});
