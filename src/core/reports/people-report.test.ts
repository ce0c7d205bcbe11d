import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { addGroup } from '#core/groups/groups.ts';
import { ensureBuiltIns } from '#core/organisation.ts';
import { addPerson } from '#core/people/people.ts';
import type { Actor } from '#core/roles/actor.ts';
import { auditServices, contextFor, reader } from '#test/audit.ts';
import { testDatabase } from '#test/database.ts';
import { readReport } from './reports.ts';

const { db } = await testDatabase();
const services = auditServices(db);
const system = contextFor(services);
await ensureBuiltIns(system);
const finance = await addGroup(system, { name: 'Finance' });
const payroll = await addGroup(system, { name: 'Payroll', parent: finance.id });
const sales = await addGroup(system, { name: 'Sales' });

const add = (groupId: string, n: number, lastName = `Smith ${n}`) =>
  addPerson(
    { ...system, now: new Date() },
    { logonName: `${lastName.replace(' ', '.')}.${groupId}`, firstName: 'Susan', lastName, groupId },
  );
for (let n = 1; n <= 60; n++) await add(finance.id, n);
for (let n = 1; n <= 5; n++) await add(payroll.id, n, `Jones ${n}`);
for (let n = 1; n <= 5; n++) await add(sales.id, n, `Miller ${n}`);
const jones = await readReport(contextFor(services), 'people', { criteria: { person: 'jones 3' } });

const having = (scope: string, more: Partial<Actor> = {}) =>
  contextFor(
    services,
    reader('session', {
      permissions: new Map([['report.people', scope]]) as never,
      groupId: finance.id,
      ...more,
    }),
  );

async function all(ctx: ReturnType<typeof having>, orderBy?: string) {
  const rows = [];
  for (let page = 1; ; page++) {
    const found = await readReport(ctx, 'people', { page, orderBy });
    if (found.rows.length === 0) return rows;
    rows.push(...found.rows);
  }
}

suite('the people report', () => {
  test('shows a person with group and state', async () => {
    assert.deepEqual(
      jones.rows.map(({ id: _, createdAt: __, ...row }) => row),
      [
        {
          logonName: `Jones.3.${payroll.id}`,
          firstName: 'Susan',
          surname: 'Jones 3',
          groupId: payroll.id,
          groupName: 'Payroll',
          email: null,
          enabled: true,
        },
      ],
    );
  });

  test('is cut to the scope of its reader', async () => {
    const count = async (scope: string, more = {}) => (await all(having(scope, more))).length;
    assert.equal(await count('all'), 70);
    assert.equal(await count('division'), 65);
    assert.equal(await count('department'), 60);
    assert.equal(await count('self', { id: jones.rows[0]?.id ?? null }), 1);
    await assert.rejects(all(having('none')), { code: 'actor.forbidden' });
  });

  test('is ordered by surname either way, over all its pages', async () => {
    const names = (await all(having('all'))).map((row) => row.surname);
    assert.deepEqual(names, names.toSorted());
    const backwards = (await all(having('all'), '-surname')).map((row) => row.surname);
    assert.deepEqual(backwards, names.toReversed());
  });

  test('holds nobody who was added while it is read', async () => {
    const ctx = having('all');
    const first = await readReport(ctx, 'people');
    await add(sales.id, 99, 'Zz Late');
    const second = await readReport(ctx, 'people', { page: 2 });
    const surnames = [...first.rows, ...second.rows].map((row) => row.surname);
    assert.equal(surnames.length, 70);
    assert.equal(surnames.includes('Zz Late'), false);
    await db.sql`delete from person where last_name = 'Zz Late'`;
  });

  test('takes parts of names and the state as criteria, and no others', async () => {
    const count = async (criteria: Record<string, string>) =>
      (await readReport(having('all'), 'people', { criteria })).rows.length;
    assert.equal(await count({ person: 'MILLER' }), 5);
    assert.equal(await count({ person: 'susan*jones' }), 5);
    assert.equal(await count({ person: 'jones%' }), 0);
    assert.equal(await count({ enabled: 'No' }), 0);
    assert.equal(await count({ enabled: 'yes', person: 'miller' }), 5);
    for (const [name, value] of [
      ['enabled', 'perhaps'],
      ['enabled', 'constructor'],
      ['group', 'x'],
      ['person', 'x'.repeat(300)],
    ] as const) {
      await assert.rejects(count({ [name]: value }), { code: 'report.criterion_invalid', field: name });
    }
  });
});
