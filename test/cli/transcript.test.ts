import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matches, readTranscript } from './transcript.ts';

test('a transcript is read into commands with what they read and print', () => {
  const [only] = readTranscript('## title\n$ signet a "b c" --d=\\"\n< in\nout *\n! err\n= 2\n');
  const step = {
    line: 2,
    command: ['signet', 'a', 'b c', '--d="'],
    stdin: 'in\n',
    stdout: ['out *'],
    stderr: ['err'],
    exit: 2,
  };
  assert.deepEqual(only, { title: 'title', steps: [step] });
});

test('a star stands for text within a line, three dots for lines, anything else for itself', () => {
  assert.ok(matches('one 1.5\ntwo\nthree\n', ['one *.5', '...', 'three']));
  assert.ok(matches('', []));
  assert.ok(!matches('one 125\n', ['one 1.5']));
  assert.ok(!matches('one\ntwo\n', ['one']));
  assert.ok(!matches('one\n', ['one', 'two']));
  assert.ok(!matches('one\ntwo\n', ['one*']));
});
