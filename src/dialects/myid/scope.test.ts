import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addPerson } from '#core/people/people.ts';
import { server } from '#test/server.ts';

const on = await server();
const finance = await on.group('Finance');
const payroll = await on.group('Root/Finance/Payroll');
const sales = await on.group('Sales');
const people = new Map<string, string>();
for (const [name, groupId] of [
  ['fay', finance],
  ['pat', payroll],
  ['sam', sales],
] as const) {
  people.set(name, (await addPerson(on.ctx, { logonName: name, firstName: name, groupId })).id);
}

const operations = ['View Person', 'Edit Person'];
for (const scope of ['self', 'department', 'division', 'all']) {
  people.set(scope, await on.actor(scope, { group: 'Finance', operations, scope }));
}

async function get(as: string, path: string) {
  const answer = await on.app.inject({ url: `/rest.core/api/${path}`, headers: on.bearer(as) });
  return { status: answer.statusCode, body: answer.json() };
}

const FINANCE = ['all', 'department', 'division', 'fay', 'self'];
const SEEN = {
  self: ['self'],
  department: FINANCE,
  division: [...FINANCE, 'pat'],
  all: [...FINANCE, 'operator', 'pat', 'sam'],
};

for (const [scope, expected] of Object.entries(SEEN)) {
  test(`MYID-S31 scope ${scope} lists exactly whom it reaches`, async () => {
    const { status, body } = await get(scope, 'People?q=*');
    assert.equal(status, 200);
    const names = body.results.map((p: { logonName: string }) => p.logonName);
    assert.deepEqual(names.sort(), expected.toSorted());
  });

  test(`MYID-S31 scope ${scope} finds by logon name whom it reaches, and nobody else`, async () => {
    for (const name of ['fay', 'pat', 'sam']) {
      const { status, body } = await get(scope, `People?logonName=${name}`);
      assert.equal(status, 200);
      assert.equal(body.results.length, expected.includes(name) ? 1 : 0, name);
    }
  });

  test(`MYID-S31 scope ${scope} reads one by one whom it lists, and says WS50000 to the others`, async () => {
    for (const [name, id] of people) {
      const { status, body } = await get(scope, `People/${id}`);
      assert.equal(status, expected.includes(name) ? 200 : 403, name);
      if (status === 403) assert.equal(body.code, 'WS50000');
    }
  });
}

test('links follow the scope of each permission, not only that of seeing', async () => {
  await on.actor('seer', { group: 'Finance', operations: ['View Person'], scope: 'all' });
  const editor = await on.actor('editor', { group: 'Finance', role: 'role of seer', scope: 'all' });
  await on.services.sql`
    insert into person_role (person_id, role_id, scope)
    select ${editor}::uuid, id, 'division' from role where name = 'role of department'`;
  await on.services.sql`update authority set epoch = epoch + 1`;
  const ops = async (name: string) =>
    (await get('editor', `People/${people.get(name)}`)).body.links.map((link: { op: string }) => link.op);
  assert.ok((await ops('pat')).includes('190004'), 'below Finance');
  assert.deepEqual(await ops('sam'), [], 'in Sales, where they may only look');
});

test('who may edit roles only in a part of the installation has no link to it, and is refused', async () => {
  await on.actor('part', { group: 'Finance', operations: ['Edit Roles'], scope: 'division' });
  assert.deepEqual((await get('part', 'Roles/Cardholder')).body.links, []);
  const answer = await on.app.inject({
    method: 'PATCH',
    url: '/rest.core/api/Roles/Cardholder',
    headers: on.bearer('part'),
    payload: { desc: 'x' },
  });
  assert.equal(answer.json().code, 'WS50000');
});

test('a role of another mechanism gives nothing to a token of this one', async () => {
  await on.actor('by-password', { operations, mechanism: 'Password Logon' });
  assert.equal((await get('by-password', 'People')).status, 200);
  await on.actor('by-secret', { role: 'role of by-password' });
  assert.equal((await get('by-secret', 'People')).body.code, 'WS50000');
});
