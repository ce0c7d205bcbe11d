import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Context, Services } from '#core/context.ts';
import { DomainError } from '#core/errors.ts';
import { addGroup } from '#core/groups/groups.ts';
import { ensureBuiltIns } from '#core/organisation.ts';
import { addPerson, editPerson } from '#core/people/people.ts';
import { systemActor } from '#core/roles/actor.ts';
import { testDatabase } from '#test/database.ts';
import { createLogons } from './logons.ts';

const { db } = await testDatabase();
const statements: string[] = [];
/** Counts what is sent. */
const sql = Object.assign(
  (...given: Parameters<typeof db.sql>) => {
    statements.push(given[0].join('?'));
    return db.sql(...given);
  },
  { json: db.sql.json, unprepared: db.sql.unprepared },
) as typeof db.sql;
const passwords = { hash: async () => '', verify: async () => false };
const vault = { seal: (plain: Uint8Array) => plain, unseal: (sealed: Uint8Array) => sealed };
const services: Services = { sql, begin: db.begin, vault, passwords, now: () => new Date() };
const ctx: Context = {
  sql,
  services,
  actor: systemActor('test'),
  origin: { window: 'oauth2', requestId: 'request-1', ip: '192.0.2.1', clientIdentifier: 'PC-1' },
  now: new Date(),
  inTransaction: false,
};
await ensureBuiltIns(ctx);
const tenant = await addGroup(ctx, { name: 'Acme', isTenant: true });
const [root] = await db.sql<{ id: string }>`select id from org_group where parent_id is null`;
const add = async (logonName: string, groupId = root?.id ?? '') =>
  (
    await addPerson(ctx, {
      logonName,
      firstName: 'A',
      groupId,
      roles: [{ name: 'Startup User', scope: 'all' }],
    })
  ).id;
const one = await add('one');
const two = await add('two');
const ofTenant = await add('one', tenant.id);
const disabled = await add('disabled');
await editPerson(ctx, disabled, { isEnabled: false });

const session = {
  clientId: 'client',
  grantType: 'client_credentials',
  mechanism: 'Client Credentials OAuth2 Logon',
  expiresAt: new Date(Date.now() + 60_000),
} as const;
const grant = createLogons(services);
const as = (logonName: string) => grant(ctx, { ...session, logonName });
const reasonOf = async (logon: Promise<unknown>) => {
  const error = await logon.then(
    () => assert.fail('it was granted'),
    (refused) => refused,
  );
  assert.ok(error instanceof DomainError && error.code === 'logon.refused', String(error));
  return error.detail;
};

test('each of many logons at once gets its own session, by its own account, in few statements', async () => {
  statements.length = 0;
  const names = Array.from({ length: 120 }, (_, i) => ['one', 'two', 'acme\\ONE'][i % 3] as string);
  const granted = await Promise.all(names.map(as));
  assert.deepEqual(
    granted.map(({ personId }) => personId),
    names.map((name) => ({ one, two, 'acme\\ONE': ofTenant })[name]),
  );
  assert.equal(new Set(granted.map(({ sessionId }) => sessionId)).size, 120);
  assert.equal(statements.length, 2);
  const rows = await db.sql<{ sessionId: string; actorId: string }>`
    select session_id, actor_id from audit_event where operation = 'logon.granted' and session_id = any (
      select id from logon where id = any (${granted.map((each) => each.sessionId)}::uuid[]))`;
  const actorOf = new Map(rows.map((row) => [row.sessionId, row.actorId]));
  for (const { sessionId, personId } of granted) assert.equal(actorOf.get(sessionId), personId);
});

test('those that are refused do not keep others from theirs, and leave no row', async () => {
  const [before] = await db.sql<{ count: number }>`select count(*) as count from logon`;
  const [good, ...reasons] = await Promise.all([
    as('one'),
    reasonOf(as('nobody')),
    reasonOf(as('')),
    reasonOf(as('nowhere\\one')),
    reasonOf(as('disabled')),
    reasonOf(grant(ctx, { ...session, personId: '8d1f1c1e-0000-4000-8000-000000000009' })),
  ]);
  assert.equal(good.personId, one);
  assert.deepEqual(reasons, [
    'no account of this name',
    'no account of this name',
    'no account of this name',
    'account disabled',
    'no account of this name',
  ]);
  const [after] = await db.sql<{ count: number }>`select count(*) as count from logon`;
  assert.equal(after?.count, (before?.count ?? 0) + 1);
});

test('one that PostgreSQL will not have does not spoil those beside it', async () => {
  const spoilt = { ...ctx, origin: { ...ctx.origin, clientIdentifier: 'NUL \0' } };
  const [bad, good] = await Promise.allSettled([
    grant(spoilt, { ...session, logonName: 'one' }),
    grant(ctx, { ...session, logonName: 'two' }),
  ]);
  assert.equal(bad.status, 'rejected');
  assert.equal(good.status, 'fulfilled');
});

test('an alias is no account', async () => {
  await editPerson(ctx, two, { aliases: ['second'] });
  assert.equal(await reasonOf(as('second')), 'no account of this name');
});

test('a person signs in by their id, whatever they are called', async () => {
  const granted = await grant(ctx, { ...session, mechanism: 'Password Logon', personId: ofTenant });
  const [row] = await db.sql`
    select person_id, client_id, mechanism, grant_type, ip, client_identifier from logon where id = ${granted.sessionId}`;
  assert.deepEqual(row, {
    personId: ofTenant,
    clientId: 'client',
    mechanism: 'Password Logon',
    grantType: 'client_credentials',
    ip: '192.0.2.1',
    clientIdentifier: 'PC-1',
  });
});
