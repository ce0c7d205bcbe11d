import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { SEALED_COLUMNS } from './sealed-columns.ts';

/** `table.column` of every column whose name begins with `sealed_`, as the migrations make them. */
function sealedColumns(migrations: string): string[] {
  const found: string[] = [];
  for (const [, table, body = ''] of migrations.matchAll(
    /create table (?:if not exists )?(\w+) \(\n(.*?)\n\);/gs,
  )) {
    for (const [, column] of body.matchAll(/^\s*(sealed_\w+)/gm)) found.push(`${table}.${column}`);
  }
  for (const [, table, change = ''] of migrations.matchAll(/alter table (\w+)([^;]*);/gs)) {
    for (const [, column] of change.matchAll(/add (?:column )?(?:if not exists )?(sealed_\w+)/g))
      found.push(`${table}.${column}`);
  }
  return found.sort();
}

const migrations = globSync('migrations/*.sql', { cwd: new URL('../../..', import.meta.url) })
  .map((file) => readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8'))
  .join('\n');

test('every sealed column of the migrations is in the list that a rotation goes through', () => {
  const found = sealedColumns(migrations);
  assert.ok(found.length > 0, 'no columns, no proof');
  assert.deepEqual(SEALED_COLUMNS.map((c) => `${c.table}.${c.column}`).sort(), found);
});

test('every mention of a sealed column in the migrations is understood', () => {
  const mentioned = new Set(migrations.replaceAll(/--.*$/gm, '').match(/\bsealed_\w+/g));
  const understood = new Set(sealedColumns(migrations).map((name) => name.split('.')[1]));
  assert.deepEqual([...mentioned].sort(), [...understood].sort());
});

test('a column made later by alter table is seen', () => {
  const planted = 'create table a (\n  id int\n);\nalter table a add column sealed_seed bytea;';
  assert.deepEqual(sealedColumns(planted), ['a.sealed_seed']);
});
