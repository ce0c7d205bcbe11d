import assert from 'node:assert/strict';
import { test } from 'node:test';
import { facts, table } from './table.ts';

test('columns are as wide as their widest cell, the last one ends where it ends', () => {
  assert.equal(
    table(
      ['A', 'B'],
      [
        ['one', '1'],
        ['x', 'longer'],
      ],
    ),
    'A    B\none  1\nx    longer\n',
  );
});

test('letters of two columns and combining marks count as what they take', () => {
  assert.equal(
    table(
      ['NAME', 'X'],
      [
        ['李伟伟', '1'],
        ['e\u0301a', '2'],
      ],
    ),
    'NAME    X\n李伟伟  1\ne\u0301a      2\n',
  );
});

test('no rows are no table', () => {
  assert.equal(table(['A'], []), '');
});

test('what came from outside cannot write to the terminal as it likes', () => {
  const hostile = 'a\u001b[2Jb\nc\u202ed';
  assert.equal(table(['A'], [[hostile]]), 'A\na\ufffd[2Jb\ufffdc\ufffdd\n');
  assert.equal(facts([['A', hostile]]), 'A  a\ufffd[2Jb\ufffdc\ufffdd\n');
});
