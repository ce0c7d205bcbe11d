import assert from 'node:assert/strict';
import { test } from 'node:test';
import { server } from '#test/server.ts';

const on = await server();
const finance = (await on.group('Finance')).toUpperCase();
const operator = (
  await on.services.sql<{ id: string }>`select id from person where logon_name = 'operator'`
)[0]?.id;

async function send(
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  payload?: object,
  as = 'operator',
) {
  const headers = { ...on.bearer(as), client_identifier: 'PC-7' };
  const answer = await on.app.inject({
    method,
    url: `/rest.core/api/${path}`,
    headers,
    ...(payload && { payload }),
  });
  return { status: answer.statusCode, body: answer.body.startsWith('{') ? answer.json() : undefined };
}

interface Told {
  operation: string;
  outcome: string;
  refusal: string | null;
  actorId: string | null;
  targetId: string | null;
  ip: string;
  clientIdentifier: string;
  wayIn: string;
  details: Record<string, unknown>;
}

async function lastTold(): Promise<Told> {
  const [row] = await on.services.sql<Told>`
    select operation, outcome, refusal, actor_id, target_id, ip, client_identifier, way_in, details
    from audit_event order by id desc limit 1`;
  return row as Told;
}

test('changes of different members of a group at once are all kept', async () => {
  const { body } = await send('POST', 'Groups', { name: 'Busy' });
  const members = [{ desc: 'd' }, { ou: 'o' }, { rolesLimited: '1' }, { roles: [{ id: 'Cardholder' }] }];
  await Promise.all(members.map((member) => send('PATCH', `Groups/${body.id}`, member)));
  const { desc, ou, rolesLimited, roles } = (await send('GET', `Groups/${body.id}`)).body;
  assert.deepEqual([desc, ou, rolesLimited, roles.length], ['d', 'o', '1', 1]);
});

const person = (logonName: string) => ({ logonName, name: { first: 'A' }, group: { id: finance } });

test('of many who add one logon name at once one wins, and the others are told that it is in use', async () => {
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, i) => send('POST', 'People', person(i % 2 ? 'race' : 'RACE'))),
  );
  const codes = answers.map(({ status, body }) => (status === 200 ? 'added' : body.code)).sort();
  assert.deepEqual(codes, [...Array(9).fill('WS39001'), 'added']);
  const rows = await on.services.sql`select 1 as one from person where lower(logon_name) = 'race'`;
  assert.equal(rows.length, 1);
});

test('changes of different members at once are all kept', async () => {
  const { body } = await send('POST', 'People', person('patched'));
  const members = [
    { name: { last: 'Last' } },
    { employeeId: '1' },
    { contact: { emailAddress: 'a@example.com' } },
    { contact: { phone: '5' } },
    { account: { cn: 'cn' } },
    { roles: [{ id: 'Cardholder', scope: 'self' }] },
  ];
  const answers = await Promise.all(members.map((member) => send('PATCH', `People/${body.id}`, member)));
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  const after = (await send('GET', `People/${body.id}`)).body;
  assert.equal(after.name.last, 'Last');
  assert.equal(after.employeeId, '1');
  assert.equal(after.contact.emailAddress, 'a@example.com');
  assert.equal(after.contact.phone, '5');
  assert.equal(after.account.cn, 'cn');
  assert.equal(after.roles.length, 1);
  assert.equal(after.version, 1 + members.length);
});

test('a person sent back as they came changes nothing', async () => {
  const { body } = await send('POST', 'People', {
    ...person('round-trip'),
    contact: {
      emailAddress: 'a@example.com',
      mobile: '1',
      further: [{ type: 'phone', value: '2', label: 'desk' }],
    },
    roles: [{ id: 'Cardholder', scope: 'self' }],
    aliases: ['there-and-back'],
    personal: { dateOfBirth: '1970-01-01' },
  });
  assert.deepEqual((await send('PATCH', `People/${body.id}`, body)).body, body);
});

test('of many who change one version one wins', async () => {
  const { body } = await send('POST', 'People', person('versioned'));
  const answers = await Promise.all(
    Array.from({ length: 6 }, (_, i) =>
      send('PATCH', `People/${body.id}`, { version: 1, employeeId: `${i}` }),
    ),
  );
  const codes = answers.map(({ status, body }) => (status === 200 ? 'changed' : body.code)).sort();
  assert.deepEqual(codes, [...Array(5).fill('WS59005'), 'changed']);
});

test('every change leaves one event that tells who did what to whom, and from where', async () => {
  const added = (await send('POST', 'People', person('told'))).body;
  const { details, ...event } = await lastTold();
  assert.deepEqual(event, {
    operation: 'person.added',
    outcome: 'success',
    refusal: null,
    actorId: operator,
    targetId: added.id.toLowerCase(),
    ip: '127.0.0.1',
    clientIdentifier: 'PC-7',
    wayIn: 'myid',
  });
  assert.deepEqual(details, { group: 'Finance', roles: [] });

  const image = { image: { data: 'AAAA', mimetype: 'image/png' } };
  const steps: [
    method: 'POST' | 'PATCH' | 'DELETE',
    path: string,
    body: object | undefined,
    operation: string,
  ][] = [
    ['PATCH', `People/${added.id}`, { employeeId: '9' }, 'person.edited'],
    ['POST', `People/${added.id}/images/photo`, image, 'image.set'],
    ['POST', `People/${added.id}/disable`, { reason: 'why' }, 'person.edited'],
    ['POST', `People/${added.id}/enable`, undefined, 'person.edited'],
    ['DELETE', `People/${added.id}`, undefined, 'person.removed'],
    ['POST', 'Groups', { name: 'Told' }, 'group.added'],
    ['POST', 'Roles', { name: 'Told' }, 'role.added'],
    ['PATCH', 'Roles/Told', { desc: 'x' }, 'role.edited'],
    ['DELETE', 'Roles/Told', undefined, 'role.removed'],
    ['PATCH', 'Settings/Password%20Minimum%20Length', { value: 14 }, 'setting.changed'],
    ['POST', 'Attributes', { name: 'told', type: 'text' }, 'attribute.defined'],
    ['DELETE', 'Attributes/told', undefined, 'attribute.removed'],
  ];
  for (const [method, path, body, operation] of steps) {
    const { status } = await send(method, path, body);
    assert.equal(status, 200, path);
    const event = await lastTold();
    assert.equal(event.operation, operation);
    assert.equal(event.actorId, operator);
  }
});

test('a change of a person is told with what was before and after', async () => {
  const { body } = await send('POST', 'People', person('from-to'));
  await send('PATCH', `People/${body.id}`, { employeeId: '77' });
  assert.deepEqual((await lastTold()).details, { employeeId: { from: null, to: '77' } });
});

test('a refusal is told too, with the code it was refused with', async () => {
  await on.actor('viewer', { operations: ['View Person'] });
  await send('POST', 'People', person('refused'), 'viewer');
  const event = await lastTold();
  assert.deepEqual(
    [event.operation, event.outcome, event.refusal],
    ['access.refused', 'refused', 'actor.forbidden'],
  );
});

test('asking what would be saved leaves neither a row nor an event', async () => {
  const before = await on.services.sql`select id from audit_event`;
  const { status } = await send('POST', 'People?confirm=true', person('asked'));
  assert.equal(status, 200);
  assert.equal((await on.services.sql`select id from audit_event`).length, before.length);
  assert.equal((await on.services.sql`select id from person where logon_name = 'asked'`).length, 0);
});
