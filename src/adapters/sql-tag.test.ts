import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type Statement, tag } from './sql-tag.ts';

/** A tag whose statements are kept, and whose rows are those given. */
function recording(columns: readonly string[] = [], rows: unknown[][] = []) {
  const sent: Statement[] = [];
  const sql = tag(async (statement) => {
    sent.push(statement);
    return { rows, fields: columns.map((name) => ({ name })) } as never;
  });
  return { sql, sent };
}

suite('a statement', () => {
  const { sql, sent } = recording();
  const write = (order: 'before' | 'behind' | 'none', value: string) => {
    const part = sql`b = ${value}`;
    const slots = { before: [part, 1], behind: [1, part], none: [1, 2] }[order];
    return sql`select ${slots[0]} and ${slots[1]}`;
  };

  test('is written by what stands in it, however often its templates came before', async () => {
    for (const order of ['before', 'behind', 'none', 'before', 'behind', 'none'] as const)
      await write(order, 'x');
    assert.deepEqual(
      sent.map(({ text }) => text),
      [1, 2].flatMap(() => ['select b = $1 and $2', 'select $1 and b = $2', 'select $1 and $2']),
    );
    assert.deepEqual(sent.at(-2)?.values, [1, 'x']);
    assert.equal(new Set(sent.map(({ name }) => name)).size, 3);
  });

  test('runs once, however often it is awaited', async () => {
    const before = sent.length;
    const query = sql`select 1`;
    await Promise.all([query, query]);
    await query;
    assert.equal(sent.length, before + 1);
  });

  test('has no name when it is not to be prepared', async () => {
    await sql.unprepared(sql`select ${'x'}`);
    assert.deepEqual(sent.at(-1), { name: undefined, text: 'select $1', values: ['x'] });
  });
});

suite('a row', () => {
  test('has its columns by name, in camel case', async () => {
    const { sql } = recording(
      ['id', 'group_id', 'is_2nd'],
      [
        ['a', 'b', 'c'],
        ['d', null, 'f'],
      ],
    );
    assert.deepEqual(await sql`select id, group_id, is_2nd`, [
      { id: 'a', groupId: 'b', is2nd: 'c' },
      { id: 'd', groupId: null, is2nd: 'f' },
    ]);
  });

  test('has the last of two columns of one name', async () => {
    const { sql } = recording(['id', 'id', 'name'], [['first', 'last', 'n']]);
    assert.deepEqual(await sql`select a.id, b.id, name`, [{ id: 'last', name: 'n' }]);
  });

  test('is its own: a change of one changes no other', async () => {
    const { sql } = recording(['id'], [['a'], ['b']]);
    const read = () => sql<{ id: string }>`select id`;
    const [row] = await read();
    assert.ok(row);
    row.id = 'changed';
    assert.deepEqual(await read(), [{ id: 'a' }, { id: 'b' }]);
  });
});
