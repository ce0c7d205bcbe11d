import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { suite, test } from 'node:test';
import type { ErrorCode } from '#core/errors.ts';
import { core, refused } from '#test/actors.ts';
import { testDatabase } from '#test/database.ts';
import { addPerson, findPersonNamed, getPerson } from './people.ts';
import type { PersonInput } from './person.ts';

const { db } = await testDatabase();
const site = await core(db);
const sales = await site.group('Sales');
const law = await site.group('Law');

let last = 0;
const someone = (): PersonInput => ({
  logonName: `someone${++last}`,
  firstName: 'Some',
  lastName: 'One',
  groupId: sales,
});
const add = (input: PersonInput = {}, ctx = site.ctx) => addPerson(ctx, { ...someone(), ...input });

suite('a person added', () => {
  test('is there, as given, trimmed and in normal form', async () => {
    const given = {
      ...someone(),
      title: 'Ms',
      firstName: '  Zoe\u0308 ',
      middleName: 'Q.',
      lastName: 'Ångström',
      employeeId: '11223344',
      dateOfBirth: '1970-01-31',
      cn: 'Zoë',
      dn: 'CN=Zoë,DC=example,DC=org',
      domain: 'EXAMPLE',
      ou: 'OU=Sales',
      samAccountName: 'zoe',
      sysLogonName: 'EXAMPLE\\zoe',
      upn: 'zoe@example.org',
      aliases: ['Zoe.A', 'ZOE.A', 'zo'],
      contacts: [
        { kind: 'phone', value: '+49 1', label: 'work' },
        { kind: 'email', value: 'Zoe@Example.org', label: '' },
        { kind: 'email', value: 'zoe@example.net', label: 'home' },
      ],
      externalIds: [{ source: 'hr', value: '7' }],
      roles: [{ name: 'cardholder', scope: 'Self' }],
    } satisfies PersonInput;
    const { id, ...person } = await addPerson(site.ctx, given);
    assert.deepEqual(await getPerson(site.ctx, id), { id, ...person });
    const { groupId, ...facts } = given;
    assert.deepEqual(
      { ...person, groupAncestors: [] },
      {
        ...facts,
        firstName: 'Zoë',
        aliases: ['zoe.a', 'zo'],
        contacts: [given.contacts[1], given.contacts[2], given.contacts[0]],
        roles: [{ name: 'Cardholder', scope: 'self' }],
        groupId,
        groupName: 'Sales',
        groupAncestors: [],
        tenantId: site.root,
        isEnabled: true,
        disabledReason: null,
        attributes: {},
        imageFields: [],
        version: 1,
        createdAt: site.ctx.now,
        changedAt: site.ctx.now,
      },
    );
    assert.deepEqual(await site.told(id), [
      {
        operation: 'person.added',
        actorName: 'test',
        outcome: 'success',
        details: { group: 'Sales', roles: [{ name: 'Cardholder', scope: 'self' }] },
      },
    ]);
  });

  test('is found by logon name and aliases, in any letter case', async () => {
    const { id } = await add({ logonName: 'Grace.Hopper', aliases: ['Amazing'] });
    for (const name of ['grace.hopper', 'GRACE.HOPPER', 'amazing'])
      assert.equal((await findPersonNamed(site.ctx, name))?.id, id);
  });

  const FAULTS: [what: string, fault: PersonInput, code: ErrorCode, field?: string][] = [
    ['no logon name', { logonName: '' }, 'person.logon_name_required', 'logonName'],
    ['a logon name of blanks', { logonName: ' \u00a0' }, 'person.logon_name_required', 'logonName'],
    ['no first or last name', { firstName: null, lastName: '' }, 'person.name_required', 'name.first'],
    ['names of blanks', { firstName: '  ', lastName: ' ' }, 'person.name_required', 'name.first'],
    ['a backslash in the logon name', { logonName: 'a\\b' }, 'person.value_invalid', 'logonName'],
    ['a NUL in the logon name', { logonName: 'a\0b' }, 'person.value_invalid', 'logonName'],
    [
      'an invisible sign in the logon name',
      { logonName: 'ad\u200bmin' },
      'person.value_invalid',
      'logonName',
    ],
    ['half a surrogate pair', { firstName: 'a\ud800' }, 'person.value_invalid', 'name.first'],
    ['a line break in a name', { lastName: 'a\nb' }, 'person.value_invalid', 'name.last'],
    ['a name too long', { lastName: 'x'.repeat(151) }, 'person.value_invalid', 'name.last'],
    ['a date that is none', { dateOfBirth: '2025-02-29' }, 'person.value_invalid', 'personal.dateOfBirth'],
    [
      'an address that is none',
      { contacts: [{ kind: 'email', value: 'a@b@c', label: '' }] },
      'person.value_invalid',
      'contact.emailAddress',
    ],
    [
      'too many aliases',
      { aliases: Array.from({ length: 51 }, (_, i) => `a${i}`) },
      'person.value_invalid',
      'aliases',
    ],
    [
      'an empty external id',
      { externalIds: [{ source: 'hr', value: ' ' }] },
      'person.value_invalid',
      'externalIds',
    ],
    ['an unknown role', { roles: [{ name: 'Nobody', scope: 'self' }] }, 'role.invalid', 'roles'],
    ['an unknown scope', { roles: [{ name: 'Cardholder', scope: 'everywhere' }] }, 'role.invalid', 'roles'],
    ['an unknown group', { groupId: randomUUID() }, 'group.not_found', 'group'],
    ['a group that is no id', { groupId: 'Sales' }, 'request.invalid'],
    ['no group', { groupId: '' }, 'group.required', 'group'],
  ];
  for (const [what, fault, code, field] of FAULTS) {
    test(`with ${what} is refused, and nothing of them is left`, async () => {
      const before = await site.size();
      await refused(add(fault), code, field);
      assert.deepEqual(await site.size(), before);
    });
  }

  test('with several faults is refused for the first in a fixed order', async () => {
    const inLaw = await site.as(law, { department: ['Add Person'] });
    const taken = (await add()).logonName;
    const faults: [PersonInput, ErrorCode][] = [
      [{ logonName: '' }, 'person.logon_name_required'],
      [{ firstName: '', lastName: '' }, 'person.name_required'],
      [{ dateOfBirth: 'never' }, 'person.value_invalid'],
      [{ roles: [{ name: 'Nobody', scope: 'self' }] }, 'role.invalid'],
      [{ groupId: randomUUID() }, 'group.not_found'],
      [{ logonName: taken }, 'person.logon_name_taken'],
      [{}, 'actor.out_of_scope'],
    ];
    for (let i = 0; i < faults.length; i++) {
      const input = Object.assign(
        {},
        ...faults
          .slice(i)
          .map(([fault]) => fault)
          .toReversed(),
      );
      await refused(add(input, inLaw), (faults[i] as [PersonInput, ErrorCode])[1]);
    }
  });

  test('with a name that is taken, in another letter case or as an alias, is refused', async () => {
    await add({ logonName: 'Taken', aliases: ['also.taken'], externalIds: [{ source: 'hr', value: '42' }] });
    const before = await site.size();
    await refused(add({ logonName: 'TAKEN' }), 'person.logon_name_taken', 'logonName');
    await refused(add({ logonName: 'also.TAKEN' }), 'person.logon_name_taken', 'logonName');
    await refused(add({ aliases: ['fresh', 'taken'] }), 'person.alias_taken', 'aliases');
    await refused(
      add({ externalIds: [{ source: 'hr', value: '42' }] }),
      'person.external_id_taken',
      'externalIds',
    );
    assert.deepEqual(await site.size(), before);
    const tenant = await site.group('Another tenant', true);
    await add({
      logonName: 'taken',
      aliases: ['also.taken'],
      groupId: tenant,
      externalIds: [{ source: 'hr', value: '42' }],
    });
  });

  test('gets the roles that the group gives by default, unless roles are named', async () => {
    const group = await site.group('With defaults');
    await db.sql`insert into group_role (group_id, role_id, default_scope)
      select ${group}, id, case when name = 'Cardholder' then 'self' end from role where name in ('Cardholder', 'Operator')`;
    assert.deepEqual((await add({ groupId: group })).roles, [{ name: 'Cardholder', scope: 'self' }]);
    assert.deepEqual((await add({ groupId: group, roles: [] })).roles, []);
    await db.sql`update org_group set roles_limited = true where id = ${group}`;
    assert.deepEqual((await add({ groupId: group, roles: [{ name: 'Operator', scope: 'self' }] })).roles, [
      { name: 'Operator', scope: 'self' },
    ]);
    await refused(
      add({ groupId: group, roles: [{ name: 'Manager', scope: 'self' }] }),
      'role.not_in_group',
      'roles',
    );
  });

  test('may have names as long as there are, in any script', async () => {
    const long = (length: number) =>
      String.fromCodePoint(...Array.from({ length }, () => 0x4e00 + Math.floor(Math.random() * 20_000)));
    const { id } = await add({
      logonName: long(128),
      firstName: long(150),
      middleName: long(150),
      lastName: long(150),
      dn: long(1024),
      upn: long(1024),
      aliases: [long(128)],
      externalIds: [{ source: long(100), value: long(255) }],
    });
    await getPerson(site.ctx, id);
  });

  test('by two at once under one name is one person, and the other hears of it', async () => {
    const logonName = 'Racer';
    const before = await site.size();
    const tries = Array.from({ length: 20 }, (_, i) =>
      add({
        logonName: i % 2 ? logonName : logonName.toUpperCase(),
        aliases: [`racer-${i}`],
        roles: [{ name: 'Cardholder', scope: 'self' }],
      }),
    );
    const outcomes = await Promise.allSettled(tries);
    assert.equal(outcomes.filter((o) => o.status === 'fulfilled').length, 1);
    for (const o of outcomes)
      if (o.status === 'rejected') assert.equal(o.reason.code, 'person.logon_name_taken');
    const after = await site.size();
    assert.equal(after.person, (before.person as number) + 1);
    assert.equal(after.person_name, (before.person_name as number) + 2);
    assert.equal(after.person_role, (before.person_role as number) + 1);
    assert.equal(after.audit_event, (before.audit_event as number) + 1);
  });
});
