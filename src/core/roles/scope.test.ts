import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Context } from '#core/context.ts';
import { findByLogonName, findPeople } from '#core/people/find.ts';
import { getImage, setImage } from '#core/people/images.ts';
import { setPassword } from '#core/people/passwords.ts';
import {
  addPerson,
  disablePerson,
  editPerson,
  enablePerson,
  getPerson,
  removePerson,
} from '#core/people/people.ts';
import { core, refused } from '#test/actors.ts';
import { testDatabase } from '#test/database.ts';
import type { Scope } from './scope.ts';

const { db } = await testDatabase();
const site = await core(db);

// A tree with a tenant in it, and one person in each group.
const PLACES = [
  'Root',
  'Sales',
  'Sales/North',
  'Law',
  'Tenant',
  'Tenant/Team',
  'Tenant/Team/Sub',
  'Tenant/Other',
] as const;
type Where = (typeof PLACES)[number];
const groups = new Map<Where, string>();
const people = new Map<Where, string>();
const picture = { mediaType: 'image/png', bytes: new Uint8Array([1, 2, 3]) };
for (const place of PLACES) {
  const group = place === 'Root' ? site.root : await site.group(place, place === 'Tenant');
  groups.set(place, group);
  const id = await site.person(group, { logonName: `in ${place}` });
  people.set(place, id);
  await setImage(site.ctx, id, 'photo', picture);
}
const group = (place: Where) => groups.get(place) as string;
const person = (place: Where) => people.get(place) as string;

const EVERYTHING = ['View Person', 'Add Person', 'Edit Person', 'Remove Person'];

/** Who stands where, with which scope, and the places they reach. `self` is the person in that place. */
const CASES: [stands: Where, scope: Scope, reaches: readonly Where[]][] = [
  ['Sales', 'self', ['Sales']],
  ['Sales', 'department', ['Sales']],
  ['Sales', 'division', ['Sales', 'Sales/North']],
  ['Sales/North', 'division', ['Sales/North']],
  ['Root', 'department', ['Root']],
  ['Root', 'division', PLACES],
  ['Sales', 'all', PLACES],
  ['Tenant/Team', 'self', ['Tenant/Team']],
  ['Tenant/Team', 'department', ['Tenant/Team']],
  ['Tenant/Team', 'division', ['Tenant/Team', 'Tenant/Team/Sub']],
  ['Tenant/Team', 'all', ['Tenant', 'Tenant/Team', 'Tenant/Team/Sub', 'Tenant/Other']],
  ['Tenant', 'all', ['Tenant', 'Tenant/Team', 'Tenant/Team/Sub', 'Tenant/Other']],
];

/** What can be done to one person; each leaves them as they were. */
const OPERATIONS: Record<string, (ctx: Context, id: string) => Promise<unknown>> = {
  'reads them': getPerson,
  'edits them': (ctx, id) => editPerson(ctx, id, { title: 'x' }),
  'checks an edit': (ctx, id) => editPerson(ctx, id, { title: 'y' }, { dryRun: true }),
  'sees their image': (ctx, id) => getImage(ctx, id, 'photo'),
  'sets their image': (ctx, id) => setImage(ctx, id, 'photo', picture),
  'sets their password': (ctx, id) => setPassword(ctx, id, 'correct horse battery staple'),
  'switches them off and on': async (ctx, id) => {
    await disablePerson(ctx, id, 'for a moment');
    await enablePerson(ctx, id);
  },
};

for (const [stands, scope, reached] of CASES) {
  suite(`who has scope ${scope} in ${stands}`, async () => {
    const ctx = await site.as(group(stands), { [scope]: EVERYTHING }, person(stands));

    test('finds exactly whom it reaches', async () => {
      const found = (await findPeople(ctx)).people.map((found) => found.id);
      assert.deepEqual(found.toSorted(), reached.map(person).toSorted());
      const pats = (await findPeople(ctx, { q: 'pat' })).people.map((found) => found.id);
      assert.deepEqual(pats.toSorted(), found.toSorted());
    });

    test('finds by name whom it reaches, in its own tenant', async () => {
      for (const place of PLACES) {
        const isThere = reached.includes(place) && place.startsWith('Tenant') === stands.startsWith('Tenant');
        assert.equal((await findByLogonName(ctx, `IN ${place}`)).length, isThere ? 1 : 0, place);
      }
    });

    for (const [what, operation] of Object.entries(OPERATIONS)) {
      test(`${what}, whom it reaches, and nobody else`, async () => {
        for (const place of PLACES) {
          if (reached.includes(place)) await operation(ctx, person(place));
          else await refused(operation(ctx, person(place)), 'actor.out_of_scope');
        }
      });
    }

    test('adds and removes people in the groups that it reaches, and in no other', async () => {
      for (const place of PLACES) {
        const input = { logonName: `new in ${place}`, firstName: 'New', groupId: group(place) };
        const mayAdd = scope === 'self' ? place === stands : reached.includes(place);
        const added = mayAdd ? await addPerson(ctx, input) : undefined;
        if (!added) await refused(addPerson(ctx, input), 'actor.out_of_scope');
        const other = added ?? (await addPerson(site.ctx, input));
        if (added && scope !== 'self') await removePerson(ctx, other.id);
        else {
          await refused(removePerson(ctx, other.id), 'actor.out_of_scope');
          await removePerson(site.ctx, other.id);
        }
      }
    });

    test('moves people only from and to where it reaches', async () => {
      for (const to of PLACES) {
        const id = await site.person(group(stands));
        if (scope === 'self' || !reached.includes(to))
          await refused(editPerson(ctx, id, { groupId: group(to), title: 'm' }), 'actor.out_of_scope');
        else await editPerson(ctx, id, { groupId: group(to), title: 'm' });
        await removePerson(site.ctx, id);
      }
    });
  });
}

suite('who has scope none', () => {
  for (const [what, operation] of Object.entries(OPERATIONS)) {
    test(`never ${what}`, async () => {
      const ctx = await site.as(group('Sales'), { none: EVERYTHING }, person('Sales'));
      for (const place of PLACES) await refused(operation(ctx, person(place)), 'actor.forbidden');
    });
  }
});

test('each permission has the widest of the scopes that the roles give it, and no other', async () => {
  const ctx = await site.as(group('Sales'), {
    division: ['View Person'],
    department: ['Edit Person'],
    none: ['Remove Person'],
  });
  await getPerson(ctx, person('Sales/North'));
  await refused(editPerson(ctx, person('Sales/North'), { title: 'z' }), 'actor.out_of_scope');
  await editPerson(ctx, person('Sales'), { title: 'z' });
  await refused(removePerson(ctx, person('Sales')), 'actor.forbidden');
});
