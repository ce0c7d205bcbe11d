import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testDatabase } from './database.ts';

const [one, other] = await Promise.all([testDatabase(), testDatabase()]);

test('each test file gets a migrated database that nobody else sees', async () => {
  const [before] = await one.db.sql<{
    epoch: number;
  }>`update authority set epoch = epoch + 41 returning epoch`;
  const [untouched] = await other.db.sql<{ epoch: number }>`select epoch from authority`;
  assert.equal(before?.epoch, 42);
  assert.equal(untouched?.epoch, 1);
});
