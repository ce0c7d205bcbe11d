import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { suite, test } from 'node:test';
import { transaction } from '#core/context.ts';
import { core, refused } from '#test/actors.ts';
import { testDatabase } from '#test/database.ts';
import { defineAttribute } from './attributes.ts';
import { addPerson, editPerson, enablePerson, findPersonNamed, getPerson, removePerson } from './people.ts';
import type { PersonInput } from './person.ts';

const { db } = await testDatabase();
const site = await core(db);
const sales = await site.group('Sales');

let last = 0;
const someone = (): PersonInput => ({
  logonName: `someone${++last}`,
  firstName: 'Some',
  lastName: 'One',
  groupId: sales,
});
const add = (input: PersonInput = {}, ctx = site.ctx) => addPerson(ctx, { ...someone(), ...input });

suite('a person edited', () => {
  test('has what was given, and keeps the rest', async () => {
    const before = await add({
      title: 'Dr',
      aliases: ['keeps'],
      contacts: [{ kind: 'email', value: 'a@b.c', label: '' }],
    });
    site.clock.time += 1000;
    const after = await editPerson(site.ctx, before.id, { lastName: 'Jones', title: '' });
    assert.deepEqual(after, {
      ...before,
      lastName: 'Jones',
      title: null,
      version: 2,
      changedAt: site.ctx.now,
    });
    assert.deepEqual(await getPerson(site.ctx, before.id), after);
    assert.deepEqual((await site.told(before.id)).at(-1), {
      operation: 'person.edited',
      actorName: 'test',
      outcome: 'success',
      details: { lastName: { from: 'One', to: 'Jones' }, title: { from: 'Dr', to: null } },
    });
  });

  test('to what they are already is not saved and not told', async () => {
    const person = await add({
      aliases: ['Same.Alias'],
      contacts: [
        { kind: 'phone', value: '1', label: '' },
        { kind: 'email', value: 'a@b.c', label: '' },
      ],
      externalIds: [
        { source: 'b', value: '1' },
        { source: 'a', value: '2' },
      ],
      roles: [
        { name: 'Operator', scope: 'self' },
        { name: 'Cardholder', scope: 'all' },
      ],
    });
    const before = await site.size();
    const same = await editPerson(site.ctx, person.id, {
      firstName: ' Some ',
      aliases: ['SAME.alias', person.logonName],
      contacts: [
        { kind: 'email', value: 'a@b.c', label: '' },
        { kind: 'phone', value: '1', label: '' },
      ],
      externalIds: [
        { source: 'a', value: '2' },
        { source: 'b', value: '1' },
      ],
      roles: [
        { name: 'cardholder', scope: 'all' },
        { name: 'OPERATOR', scope: 'self' },
      ],
      groupId: sales,
    });
    assert.deepEqual(same, person);
    assert.deepEqual(await site.size(), before);
  });

  test('is moved between groups of one name', async () => {
    const [here, there] = [await site.group('Here/Team'), await site.group('There/Team')];
    const { id } = await add({ groupId: here });
    const moved = await editPerson(site.ctx, id, { groupId: there });
    assert.equal(moved.groupId, there);
    assert.deepEqual((await site.told(id)).at(-1)?.details, { groupId: { from: here, to: there } });
    const inThere = await site.as(there, { department: ['View Person'] });
    assert.equal((await getPerson(inThere, id)).id, id);
  });

  test('who moves to another tenant takes names, addresses and ids along, if they are free there', async () => {
    const tenant = await site.group('Far tenant', true);
    const { id } = await add({
      logonName: 'mover',
      aliases: ['mv'],
      externalIds: [{ source: 'hr', value: 'm' }],
    });
    await add({ logonName: 'mv', groupId: tenant });
    await refused(editPerson(site.ctx, id, { groupId: tenant }), 'person.alias_taken', 'aliases');
    await editPerson(site.ctx, id, { groupId: tenant, aliases: ['mv2'] });
    const insider = await site.as(tenant, { all: ['View Person'] });
    assert.equal((await findPersonNamed(insider, 'mv2'))?.id, id);
    await add({ logonName: 'mover', aliases: ['mv'], externalIds: [{ source: 'hr', value: 'm' }] });
    await refused(
      add({ groupId: tenant, externalIds: [{ source: 'hr', value: 'm' }] }),
      'person.external_id_taken',
    );
  });

  test('is found by their new name and no more by the old one', async () => {
    const { id, logonName } = await add();
    await editPerson(site.ctx, id, { logonName: 'renamed' });
    assert.equal((await findPersonNamed(site.ctx, 'renamed'))?.id, id);
    assert.equal(await findPersonNamed(site.ctx, logonName), undefined);
    await add({ logonName });
  });

  test('says which name is taken: the logon name or an alias', async () => {
    const other = await add({ aliases: ['others.alias'] });
    const { id } = await add();
    await refused(
      editPerson(site.ctx, id, { logonName: other.logonName, aliases: ['free'] }),
      'person.logon_name_taken',
      'logonName',
    );
    await refused(
      editPerson(site.ctx, id, { aliases: ['free', 'others.alias'] }),
      'person.alias_taken',
      'aliases',
    );
  });

  test('by many at once loses no change', async () => {
    const { id } = await add();
    const fields = [
      'title',
      'middleName',
      'employeeId',
      'cn',
      'dn',
      'domain',
      'ou',
      'upn',
      'samAccountName',
    ] as const;
    await Promise.all([
      ...fields.map((field) => editPerson(site.ctx, id, { [field]: `new ${field}` })),
      editPerson(site.ctx, id, { aliases: ['kept'] }),
      editPerson(site.ctx, id, { contacts: [{ kind: 'fax', value: '1', label: '' }] }),
      editPerson(site.ctx, id, { roles: [{ name: 'Cardholder', scope: 'self' }] }),
    ]);
    const person = await getPerson(site.ctx, id);
    for (const field of fields) assert.equal(person[field], `new ${field}`);
    assert.deepEqual([person.aliases, person.contacts.length, person.roles.length], [['kept'], 1, 1]);
    assert.equal(person.version, 1 + fields.length + 3);
    assert.equal((await site.told(id)).length, person.version);
  });

  test('at a version that is past is refused; of two at one version one wins', async () => {
    const { id, version } = await add();
    const edits = ['A', 'B', 'C', 'D'].map((title) => editPerson(site.ctx, id, { title }, { version }));
    const outcomes = await Promise.allSettled(edits);
    assert.equal(outcomes.filter((o) => o.status === 'fulfilled').length, 1);
    for (const o of outcomes)
      if (o.status === 'rejected') assert.equal(o.reason.code, 'person.version_stale');
    await editPerson(site.ctx, id, { title: 'E' }, { version: version + 1 });
  });

  test('who does not exist, or is no id, is refused', async () => {
    await refused(editPerson(site.ctx, randomUUID(), { title: 'x' }), 'person.not_found');
    await refused(editPerson(site.ctx, 'x', { title: 'x' }), 'request.invalid');
    await refused(getPerson(site.ctx, randomUUID()), 'person.not_found');
    await refused(removePerson(site.ctx, randomUUID()), 'person.not_found');
  });

  test('keeps what is theirs when an attribute becomes required, and cannot be without it when new', async () => {
    const { id } = await add();
    await defineAttribute(site.ctx, { name: 'badge', type: 'number', required: true });
    try {
      assert.equal((await enablePerson(site.ctx, id)).isEnabled, true);
      await editPerson(site.ctx, id, { title: 'x' });
      await refused(
        editPerson(site.ctx, id, { attributes: { badge: null } }),
        'person.value_invalid',
        'badge',
      );
      await refused(add(), 'person.value_invalid', 'badge');
      assert.deepEqual((await add({ attributes: { badge: '12', unknown: 'x' } })).attributes, { badge: 12 });
    } finally {
      await db.sql`update attribute_definition set required = false`;
    }
  });
});

suite('a dry run', () => {
  test('answers as if it were saved, and saves nothing', async () => {
    const { id } = await add({ title: 'before' });
    const before = await site.size();
    const added = await addPerson(
      site.ctx,
      { ...someone(), lastName: 'Dry', roles: [{ name: 'Cardholder', scope: 'self' }] },
      { dryRun: true },
    );
    assert.deepEqual([added.lastName, added.roles.length], ['Dry', 1]);
    assert.equal((await editPerson(site.ctx, id, { title: 'after' }, { dryRun: true })).title, 'after');
    assert.deepEqual(await site.size(), before);
    assert.equal((await getPerson(site.ctx, id)).title, 'before');
  });

  test('refuses what would be refused', async () => {
    const { logonName } = await add();
    await refused(
      addPerson(site.ctx, { ...someone(), logonName }, { dryRun: true }),
      'person.logon_name_taken',
    );
  });

  test('within a transaction leaves the rest of it', async () => {
    const { id } = await add({ title: 'before' });
    await transaction(site.ctx, async (tx) => {
      await editPerson(tx, id, { cn: 'saved' });
      assert.equal((await editPerson(tx, id, { title: 'dry' }, { dryRun: true })).title, 'dry');
      await refused(editPerson(tx, id, { logonName: 'startup\\' }, { dryRun: true }), 'person.value_invalid');
    });
    const person = await getPerson(site.ctx, id);
    assert.deepEqual([person.title, person.cn, person.version], ['before', 'saved', 2]);
    assert.equal((await site.told(id)).length, 2);
  });
});

suite('a person removed', () => {
  test('leaves nothing behind but what the audit tells', async () => {
    const before = await site.size();
    const { id } = await add({
      aliases: ['gone'],
      contacts: [{ kind: 'email', value: 'a@b.c', label: '' }],
      externalIds: [{ source: 'x', value: 'gone' }],
      roles: [{ name: 'Cardholder', scope: 'self' }],
    });
    await removePerson(site.ctx, id);
    assert.deepEqual(await site.size(), { ...before, audit_event: (before.audit_event as number) + 2 });
    assert.deepEqual(
      (await site.told(id)).map((event) => event.operation),
      ['person.added', 'person.removed'],
    );
    await refused(getPerson(site.ctx, id), 'person.not_found');
  });
});
