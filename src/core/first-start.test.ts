import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { beforeEach, test } from 'node:test';
import { passwordHasher } from '#adapters/passwords.ts';
import type { Context, Services } from '#core/context.ts';
import { createVault, masterKey } from '#core/keys/vault.ts';
import { addPerson, findPersonNamed, removePerson } from '#core/people/people.ts';
import { systemActor } from '#core/roles/actor.ts';
import { testDatabase } from '#test/database.ts';
import { firstStart, isInitialised } from './first-start.ts';

const { db } = await testDatabase();
const key = masterKey(randomBytes(32));
const services: Services = {
  sql: db.sql,
  begin: db.begin,
  now: () => new Date(),
  vault: createVault({ current: () => key, find: () => key }),
  passwords: passwordHasher,
};
const ctx: Context = {
  sql: db.sql,
  services,
  actor: systemActor('test'),
  origin: { window: 'cli', requestId: '-', ip: null, clientIdentifier: null },
  now: new Date(),
  inTransaction: false,
};

beforeEach(() => db.pool.query('truncate person, role, org_group cascade'));

async function matches(password: string): Promise<boolean> {
  const { rows } = await db.pool.query('select password_hash from person');
  return passwordHasher.verify(rows[0].password_hash, password);
}

test('a new installation gets its built-in data and one account with a random password', async () => {
  assert.equal(await isInitialised(db.sql), false);
  const account = await firstStart(ctx);
  assert.equal(account?.logonName, 'startup');
  assert.match(account?.password ?? '', /^(\w{4}-){5}\w{4}$/);
  assert.equal(await matches(account?.password ?? ''), true);
  assert.equal(await isInitialised(db.sql), true);
});

test('the password may be given', async () => {
  const account = await firstStart(ctx, 'correct horse battery');
  assert.equal(account?.isGiven, true);
  assert.equal(await matches('correct horse battery'), true);
});

test('a given password that is too short leaves no account behind, and the next start makes it', async () => {
  await assert.rejects(firstStart(ctx, 'short'), { code: 'password.unacceptable' });
  assert.equal(await findPersonNamed(ctx, 'startup'), undefined);
  assert.notEqual(await firstStart(ctx, 'correct horse battery'), undefined);
});

test('several processes that start at once make one account, and one of them shows it', async () => {
  const accounts = await Promise.all(Array.from({ length: 5 }, () => firstStart(ctx)));
  const made = accounts.filter((account) => account !== undefined);
  assert.equal(made.length, 1);
  assert.equal(await matches(made[0]?.password ?? ''), true);
});

test('a first account that was removed does not come back', async () => {
  await firstStart(ctx);
  const startup = await findPersonNamed(ctx, 'startup');
  const roles = [{ name: 'Startup User', scope: 'all' }];
  const successor = { logonName: 'admin', firstName: 'Ada', groupId: startup?.groupId as string, roles };
  await addPerson(ctx, successor);
  await removePerson(ctx, startup?.id as string);
  assert.equal(await firstStart(ctx), undefined);
  assert.equal(await findPersonNamed(ctx, 'startup'), undefined);
});
