import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { suite, test } from 'node:test';
import { addApplication } from '#core/applications/applications.ts';
import type { Context } from '#core/context.ts';
import { editGroup, findGroup, moveGroup } from '#core/groups/groups.ts';
import { setPassword } from '#core/people/passwords.ts';
import { addPerson, disablePerson, editPerson, getPerson, grantRole } from '#core/people/people.ts';
import { core, refused } from '#test/actors.ts';
import { testDatabase } from '#test/database.ts';
import { addRole, editRole, listGrantableRoles } from './roles.ts';
import type { Scope } from './scope.ts';

const { db } = await testDatabase();
const site = await core(db);
const europe = await site.group('Europe');
const france = await site.group('Europe/France');
const paris = await site.group('Europe/France/Paris');
const spain = await site.group('Europe/Spain');
const asia = await site.group('Asia');
await site.group('Tenant', true);
const branch = await site.group('Tenant/Branch');

await addRole(site.ctx, { name: 'Remover', operations: ['Remove Person'], mechanisms: ['Password Logon'] });
await addRole(site.ctx, { name: 'Viewer', operations: ['View Person'], mechanisms: ['Password Logon'] });

/** Editors of people everywhere, who may remove people only so far. */
const editor = (group: string, scope: Scope, id?: string): Promise<Context> =>
  site.as(group, { all: ['Add Person', 'Edit Person'], [scope]: ['Remove Person'] }, id);

const GROUPS = { europe, france, paris, spain, asia, branch };

suite('a role with a scope', () => {
  // Who may remove people this far, from France, may give it as far as that to people in these groups.
  const CASES: [own: Scope, given: Scope, to: (keyof typeof GROUPS)[]][] = [
    ['none', 'self', []],
    ['none', 'none', ['europe', 'france', 'paris', 'spain', 'asia', 'branch']],
    ['self', 'self', ['europe', 'france', 'paris', 'spain', 'asia', 'branch']],
    ['self', 'department', []],
    ['department', 'department', ['france']],
    ['department', 'division', []],
    ['division', 'department', ['france', 'paris']],
    ['division', 'division', ['france', 'paris']],
    ['division', 'all', []],
    ['all', 'division', ['europe', 'france', 'paris', 'spain', 'asia', 'branch']],
    ['all', 'all', ['europe', 'france', 'paris', 'spain', 'asia', 'branch']],
  ];
  for (const [own, given, to] of CASES) {
    test(`${given}, from one who has it with ${own}, goes to: ${to.join(', ') || 'nobody'}`, async () => {
      const ctx =
        own === 'all'
          ? await site.as(france, { all: ['Add Person', 'Remove Person'] })
          : await editor(france, own);
      for (const [name, groupId] of Object.entries(GROUPS)) {
        const input = {
          logonName: randomUUID(),
          firstName: 'X',
          groupId,
          roles: [{ name: 'Remover', scope: given }],
        };
        if (to.includes(name as keyof typeof GROUPS)) await addPerson(ctx, input);
        else await refused(addPerson(ctx, input), 'role.beyond_actor', 'roles');
        const program = { kind: 'test', name: randomUUID(), groupId, roles: input.roles };
        const programmer = {
          ...ctx,
          actor: {
            ...ctx.actor,
            permissions: new Map([...ctx.actor.permissions, ['application.edit', 'all'] as const]),
          },
        };
        if (to.includes(name as keyof typeof GROUPS)) await addApplication(programmer, program);
        else await refused(addApplication(programmer, program), 'role.beyond_actor', 'roles');
      }
    });
  }

  test('that is all of a tenant is given within the tenant, and no farther', async () => {
    const ctx = await site.as(branch, { all: ['Add Person', 'Remove Person'] });
    const input = {
      logonName: 'insider',
      firstName: 'X',
      groupId: branch,
      roles: [{ name: 'Remover', scope: 'all' }],
    };
    await addPerson(ctx, input);
    await refused(addPerson(ctx, { ...input, logonName: 'outsider', groupId: asia }), 'actor.out_of_scope');
  });

  test('counts by what it allows, not by the name of the option', async () => {
    const ctx = await site.as(france, { division: ['Add Person'] });
    await addPerson(ctx, {
      logonName: 'seen',
      firstName: 'X',
      groupId: paris,
      roles: [{ name: 'Viewer', scope: 'department' }],
    });
    assert.deepEqual(
      (await listGrantableRoles(ctx)).find(({ role }) => role.name === 'Viewer')?.scope,
      'division',
    );
    assert.ok(!(await listGrantableRoles(ctx)).some(({ role }) => role.name === 'Remover'));
  });

  test('of a newer Signet is not given by one that cannot tell what it allows', async () => {
    await db.sql`insert into role (id, name, name_key, operations, mechanisms, created_at, changed_at)
      values (${randomUUID()}, 'Future', 'future', '{Fly}', '{}', ${site.ctx.now}, ${site.ctx.now})`;
    const input = {
      logonName: 'future',
      firstName: 'X',
      groupId: paris,
      roles: [{ name: 'Future', scope: 'self' }],
    };
    await refused(addPerson(site.ctx, input), 'role.beyond_actor');
  });
});

suite('by no other way does anybody give what they have not:', () => {
  test('by editing somebody, nor by granting one role more; what is held may stay or shrink', async () => {
    const id = await site.person(paris, { roles: [{ name: 'Remover', scope: 'division' }] });
    const ctx = await editor(paris, 'self');
    await editPerson(ctx, id, { lastName: 'Changed', roles: [{ name: 'Remover', scope: 'division' }] });
    await refused(editPerson(ctx, id, { roles: [{ name: 'Remover', scope: 'all' }] }), 'role.beyond_actor');
    await refused(grantRole(ctx, id, { name: 'Operator', scope: 'self' }), 'role.beyond_actor');
    await grantRole(ctx, id, { name: 'viewer ', scope: 'Department' });
    const shrunk = await editPerson(ctx, id, {
      roles: [
        { name: 'Remover', scope: 'department' },
        { name: 'Viewer', scope: 'self' },
      ],
    });
    assert.deepEqual(
      shrunk.roles.map((r) => r.scope),
      ['department', 'self'],
    );
    await refused(
      editPerson(ctx, id, { roles: [{ name: 'Remover', scope: 'division' }] }),
      'role.beyond_actor',
    );
  });

  test('by editing oneself', async () => {
    const id = await site.person(paris, { roles: [{ name: 'Viewer', scope: 'self' }] });
    const ctx = await site.as(paris, { self: ['Edit Person'] }, id);
    await editPerson(ctx, id, { title: 'Me' });
    await refused(grantRole(ctx, id, { name: 'Viewer', scope: 'department' }), 'role.beyond_actor');
    await refused(grantRole(ctx, id, { name: 'Remover', scope: 'self' }), 'role.beyond_actor');
    await refused(editPerson(ctx, id, { groupId: france }), 'actor.out_of_scope');
  });

  test('by moving somebody to where their roles reach others', async () => {
    const roles = [{ name: 'Remover', scope: 'division' }];
    const id = await site.person(france, { roles });
    const ctx = await editor(asia, 'self');
    await refused(editPerson(ctx, id, { groupId: europe }), 'role.beyond_actor');
    await refused(editPerson(ctx, id, { groupId: spain }), 'role.beyond_actor');
    await editPerson(ctx, id, { groupId: paris }); // all of it lies in France
    await editPerson(ctx, id, { groupId: spain, roles: [] });
    const local = await site.person(france, {
      roles: [
        { name: 'Remover', scope: 'department' },
        { name: 'Viewer', scope: 'self' },
      ],
    });
    await refused(editPerson(ctx, local, { groupId: paris }), 'role.beyond_actor');
    await editPerson(await editor(france, 'division'), local, { groupId: paris });
  });

  test('by moving somebody out of their tenant', async () => {
    const id = await site.person(branch, { roles: [{ name: 'Remover', scope: 'all' }] });
    await refused(editPerson(await editor(asia, 'division'), id, { groupId: asia }), 'role.beyond_actor');
    await editPerson(site.ctx, id, { groupId: asia });
    await editPerson(await editor(asia, 'self'), id, { groupId: branch }); // `all` ends there again
  });

  test('by the roles that a group gives by default', async () => {
    const ctx = await site.as(france, { all: ['Edit Group'], division: ['Remove Person'] });
    const roles = (scope: string) => [{ name: 'Remover', defaultScope: scope }];
    await refused(editGroup(ctx, spain, { roles: roles('department') }), 'role.beyond_actor');
    await refused(editGroup(ctx, paris, { roles: roles('all') }), 'role.beyond_actor');
    await editGroup(ctx, paris, { roles: roles('Division') });
    const narrow = await site.as(france, { all: ['Edit Group'] });
    await editGroup(narrow, paris, { description: 'x', roles: roles('division') }); // offered already
    await refused(editGroup(narrow, paris, { roles: roles('department') }), 'role.beyond_actor');
    await editGroup(site.ctx, paris, { roles: [] });
  });

  test('by moving a group to below where they have a division', async () => {
    const group = await site.group('Asia/Japan');
    const ctx = await site.as(france, { all: ['Edit Group'], division: ['Remove Person'] });
    await refused(moveGroup(ctx, group, paris), 'role.beyond_actor', 'parent');
    await moveGroup(ctx, group, spain);
    await moveGroup(await site.as(france, { all: ['Edit Group', 'Remove Person'] }), group, paris);
    assert.equal((await findGroup(site.ctx, 'Root/Europe/France/Paris/Japan')).id, group);
    await moveGroup(ctx, group, asia);
  });

  test('by editing a role that others have', async () => {
    const shared = await addRole(site.ctx, {
      name: 'Shared',
      operations: ['View Person'],
      mechanisms: ['Smart Card'],
    });
    const ctx = await site.as(france, { all: ['Edit Roles', 'View Person'], division: ['Remove Person'] });
    const operations = ['View Person', 'Remove Person'];
    await editRole(ctx, shared.id, { operations });
    await editRole(ctx, shared.id, { operations: ['View Person'] });
    const holder = await site.person(paris, { roles: [{ name: 'Shared', scope: 'division' }] });
    await editRole(ctx, shared.id, { operations });
    await editRole(ctx, shared.id, { operations: ['View Person'] });
    await editPerson(site.ctx, holder, { roles: [{ name: 'Shared', scope: 'all' }] });
    await refused(editRole(ctx, shared.id, { operations }), 'role.beyond_actor');
    await editPerson(site.ctx, holder, { groupId: spain, roles: [{ name: 'Shared', scope: 'department' }] });
    await refused(editRole(ctx, shared.id, { operations }), 'role.beyond_actor');
    await editPerson(site.ctx, holder, { roles: [] });
    await editGroup(site.ctx, spain, { roles: [{ name: 'Shared', defaultScope: 'department' }] });
    await refused(editRole(ctx, shared.id, { operations }), 'role.beyond_actor');
    await editGroup(site.ctx, spain, { roles: [] });
    await addApplication(site.ctx, {
      kind: 'test',
      name: 'shared',
      groupId: asia,
      roles: [{ name: 'Shared', scope: 'all' }],
    });
    await refused(editRole(ctx, shared.id, { operations }), 'role.beyond_actor');
  });

  test('by letting a role count for another way to sign in', async () => {
    const strong = await addRole(site.ctx, {
      name: 'Strong',
      operations: ['Remove Person'],
      mechanisms: ['Smart Card'],
    });
    const ctx = await site.as(france, { all: ['Edit Roles'] });
    await editRole(ctx, strong.id, { description: 'still strong' });
    await editRole(ctx, strong.id, { mechanisms: [] });
    await refused(editRole(ctx, strong.id, { mechanisms: ['Password Logon'] }), 'role.beyond_actor');
    await refused(addRole(ctx, { name: 'Copy', from: 'Strong' }), 'role.beyond_actor');
  });

  test('by a password of somebody who may do more with one', async () => {
    const chief = await site.person(paris, { roles: [{ name: 'Remover', scope: 'division' }] });
    const card = await site.person(paris, { roles: [{ name: 'Security Chief', scope: 'all' }] });
    const ctx = await editor(paris, 'self');
    await refused(setPassword(ctx, chief, 'correct horse battery'), 'person.beyond_actor', 'password');
    await setPassword(ctx, card, 'correct horse battery'); // whose role counts only with a card
    await setPassword(await editor(paris, 'self', chief), chief, 'correct horse battery');
    await setPassword(await editor(france, 'division'), chief, 'correct horse battery');
  });

  test('by a permission of another scope: who edits all and disables only themselves', async () => {
    const id = await site.person(paris);
    const ctx = await site.as(paris, { all: ['Edit PIV Applicant'], self: ['Edit Person'] });
    await editPerson(ctx, id, { title: 'x' });
    await refused(disablePerson(ctx, id, 'no'), 'actor.out_of_scope');
    assert.equal((await getPerson(site.ctx, id)).isEnabled, true);
    await refused(
      disablePerson(await site.as(paris, { all: ['Edit PIV Applicant'] }), id, 'no'),
      'actor.forbidden',
    );
  });
});
