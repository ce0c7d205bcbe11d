import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { suite, test } from 'node:test';
import { findPeople } from '#core/people/find.ts';
import { addPerson } from '#core/people/people.ts';
import { core, refused } from '#test/actors.ts';
import { testDatabase } from '#test/database.ts';
import {
  addApplication,
  applicationActor,
  listApplications,
  removeApplication,
  switchApplication,
} from './applications.ts';

const { db } = await testDatabase();
const site = await core(db);
const { ctx } = site;
const sales = await site.group('Sales');
const roles = [{ name: 'Personnel', scope: 'division' }];

suite('an application', () => {
  test('is an actor like a person: with its group, its roles and their scope', async () => {
    const { id } = await addApplication(ctx, { kind: 'authx', name: 'HR feed', groupId: sales, roles });
    const actor = await applicationActor(ctx, id);
    assert.deepEqual(
      [actor.kind, actor.name, actor.groupId, actor.tenantId, actor.inRootTenant],
      ['application', 'HR feed', sales, site.root, true],
    );
    const as = site.with(actor);
    const below = await site.group('Sales/North');
    const { id: added } = await addPerson(as, { logonName: 'fed', firstName: 'Fed', groupId: below });
    assert.equal((await site.told(added))[0]?.actorName, 'HR feed');
    await refused(
      addPerson(as, { logonName: 'not.fed', firstName: 'No', groupId: site.root }),
      'actor.out_of_scope',
    );
    assert.deepEqual(
      (await findPeople(as)).people.map((person) => person.id),
      [added],
    );
  });

  test('in a tenant reaches as far as the tenant', async () => {
    const tenant = await site.group('Tenant', true);
    const { id } = await addApplication(ctx, {
      kind: 'authx',
      name: 'Tenant feed',
      groupId: tenant,
      roles: [{ name: 'Personnel', scope: 'all' }],
    });
    const actor = await applicationActor(ctx, id);
    assert.deepEqual([actor.tenantId, actor.inRootTenant], [tenant, false]);
    assert.deepEqual((await findPeople(site.with(actor))).people, []);
    assert.deepEqual(
      (await listApplications(await site.as(tenant, { all: ['Applications'] }))).map((a) => a.name),
      ['Tenant feed'],
    );
  });

  test('is shut out at once when it is switched off or removed', async () => {
    const { id } = await addApplication(ctx, { kind: 'authx', name: 'Switched', groupId: sales, roles });
    await switchApplication(ctx, id, true);
    await switchApplication(ctx, id, false);
    await refused(applicationActor(ctx, id), 'actor.unauthenticated');
    await switchApplication(ctx, id, true);
    await applicationActor(ctx, id);
    await removeApplication(ctx, id);
    await refused(applicationActor(ctx, id), 'actor.unauthenticated');
    assert.deepEqual(
      (await site.told(id)).map(({ operation, details }) => [operation, details]),
      [
        ['application.added', { kind: 'authx', roles }],
        ['application.edited', { isEnabled: { from: true, to: false } }],
        ['application.edited', { isEnabled: { from: false, to: true } }],
        ['application.removed', {}],
      ],
    );
  });

  test('has a name of its own among its kind, also when many are added at once', async () => {
    const add = (name: string, kind = 'loginid') =>
      addApplication(ctx, { kind, name, groupId: sales, roles: [] });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => add(i % 2 ? 'Race' : 'RACE')),
    );
    assert.equal(outcomes.filter((o) => o.status === 'fulfilled').length, 1);
    for (const o of outcomes)
      if (o.status === 'rejected') assert.equal(o.reason.code, 'application.name_taken');
    await add('Race', 'authx');
    for (const name of ['', 'a\0', 'x'.repeat(201)])
      await refused(add(name), 'request.value_invalid', 'name');
  });

  test('with a role or group that is not right is refused', async () => {
    const input = { kind: 'authx', name: 'Wrong', groupId: sales, roles };
    await refused(
      addApplication(ctx, { ...input, roles: [{ name: 'Nobody', scope: 'all' }] }),
      'role.invalid',
    );
    await refused(addApplication(ctx, { ...input, groupId: randomUUID() }), 'group.not_found');
    await refused(switchApplication(ctx, randomUUID(), false), 'application.not_found');
    await refused(removeApplication(ctx, randomUUID()), 'application.not_found');
    await refused(removeApplication(ctx, 'x'), 'request.invalid');
  });

  test('outside the scope of an actor is neither seen nor changed', async () => {
    const { id } = await addApplication(ctx, {
      kind: 'authx',
      name: 'Far',
      groupId: await site.group('Far'),
      roles: [],
    });
    const near = await site.as(sales, { division: ['Applications'] });
    assert.ok(!(await listApplications(near)).some((a) => a.id === id));
    await refused(switchApplication(near, id, false), 'actor.out_of_scope');
    await refused(removeApplication(near, id), 'actor.out_of_scope');
    await refused(
      addApplication(near, { kind: 'authx', name: 'Farther', groupId: site.root, roles: [] }),
      'actor.out_of_scope',
    );
    await refused(listApplications(await site.as(sales, { all: ['View Person'] })), 'actor.forbidden');
  });
});
