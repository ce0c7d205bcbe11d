import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addPerson } from '#core/people/people.ts';
import { server } from '#test/server.ts';

const on = await server();
const finance = await on.group('Finance');
const add = (n: number) => addPerson(on.ctx, { logonName: `p${n}`, firstName: 'P', groupId: finance });
for (let n = 0; n < 120; n++) {
  on.clock.time += 1000;
  await add(n);
}

interface Page {
  results: { id: number; UTCStartTime: string }[];
  links: { op: string; cat: string; desc: string; verb: string; href: string }[];
}

async function get(href: string, as = 'operator'): Promise<Page> {
  const answer = await on.app.inject({ url: `/rest.core/api/${href}`, headers: on.bearer(as) });
  assert.equal(answer.statusCode, 200, answer.body);
  return answer.json();
}

const idsNow = async () =>
  (await on.services.sql<{ id: number }>`select id from audit_event order by at desc, id desc`).map(
    (r) => r.id,
  );

test('MYID-S26 pages by number until a page is empty give every row once, although more are written meanwhile', async () => {
  const expected = await idsNow();
  const ids: number[] = [];
  for (let page = 1; ; page++) {
    const { results } = await get(`reports/290015?page=${page}`);
    if (results.length === 0) break;
    assert.ok(results.length <= 50);
    ids.push(...results.map(({ id }) => id));
    await add(1000 + page);
  }
  assert.deepEqual(ids, expected);
});

test('MYID-S26 the link of page 1 is the one that the guide shows', async () => {
  const { links } = await get('Reports/290015');
  assert.deepEqual(links, [
    {
      op: 'nextPage',
      cat: 'page',
      desc: 'Next Page of Results',
      verb: 'GET',
      href: 'reports/290015?page=2&order_by=-UTCStartTime',
    },
  ]);
});

test('following the links gives the same rows, and the last page has none', async () => {
  const expected = await idsNow();
  const ids: number[] = [];
  let href: string | undefined = 'reports/290015?page=1';
  while (href) {
    const page: Page = await get(href);
    ids.push(...page.results.map(({ id }) => id));
    href = page.links[0]?.href;
  }
  assert.deepEqual(ids, expected);
});

test('two readers do not disturb each other', async () => {
  await on.actor('auditor', { operations: ['Unrestricted Audit Report'] });
  const expected = await idsNow();
  const mine = (await get('reports/290015?page=1')).results;
  await add(5000);
  const theirs = (await get('reports/290015?page=1', 'auditor')).results;
  assert.equal(theirs[0]?.id, (await idsNow())[0]);
  const second = (await get('reports/290015?page=2')).results;
  assert.deepEqual(
    [...mine, ...second].map(({ id }) => id),
    expected.slice(0, 100),
  );
});

test('the link keeps the criteria and the order that were asked for', async () => {
  const { results, links } = await get('reports/290015?operation=add+person&ORDER_BY=UTCStartTime');
  assert.equal(links[0]?.href, 'reports/290015?page=2&order_by=UTCStartTime&operation=add+person');
  const times = results.map(({ UTCStartTime }) => UTCStartTime);
  assert.deepEqual(times, times.toSorted());
});

test('the report of people is cut to the scope of its option', async () => {
  await on.actor('clerk', { operations: ['People Report'], scope: 'department', group: 'Sales' });
  const { results } = await get('reports/190503', 'clerk');
  assert.deepEqual(
    results.map((row) => (row as unknown as { logonName: string }).logonName),
    ['clerk'],
  );
});
