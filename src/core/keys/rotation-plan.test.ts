import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextTerm } from './rotation-plan.ts';

const DAY = 86_400_000;
const now = new Date('2026-03-01T00:00:00Z');
const at = (days: number) => new Date(now.getTime() + days * DAY);
const term = (from: number, until: number) => ({ signsFrom: at(from), signsUntil: at(until) });
const days = { lifetime: 90, overlap: 7 };

test('the first key signs at once, and from a little before for clocks that are behind', () => {
  const first = nextTerm([], now, days);
  assert.equal(first?.signsFrom.getTime(), now.getTime() - 300_000);
  assert.equal(first && first.signsUntil.getTime() - first.signsFrom.getTime(), 90 * DAY);
});

test('nothing is made while the present key signs for longer than the overlap', () => {
  assert.equal(nextTerm([term(-82, 8)], now, days), undefined);
});

test('the next key is made an overlap before the present one ends, and signs from that end', () => {
  assert.deepEqual(nextTerm([term(-83, 7)], now, days), term(7, 97));
});

test('one next key is enough', () => {
  assert.equal(nextTerm([term(-83, 7), term(7, 97)], now, days), undefined);
});

test('after a long stop, with no key that signs, one is made that signs at once', () => {
  assert.equal(nextTerm([term(-200, -110)], now, days)?.signsFrom.getTime(), now.getTime() - 300_000);
});
