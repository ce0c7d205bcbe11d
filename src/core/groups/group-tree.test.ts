import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { suite, test } from 'node:test';
import { addApplication } from '#core/applications/applications.ts';
import { addPerson } from '#core/people/people.ts';
import { core, refused } from '#test/actors.ts';
import { testDatabase } from '#test/database.ts';
import { addGroup, findGroup, getGroup, moveGroup, removeGroup } from './groups.ts';

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

suite('a group moved', () => {
  test('takes all below it along, and everyone in it', async () => {
    const [from, to] = [await site.group('From/Team/Sub'), await site.group('To')];
    const team = await site.group('From/Team');
    const seesTo = await site.as(to, { division: ['View Person'] });
    await refused(getGroup(seesTo, from), 'actor.out_of_scope');
    const moved = await moveGroup(ctx, team, to);
    assert.deepEqual([moved.parentName, moved.version], ['To', 2]);
    assert.equal((await getGroup(seesTo, from)).id, from);
    assert.deepEqual((await site.told(team)).at(-1)?.details, { parent: { from: 'From', to: 'To' } });
    await refuseUnsoundTree();
  });

  test('to where it is already stays', async () => {
    const id = await site.group('Stays');
    assert.equal((await moveGroup(ctx, id, site.root)).version, 1);
  });

  test('below itself, to another tenant, to a sibling of its name, or as a built-in one, is refused', async () => {
    const [a, below] = [await site.group('Circle'), await site.group('Circle/Below')];
    await refused(moveGroup(ctx, a, a), 'group.cycle');
    await refused(moveGroup(ctx, a, below), 'group.cycle');
    await refused(moveGroup(ctx, a, await site.group('Land', true)), 'group.crosses_tenant');
    await site.group('Other/BELOW');
    await refused(moveGroup(ctx, below, await site.group('Other')), 'group.name_taken');
    await refused(moveGroup(ctx, (await findGroup(ctx, 'MasterAdmin')).id, a), 'group.built_in');
    await refused(moveGroup(ctx, site.root, a), 'group.built_in');
    await refused(moveGroup(ctx, randomUUID(), a), 'group.not_found');
  });

  test('and others at the same time make no circle, and leave every group where its parents say', async () => {
    const ids = await Promise.all(['P', 'Q', 'R', 'S'].map((name) => site.group(name)));
    for (let round = 0; round < 5; round++) {
      const moves = ids.flatMap((id, i) => [
        moveGroup(ctx, id, ids[(i + 1 + round) % ids.length] as string),
        addGroup(ctx, { name: `New ${round}`, parent: id }),
        addGroup(ctx, { name: `Newer ${round}`, parent: id }).then((group) => removeGroup(ctx, group.id)),
      ]);
      for (const o of await Promise.allSettled(moves))
        if (o.status === 'rejected') assert.equal(o.reason.code, 'group.cycle');
      await refuseUnsoundTree();
    }
  });
});

suite('a group removed', () => {
  test('is gone', async () => {
    const id = await site.group('Gone');
    await removeGroup(ctx, id);
    await refused(getGroup(ctx, id), 'group.not_found');
    assert.equal((await site.told(id)).at(-1)?.operation, 'group.removed');
  });

  test('must hold nobody and nothing, and not be built in', async () => {
    await site.group('Full/Below');
    await refused(removeGroup(ctx, await site.group('Full')), 'group.not_empty');
    const people = await site.group('With people');
    await site.person(people);
    await refused(removeGroup(ctx, people), 'group.not_empty');
    const programs = await site.group('With programs');
    await addApplication(ctx, { kind: 'test', name: 'p', groupId: programs, roles: [] });
    await refused(removeGroup(ctx, programs), 'group.not_empty');
    await refused(removeGroup(ctx, site.root), 'group.built_in');
    await refused(removeGroup(ctx, randomUUID()), 'group.not_found');
  });

  test('while somebody is put into it is either gone or kept, never both', async () => {
    for (let round = 0; round < 10; round++) {
      const id = await site.group(`Vanishing ${round}`);
      const [removed, added] = await Promise.allSettled([
        removeGroup(ctx, id),
        addPerson(ctx, { logonName: `v${round}`, firstName: 'V', groupId: id }),
      ]);
      assert.notEqual(removed.status, added.status);
      const codes = [removed, added].flatMap((o) => (o.status === 'rejected' ? [o.reason.code] : []));
      assert.match(codes[0], /^(group\.not_found|group\.not_empty|request\.conflict)$/);
    }
  });
});
