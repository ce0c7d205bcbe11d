import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import type { Context } from '#core/context.ts';
import { core } from '#test/actors.ts';
import { loadPeople } from '#test/bench/population.ts';
import { testDatabase } from '#test/database.ts';
import { explaining } from '#test/plans.ts';
import { findByLogonName, findPeople, type PageKey } from './find.ts';
import { getPerson } from './people.ts';

const { db, url } = await testDatabase();
const site = await core(db);
const population = await loadPeople(url, 20_000);
const asked = await explaining(url);
after(() => asked.close());

const SCOPES = {
  all: () => site.as(site.root, { all: ['View Person'] }),
  company: () => site.as(population.company, { division: ['View Person'] }),
  country: () => site.as(population.country, { division: ['View Person'] }),
  team: () => site.as(population.team, { department: ['View Person'] }),
};
type Who = keyof typeof SCOPES;

const on = (ctx: Context): Context => ({ ...ctx, sql: asked.sql });

/** By which indexes people and words are read, and that they never are without one. */
async function indexesFor(work: () => Promise<unknown>): Promise<string[]> {
  asked.plans();
  await work();
  const nodes = asked.plans().flatMap((plan) => plan.nodes);
  assert.ok(nodes.length > 0);
  for (const node of nodes)
    assert.notEqual(`${node['Node Type']} on ${node['Relation Name']}`, 'Seq Scan on person');
  const used = nodes.flatMap((node) => node['Index Name'] ?? []).filter((name) => name.startsWith('person'));
  return [...new Set(used)].toSorted();
}

/** The index that each search walks, the same for its first page and any other. */
const WALKS: [q: string, who: Who, index: string][] = [
  ['', 'all', 'person_in_order'],
  ['', 'team', 'person_in_order_by_group'],
  ['', 'country', 'person_in_order_by_group'],
  ['', 'company', 'person_in_order'],
  ['smi', 'all', 'person_word_in_order'],
  ['smi', 'team', 'person_word_in_order_by_group'],
  ['smi', 'country', 'person_word_in_order_by_group'],
  ['smi', 'company', 'person_word_in_order'],
  ['*an', 'all', 'person_word_in_order'],
  ['*ann', 'all', 'person_in_order'],
  ['*ann', 'team', 'person_in_order_by_group'],
  ['*ann', 'country', 'person_in_order_by_group'],
];

suite('a search among 20000 people', () => {
  for (const [q, who, index] of WALKS) {
    test(`for "${q}" in the scope of ${who} walks ${index}`, async () => {
      const ctx = on(await SCOPES[who]());
      let after: PageKey | null = null;
      for (const page of ['first', 'second']) {
        const used = await indexesFor(async () => {
          ({ next: after } = await findPeople(ctx, { q, after, limit: 5 }));
        });
        assert.deepEqual(used, [index, 'person_pkey'].toSorted(), `${page} page`);
      }
    });
  }

  for (const q of ['*kowalsk', 'john smith', 'smith*son', 'o*brien mary']) {
    for (const who of Object.keys(SCOPES) as Who[]) {
      test(`for "${q}" in the scope of ${who} looks only where matches are`, async () => {
        const ctx = on(await SCOPES[who]());
        const used = await indexesFor(() => findPeople(ctx, { q }));
        const found = used.filter((name) => name !== 'person_pkey' && name !== 'person_word_by_person');
        const ways = ['person_by_text'];
        if (who === 'team') ways.push('person_in_order_by_group');
        if (/.\*/.test(q)) ways.push('person_word_in_order'); // by the beginning in front of the star
        assert.ok(found.length > 0 && found.every((name) => ways.includes(name)), found.join());
      });
    }
  }

  test('by oneself looks at nobody else', async () => {
    const [somebody] = (await findPeople(site.ctx, { limit: 1 })).people;
    const ctx = on(await site.as(population.team, { self: ['View Person'] }, somebody?.id));
    for (const q of ['', 'a', '*ams', 'a b'])
      assert.deepEqual(await indexesFor(() => findPeople(ctx, { q })), ['person_pkey']);
  });

  test('for one by id or name looks at nobody else, in any scope', async () => {
    const [somebody] = (await findPeople(await SCOPES.team(), { limit: 1 })).people;
    const theirs = [
      'person_contact_pkey',
      'person_external_id_by_person',
      'person_image_pkey',
      'person_name_by_person',
      'person_pkey',
      'person_role_pkey',
    ];
    for (const who of Object.values(SCOPES)) {
      const ctx = on(await who());
      const byId = await indexesFor(() => getPerson(ctx, somebody?.id as string));
      assert.deepEqual(
        byId.filter((name) => !theirs.includes(name)),
        [],
      );
      const byName = await indexesFor(() => findByLogonName(ctx, somebody?.logonName as string));
      assert.deepEqual(
        byName.filter((name) => !theirs.includes(name)),
        ['person_name_taken'],
      );
    }
  });
});
