import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { suite, test } from 'node:test';
import { editGroup } from '#core/groups/groups.ts';
import { editPerson } from '#core/people/people.ts';
import { core, refused } from '#test/actors.ts';
import { testDatabase } from '#test/database.ts';
import { MECHANISMS } from './mechanisms.ts';
import { OPTION_NAMES } from './permissions.ts';
import { addRole, editRole, getRole, listRoles, removeRole } from './roles.ts';

const { db } = await testDatabase();
const site = await core(db);
const { ctx } = site;

suite('the built-in roles', () => {
  test('are there, may be edited, and cannot be removed', async () => {
    const roles = await listRoles(ctx);
    assert.equal(roles.filter((role) => role.isBuiltIn).length, 21);
    assert.deepEqual((await getRole(ctx, 'allow none')).operations, []);
    assert.deepEqual((await getRole(ctx, 'STARTUP USER')).operations, OPTION_NAMES);
    await refused(removeRole(ctx, 'Cardholder'), 'role.built_in');
    await editRole(ctx, 'Cardholder', { description: 'Ours' });
    assert.equal((await getRole(ctx, 'cardholder')).description, 'Ours');
  });
});

suite('a role added', () => {
  test('has what was named, in any letter case, and what it was derived from', async () => {
    const role = await addRole(ctx, {
      name: ' Guards ',
      description: 'At the door',
      from: 'allow none',
      operations: ['view person', 'IDENTIFY CARD', 'View Person'],
      mechanisms: ['client credentials oauth2', 'Smart Card'],
    });
    assert.deepEqual(role, {
      id: role.id,
      name: 'Guards',
      description: 'At the door',
      operations: ['View Person', 'Identify Card'],
      mechanisms: ['Client Credentials OAuth2 Logon', 'Smart Card'],
      isBuiltIn: false,
    });
    assert.deepEqual(await getRole(ctx, role.id.toUpperCase()), role);
    assert.deepEqual((await site.told(role.id))[0]?.details, {
      operations: role.operations,
      mechanisms: role.mechanisms,
    });
    const derived = await addRole(ctx, { name: 'More guards', from: 'Guards', operations: ['Request Card'] });
    assert.deepEqual(derived.operations, ['View Person', 'Identify Card', 'Request Card']);
    assert.deepEqual(derived.mechanisms, role.mechanisms);
  });

  test('with all operations has all that the actor has', async () => {
    assert.deepEqual(
      (await addRole(ctx, { name: 'Everything', operations: ['ALL'] })).operations,
      OPTION_NAMES,
    );
    const some = await site.as(site.root, { all: ['Edit Roles', 'Add Group'], none: ['Remove Person'] });
    const { operations } = await addRole(some, { name: 'Something', operations: ['all'] });
    assert.deepEqual(operations.toSorted(), ['Add Group', 'Edit Roles']);
  });

  const FAULTS = [
    ['no name', { name: ' ' }, 'role.name_required'],
    ['a name too long', { name: 'x'.repeat(101) }, 'role.name_required'],
    ['a NUL in its name', { name: 'a\0' }, 'role.name_required'],
    ['a name that looks like an id', { name: randomUUID() }, 'role.name_required'],
    ['a description too long', { name: 'x', description: 'x'.repeat(1001) }, 'request.value_invalid'],
    ['an unknown operation', { name: 'x', operations: ['Fly'] }, 'operation.unknown'],
    ['an unknown mechanism', { name: 'x', mechanisms: ['Magic'] }, 'mechanism.unknown'],
    ['an unknown role to start from', { name: 'x', from: 'Nothing' }, 'role.not_found'],
    ['a name that is taken', { name: 'OPERATOR' }, 'role.name_taken'],
  ] as const;
  for (const [what, input, code] of FAULTS) {
    test(`with ${what} is refused`, async () => {
      const before = await site.size();
      await refused(addRole(ctx, input), code);
      assert.deepEqual(await site.size(), before);
    });
  }

  test('by many at once under one name is one role', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, () => addRole(ctx, { name: 'Race' })),
    );
    assert.equal(outcomes.filter((o) => o.status === 'fulfilled').length, 1);
    for (const o of outcomes) if (o.status === 'rejected') assert.equal(o.reason.code, 'role.name_taken');
  });
});

suite('a role edited', () => {
  test('has what was given, keeps the rest, and tells what changed', async () => {
    const { id } = await addRole(ctx, {
      name: 'Editable',
      operations: ['View Person'],
      mechanisms: MECHANISMS,
    });
    const role = await editRole(ctx, 'EDITABLE', {
      name: 'Edited',
      operations: ['View Person', 'Add Group'],
    });
    assert.deepEqual(await getRole(ctx, id), role);
    assert.deepEqual([role.name, role.mechanisms.length], ['Edited', MECHANISMS.length]);
    assert.deepEqual((await site.told(id)).at(-1)?.details, {
      name: { from: 'Editable', to: 'Edited' },
      operations: { from: ['View Person'], to: ['View Person', 'Add Group'] },
    });
    const before = await site.size();
    await editRole(ctx, id, { name: 'Edited', mechanisms: MECHANISMS });
    assert.deepEqual(await site.size(), before);
  });

  test('cannot take the name of another, also when two do so at once', async () => {
    await addRole(ctx, { name: 'One' });
    await addRole(ctx, { name: 'Two' });
    await refused(editRole(ctx, 'One', { name: 'two' }), 'role.name_taken');
    const both = await Promise.allSettled([
      editRole(ctx, 'One', { name: 'Three' }),
      editRole(ctx, 'Two', { name: 'three' }),
    ]);
    const lost = both.filter((o) => o.status === 'rejected');
    assert.deepEqual(
      lost.map((o) => o.reason.code),
      ['role.name_taken'],
    );
  });

  test('by many at once loses no change', async () => {
    const { id } = await addRole(ctx, { name: 'Busy' });
    await Promise.all([
      editRole(ctx, id, { name: 'Busier' }),
      editRole(ctx, id, { description: 'd' }),
      editRole(ctx, id, { operations: ['View Person'] }),
      editRole(ctx, id, { mechanisms: ['Smart Card'] }),
    ]);
    const role = await getRole(ctx, id);
    assert.deepEqual(role, {
      id,
      name: 'Busier',
      description: 'd',
      operations: ['View Person'],
      mechanisms: ['Smart Card'],
      isBuiltIn: false,
    });
  });
});

suite('a role removed', () => {
  test('is one that nobody has and no group offers', async () => {
    const { id, name } = await addRole(ctx, { name: 'Removable' });
    const holder = await site.person(site.root, { roles: [{ name, scope: 'none' }] });
    await refused(removeRole(ctx, id), 'role.in_use');
    await editPerson(ctx, holder, { roles: [] });
    await editGroup(ctx, await site.group('Offers'), { roles: [{ name, defaultScope: null }] });
    await refused(removeRole(ctx, id), 'role.in_use');
    await editGroup(ctx, await site.group('Offers'), { roles: [] });
    await removeRole(ctx, id);
    await refused(getRole(ctx, id), 'role.not_found');
    await refused(removeRole(ctx, id), 'role.not_found');
  });

  test('while somebody gets it is either gone or given, never both', async () => {
    for (let round = 0; round < 10; round++) {
      const { name } = await addRole(ctx, { name: `Vanishing ${round}` });
      const [removed, given] = await Promise.allSettled([
        removeRole(ctx, name),
        site.person(site.root, { roles: [{ name, scope: 'self' }] }),
      ]);
      assert.notEqual(removed.status, given.status);
      const codes = [removed, given].flatMap((o) => (o.status === 'rejected' ? [o.reason.code] : []));
      assert.match(codes[0], /^(role\.in_use|role\.invalid|request\.conflict)$/);
    }
  });
});

suite('roles belong to the whole installation:', () => {
  const name = 'Nobody may';
  for (const [who, as] of [
    ['who reaches a division', () => site.as(site.root, { division: ['Edit Roles'] })],
    [
      'who reaches all of a tenant',
      async () => site.as(await site.group('Tenant', true), { all: ['Edit Roles'] }),
    ],
  ] as const) {
    test(`${who} sees them and edits none`, async () => {
      const actor = await as();
      assert.ok((await listRoles(actor)).length > 20);
      await refused(addRole(actor, { name }), 'actor.out_of_scope');
      await refused(editRole(actor, 'Operator', { name }), 'actor.out_of_scope');
      await refused(removeRole(actor, 'Race'), 'actor.out_of_scope');
    });
  }

  test('who lacks the option does not', async () => {
    const actor = await site.as(site.root, { all: ['View Person'] });
    await refused(listRoles(actor), 'actor.forbidden');
    await refused(addRole(actor, { name }), 'actor.forbidden');
  });
});
