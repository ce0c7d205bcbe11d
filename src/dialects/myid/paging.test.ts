import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addGroup } from '#core/groups/groups.ts';
import { addPerson } from '#core/people/people.ts';
import { server } from '#test/server.ts';

const on = await server();
const finance = await on.group('Finance');
/** Many at once, a few at a time. */
async function many(count: number, make: (n: number) => Promise<unknown>): Promise<void> {
  for (let n = 0; n < count; n += 9) {
    await Promise.all(Array.from({ length: Math.min(9, count - n) }, (_, i) => make(n + i)));
  }
}

await many(410, (n) =>
  addPerson(on.ctx, { logonName: `p${n}`, firstName: 'Pat', lastName: `Person ${n % 7}`, groupId: finance }),
);
await many(205, (n) => addGroup(on.ctx, { name: `g${n}`, parent: finance }));

async function get(href: string) {
  const answer = await on.app.inject({ url: `/rest.core/api/${href}`, headers: on.bearer('operator') });
  assert.equal(answer.statusCode, 200, answer.body);
  return answer.json();
}

test('a list of more than 200 is followed to its end by its links, each entry once', async () => {
  const ids: string[] = [];
  let href: string | undefined = 'people?q=person+pat';
  while (href) {
    const page: { results: { id: string }[]; links?: { op: string; href: string }[] } = await get(href);
    assert.ok(page.results.length <= 200);
    ids.push(...page.results.map(({ id }) => id));
    const next = page.links?.find(({ op }) => op === 'nextPage');
    if (next) assert.match(next.href, /^people\?q=person\+pat&page=\d&after=[\w-]+$/);
    href = next?.href;
  }
  assert.equal(ids.length, 410);
  assert.equal(new Set(ids).size, 410);
});

test('a page can be asked for by its number alone', async () => {
  const [first, third] = [await get('People?q=pat'), await get('People?q=pat&page=3')];
  assert.equal(first.results.length, 200);
  assert.equal(third.results.length, 10);
  assert.deepEqual((await get('People?page=9')).results, []);
});

test('what is no page is refused', async () => {
  const bad = [
    'page=0',
    'page=-1',
    'page=1.5',
    'page=x',
    'page=999999999',
    'after=x',
    'after=WzEsMl0',
    'page=99999999999999999999',
  ];
  for (const query of bad) {
    const url = `/rest.core/api/People?${query}`;
    const answer = await on.app.inject({ url, headers: on.bearer('operator') });
    assert.equal(answer.json().code, 'WS30001', query);
  }
});

test('groups page in the same way', async () => {
  const first = await get('groups?q=g');
  assert.equal(first.results.length, 200);
  const second = await get(first.links[0].href);
  assert.equal(second.links, undefined);
  const names = [...first.results, ...second.results].map(({ name }: { name: string }) => name);
  assert.equal(new Set(names).size, names.length);
  assert.ok(names.filter((name) => /^g\d+$/.test(name)).length === 205);
});

test('the keys of an entry and their order are those that integrators know', async () => {
  const { body } = await on.app.inject({
    url: '/rest.core/api/People?logonName=p1',
    headers: on.bearer('operator'),
  });
  assert.match(
    body,
    /^\{"results":\[\{"id":"[0-9A-F-]{36}","logonName":"p1","firstName":"Pat","surname":"Person 1","groupName":"Finance","Enabled":"Yes","href":"people\/[0-9A-F-]{36}"\}\]\}$/,
  );
});
