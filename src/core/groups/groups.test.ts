import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { suite, test } from 'node:test';
import { core, refused } from '#test/actors.ts';
import { testDatabase } from '#test/database.ts';
import type { GroupPage } from './groups.ts';
import { addGroup, editGroup, findGroup, getGroup, listGroups } from './groups.ts';

const { db } = await testDatabase();
const site = await core(db);
const { ctx } = site;

/** Every group's way from Root, as its parents tell it: what `ancestors` and `tenant_id` must say too. */
async function refuseUnsoundTree(): Promise<void> {
  const rows = await db.sql<{ name: string; sound: boolean }>`
    with recursive tree as (
      select id, array[id] as path, id as tenant from org_group where parent_id is null
      union all
      select g.id, t.path || g.id, case when g.is_tenant then g.id else t.tenant end
      from org_group g join tree t on t.id = g.parent_id)
    select g.name, t.path is not null and t.path = g.ancestors and t.tenant = g.tenant_id as sound
    from org_group g left join tree t on t.id = g.id`;
  assert.deepEqual(
    rows.filter((row) => !row.sound),
    [],
  );
}

suite('a group added', () => {
  test('is there, below Root or the parent named by id, name or path', async () => {
    const { id, ...group } = await addGroup(ctx, { name: ' Europe ', description: 'd', ou: 'OU=Europe' });
    assert.deepEqual(group, {
      parentId: site.root,
      parentName: 'Root',
      tenantId: site.root,
      ancestors: [site.root, id],
      name: 'Europe',
      description: 'd',
      ou: 'OU=Europe',
      isTenant: false,
      isBuiltIn: false,
      rolesLimited: false,
      version: 1,
    });
    assert.deepEqual(await getGroup(ctx, id), { id, ...group, roles: [] });
    assert.equal((await addGroup(ctx, { name: 'France', parent: id })).parentId, id);
    assert.equal((await addGroup(ctx, { name: 'Spain', parent: 'EUROPE' })).parentId, id);
    assert.equal((await addGroup(ctx, { name: 'Paris', parent: 'root/europe/france' })).parentName, 'France');
    assert.deepEqual(await site.told(id), [
      { operation: 'group.added', actorName: 'test', outcome: 'success', details: { parent: 'Root' } },
    ]);
    await refuseUnsoundTree();
  });

  test('as a tenant is its own', async () => {
    const { id, tenantId } = await addGroup(ctx, { name: 'Tenant', isTenant: true });
    assert.equal(tenantId, id);
    assert.equal((await addGroup(ctx, { name: 'Below', parent: id })).tenantId, id);
  });

  test('offers its roles from the start', async () => {
    const { id } = await addGroup(ctx, {
      name: 'Offering',
      rolesLimited: true,
      roles: [
        { name: 'operator', defaultScope: null },
        { name: 'Cardholder', defaultScope: 'all' },
        { name: 'CARDHOLDER', defaultScope: 'Self' },
      ],
    });
    const { roles, rolesLimited } = await getGroup(ctx, id);
    assert.equal(rolesLimited, true);
    assert.deepEqual(roles, [
      { name: 'Cardholder', defaultScope: 'self' },
      { name: 'Operator', defaultScope: null },
    ]);
    assert.deepEqual((await site.told(id))[0]?.details.roles, roles);
  });

  for (const name of ['', '  ', 'a/b', 'a\0b', 'a\u200bb', 'x'.repeat(201), '\ud800']) {
    test(`under the name ${JSON.stringify(name.slice(0, 9))} is refused`, async () => {
      await refused(addGroup(ctx, { name }), 'group.name_required', 'name');
    });
  }

  test('under the name of a sibling, in another letter case, is refused; elsewhere it is not', async () => {
    await addGroup(ctx, { name: 'Ärzte' });
    await refused(addGroup(ctx, { name: 'ÄRZTE' }), 'group.name_taken', 'name');
    await addGroup(ctx, { name: 'ärzte', parent: 'Europe' });
  });

  test('below what is not there, or with what is not right, is refused', async () => {
    await refused(addGroup(ctx, { name: 'X', parent: randomUUID() }), 'group.not_found');
    await refused(addGroup(ctx, { name: 'X', parent: 'Nowhere' }), 'group.not_found');
    await refused(addGroup(ctx, { name: 'X', parent: 'a/'.repeat(50_000) }), 'group.not_found');
    await refused(addGroup(ctx, { name: 'X', parent: '\0' }), 'group.not_found');
    await refused(
      addGroup(ctx, { name: 'X', description: 'x'.repeat(1001) }),
      'request.value_invalid',
      'description',
    );
    await refused(addGroup(ctx, { name: 'X', ou: '\0' }), 'request.value_invalid', 'ou');
    await refused(addGroup(ctx, { name: 'X', roles: [{ name: 'No', defaultScope: null }] }), 'role.invalid');
    await refused(findGroup(ctx, 'Root/X'), 'group.not_found');
  });

  test('by many at once under one name is one group', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => addGroup(ctx, { name: i % 2 ? 'Race' : 'RACE' })),
    );
    assert.equal(outcomes.filter((o) => o.status === 'fulfilled').length, 1);
    for (const o of outcomes) if (o.status === 'rejected') assert.equal(o.reason.code, 'group.name_taken');
  });
});

suite('a name', () => {
  test('that several groups have is not enough, unless only one is in scope', async () => {
    const [a, b] = [await site.group('A/Twin'), await site.group('B/Twin')];
    await refused(findGroup(ctx, 'twin'), 'group.name_ambiguous');
    assert.equal((await findGroup(ctx, 'Root/B/Twin')).id, b);
    assert.equal((await findGroup(ctx, 'b/twin')).id, b);
    const inA = await site.as(await site.group('A'), { division: ['View Person'] });
    assert.equal((await findGroup(inA, 'TWIN')).id, a);
    await refused(findGroup(inA, 'b/twin'), 'actor.out_of_scope');
    await refused(findGroup(inA, b), 'actor.out_of_scope');
    await refused(findGroup(inA, 'B'), 'actor.out_of_scope');
  });
});

suite('a list of groups', () => {
  async function all(q: string, limit: number, as = ctx): Promise<string[]> {
    const names: string[] = [];
    let after: GroupPage['next'] = null;
    do {
      const page: GroupPage = await listGroups(as, { q, limit, after });
      names.push(...page.groups.map((group) => group.name));
      after = page.next;
    } while (after);
    return names;
  }

  test('is in order of names without letter case, each once, whatever the size of a page', async () => {
    await site.group('List');
    const names = [
      'ä',
      'Ä2',
      'alpha',
      'Beta',
      'BETA2',
      'İpek',
      'ipek',
      'Ωμέγα',
      'ΩΜΈΓΑ2',
      '100%',
      'a_b',
      'zz',
    ];
    for (const name of names) await addGroup(ctx, { name: `L ${name}`, parent: 'List' });
    const scoped = await site.as(await site.group('List'), { division: ['View Person'] });
    const whole = await all('', 200, scoped);
    assert.deepEqual(whole.toSorted(), ['List', ...names.map((name) => `L ${name}`)].toSorted());
    for (const size of [1, 2, 5]) assert.deepEqual(await all('', size, scoped), whole);
    assert.deepEqual(await all('l Ä', 200), ['L ä', 'L Ä2']);
    assert.deepEqual(await all('*ωμέγα', 200), ['L Ωμέγα', 'L ΩΜΈΓΑ2']);
    assert.deepEqual(await all('%', 200), ['L 100%']);
    assert.deepEqual(await all('a_b', 200), ['L a_b']);
    assert.deepEqual(await all('l*eta', 200), ['L Beta', 'L BETA2']);
  });

  test('keeps to scope', async () => {
    const [top, below] = [await site.group('Scoped'), await site.group('Scoped/Below')];
    const seen = async (group: string, scope: 'self' | 'department' | 'division') =>
      all('', 200, await site.as(group, { [scope]: ['View Person'] }));
    assert.deepEqual(await seen(top, 'self'), ['Scoped']);
    assert.deepEqual(await seen(top, 'department'), ['Scoped']);
    assert.deepEqual(await seen(top, 'division'), ['Below', 'Scoped']);
    assert.deepEqual(await seen(below, 'division'), ['Below']);
    await refused(listGroups(await site.as(top, { none: ['View Person'] })), 'actor.forbidden');
  });
});

suite('a group edited', () => {
  test('has what was given, keeps the rest, and tells what changed', async () => {
    const id = await site.group('Editable');
    const after = await editGroup(ctx, id, {
      description: 'new',
      roles: [{ name: 'Cardholder', defaultScope: 'self' }],
    });
    assert.deepEqual([after.name, after.description, after.version], ['Editable', 'new', 2]);
    assert.deepEqual((await site.told(id)).at(-1)?.details, {
      description: { from: '', to: 'new' },
      roles: { from: [], to: [{ name: 'Cardholder', defaultScope: 'self' }] },
    });
    const before = await site.size();
    await editGroup(ctx, id, { name: 'Editable', roles: [{ name: 'cardholder', defaultScope: 'Self' }] });
    assert.deepEqual(await site.size(), before);
    assert.equal((await getGroup(ctx, id)).version, 2);
  });

  test('cannot take the name of a sibling, also when two do so at once', async () => {
    const [a, b] = [await site.group('First'), await site.group('Second')];
    await refused(editGroup(ctx, a, { name: 'SECOND' }), 'group.name_taken', 'name');
    const both = await Promise.allSettled([
      editGroup(ctx, a, { name: 'Third' }),
      editGroup(ctx, b, { name: 'third' }),
    ]);
    const lost = both.filter((o) => o.status === 'rejected');
    assert.deepEqual(
      lost.map((o) => o.reason.code),
      ['group.name_taken'],
    );
    await editGroup(ctx, both[0]?.status === 'fulfilled' ? a : b, { name: 'THIRD' });
  });

  test('by many at once loses no change', async () => {
    const id = await site.group('Busy');
    await Promise.all([
      editGroup(ctx, id, { name: 'Busier' }),
      editGroup(ctx, id, { description: 'd' }),
      editGroup(ctx, id, { ou: 'OU=o' }),
      editGroup(ctx, id, { rolesLimited: true }),
      editGroup(ctx, id, { roles: [{ name: 'Operator', defaultScope: null }] }),
    ]);
    const { name, description, ou, rolesLimited, roles, version } = await getGroup(ctx, id);
    assert.deepEqual(
      [name, description, ou, rolesLimited, roles.length, version],
      ['Busier', 'd', 'OU=o', true, 1, 6],
    );
  });
});
