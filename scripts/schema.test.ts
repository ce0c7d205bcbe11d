import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { testDatabase } from '../test/database.ts';
import { describeSchema } from './schema.ts';

test('schema.sql is what the migrations make, on every PostgreSQL', async () => {
  const { url } = await testDatabase();
  assert.equal(await describeSchema(url), readFileSync('schema.sql', 'utf8'));
});
