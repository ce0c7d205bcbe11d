import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { OPERATIONS } from './operations.ts';
import { REPORTS } from './report-catalogue.ts';

const operations = Object.values(OPERATIONS);

test('no operation id is used twice, and ours keep clear of those that callers know', () => {
  const ids = [...operations.map(({ op }) => op), ...Object.keys(REPORTS)];
  assert.equal(new Set(ids).size, ids.length);
  const known = ['100109', '100111', '290015'];
  assert.deepEqual(ids.filter((id) => Number(id) <= 190_000 || Number(id) >= 200_000).sort(), known);
});

test('the manual of the dialect names every operation with its id', () => {
  const manual = readFileSync(new URL('../../../docs/dialects/myid.md', import.meta.url), 'utf8');
  for (const { op, method, path } of operations) {
    const row = manual.split('\n').find((line) => line.includes(`\`${method} ${path}\``));
    assert.ok(row?.includes(op), `${method} ${path} with ${op} is not in the manual`);
  }
});
