import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { after, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { setPassword } from '#core/people/passwords.ts';
import { disablePerson, editPerson, enablePerson, removePerson } from '#core/people/people.ts';
import { setSetting } from '#core/settings/settings.ts';
import { core, refused } from '#test/actors.ts';
import { testDatabase } from '#test/database.ts';
import { createActors } from './actors.ts';
import { addRole, editRole } from './roles.ts';

const { db, url } = await testDatabase();
const site = await core(db);
const { ctx } = site;
const sales = await site.group('Sales');

/** This process, and another one on the same database. */
const here = createActors(site.services);
const program = fileURLToPath(new URL('../../../test/actors-program.ts', import.meta.url));
const there = spawn(process.execPath, [program, url], { stdio: ['pipe', 'pipe', 'inherit'] });
const answers = createInterface(there.stdout)[Symbol.asyncIterator]();
after(() => there.stdin.end());

type Told = string | { name: string; groupId: string; scopes: Record<string, string> };

/** What both say of a session, which must be the same. */
async function told(sessionId: string): Promise<Told> {
  const mine: Told = await here.confirm({ sessionId, revocationIds: [`session:${sessionId}`] }).then(
    (actor) => ({ name: actor.name, groupId: actor.groupId, scopes: Object.fromEntries(actor.permissions) }),
    (error: { code: string }) => error.code,
  );
  there.stdin.write(`${sessionId}\n`);
  const { value } = await answers.next();
  assert.deepEqual(JSON.parse(value ?? ''), mine);
  return mine;
}

const scopeOf = (what: Told, permission: string) =>
  typeof what === 'string' ? what : (what.scopes[permission] ?? 'none');

async function signIn(personId: string, mechanism = 'Password Logon'): Promise<string> {
  const id = randomUUID();
  await db.sql`insert into logon (id, person_id, client_id, mechanism, grant_type, at, expires_at)
    values (${id}, ${personId}, 'client', ${mechanism}, 'password', ${ctx.now}, ${new Date(ctx.now.getTime() + 3_600_000)})`;
  return id;
}

let last = 0;
async function someone(scope = 'department') {
  const role = await addRole(ctx, {
    name: `Role ${++last}`,
    operations: ['View Person'],
    mechanisms: ['Password Logon', 'Client Credentials OAuth2 Logon'],
  });
  const id = await site.person(sales, { roles: [{ name: role.name, scope }] });
  return { id, role: role.name, session: await signIn(id) };
}

suite('a change is noticed at once, in every process:', () => {
  test('of the roles that somebody has', async () => {
    const { id, role, session } = await someone();
    assert.equal(scopeOf(await told(session), 'person.view'), 'department');
    await editPerson(ctx, id, { roles: [{ name: role, scope: 'all' }] });
    assert.equal(scopeOf(await told(session), 'person.view'), 'all');
    await editPerson(ctx, id, { roles: [] });
    assert.equal(scopeOf(await told(session), 'person.view'), 'none');
  });

  test('of what a role allows, and by which mechanism', async () => {
    const { role, session } = await someone();
    assert.equal(scopeOf(await told(session), 'group.add'), 'none');
    await editRole(ctx, role, { operations: ['View Person', 'Add Group'] });
    assert.equal(scopeOf(await told(session), 'group.add'), 'department');
    await editRole(ctx, role, { mechanisms: ['Smart Card'] });
    assert.equal(scopeOf(await told(session), 'group.add'), 'none');
  });

  test('of the group that somebody is in', async () => {
    const { id, session } = await someone();
    const law = await site.group('Law');
    await told(session);
    await editPerson(ctx, id, { groupId: law, logonName: 'moved' });
    const after = await told(session);
    assert.deepEqual(typeof after === 'object' && [after.groupId, after.name], [law, 'moved']);
  });

  test('of the setting that switches a mechanism', async () => {
    const { session } = await someone();
    assert.equal(scopeOf(await told(session), 'person.view'), 'department');
    await setSetting(ctx, 'Password Logon', 'No');
    assert.equal(scopeOf(await told(session), 'person.view'), 'none');
    await setSetting(ctx, 'Password Logon', 'Yes');
    assert.equal(scopeOf(await told(session), 'person.view'), 'department');
  });

  test('of somebody who is disabled: their sessions end and stay ended', async () => {
    const { id, session } = await someone();
    const other = await signIn(id, 'Client Credentials OAuth2 Logon');
    await told(session);
    await disablePerson(ctx, id, 'left');
    assert.deepEqual(
      [await told(session), await told(other)],
      ['actor.unauthenticated', 'actor.unauthenticated'],
    );
    await enablePerson(ctx, id);
    assert.equal(await told(session), 'actor.unauthenticated');
    assert.equal(scopeOf(await told(await signIn(id)), 'person.view'), 'department');
  });

  test('of a new password: sessions end', async () => {
    const { id, session } = await someone();
    await told(session);
    await setPassword(ctx, id, 'correct horse battery');
    assert.equal(await told(session), 'actor.unauthenticated');
  });

  test('of somebody who is removed', async () => {
    const { id, session } = await someone();
    await told(session);
    await removePerson(ctx, id);
    assert.equal(await told(session), 'actor.unauthenticated');
  });

  test('of a token that is revoked', async () => {
    const { session } = await someone();
    await told(session);
    await db.sql`insert into revoked (id, until) values (${`session:${session}`}, ${ctx.now})`;
    assert.equal(await told(session), 'actor.unauthenticated');
  });
});

suite('an actor', () => {
  test('is remembered until something changes', async () => {
    const { id, session } = await someone();
    assert.equal(here.remembered(session), undefined);
    const first = await here.confirm({ sessionId: session, revocationIds: [] });
    assert.equal(here.remembered(session), first);
    assert.equal(await here.confirm({ sessionId: session, revocationIds: [] }), first);
    await editPerson(ctx, id, { title: 'x' });
    assert.notEqual(await here.confirm({ sessionId: session, revocationIds: [] }), first);
    await disablePerson(ctx, id, 'x');
    await refused(here.confirm({ sessionId: session, revocationIds: [] }), 'actor.unauthenticated');
    assert.equal(here.remembered(session), undefined);
  });

  test('of a session that never was is nobody', async () => {
    await refused(here.confirm({ sessionId: randomUUID(), revocationIds: [] }), 'actor.unauthenticated');
    await refused(here.confirm({ sessionId: 'x', revocationIds: [] }), 'request.invalid');
  });

  test('in a tenant has scope all only there', async () => {
    const tenant = await site.group('Tenant', true);
    const id = await site.person(tenant, { roles: [{ name: 'Startup User', scope: 'all' }] });
    const actor = await here.confirm({ sessionId: await signIn(id), revocationIds: [] });
    assert.deepEqual(
      [actor.inRootTenant, actor.tenantId, actor.permissions.get('person.view')],
      [false, tenant, 'all'],
    );
  });
});
