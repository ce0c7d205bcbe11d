import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from './nearest.ts';

const NAMES = ['group add', 'group list', 'person add', 'person list', 'client-secret'];

test('a letter dropped, doubled, changed or swapped is forgiven', () => {
  for (const slip of ['grop add', 'group addd', 'gruop add', 'group aff', 'GROUP ADD']) {
    assert.equal(nearest(slip, NAMES), 'group add', slip);
  }
});

test('the beginning of exactly one name is enough', () => {
  assert.equal(nearest('client', NAMES), 'client-secret');
  assert.equal(nearest('person', NAMES), undefined);
});

test('what is like nothing has no nearest', () => {
  assert.equal(nearest('frobnicate', NAMES), undefined);
  assert.equal(nearest('', NAMES), undefined);
});
