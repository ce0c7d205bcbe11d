import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { SqlJson, type SqlValue } from '#core/context.ts';
import { DomainError } from '#core/errors.ts';
import { testDatabase } from '#test/database.ts';
import { openDatabase } from './postgres.ts';

const { db, url } = await testDatabase();
const { sql } = db;
await sql`create table thing (id int primary key, value text, constraint role_in_use unique (value))`;

const isRefusal = (code: string) => (error: unknown) => error instanceof DomainError && error.code === code;
const rejects = (work: PromiseLike<unknown>, how: Parameters<typeof assert.rejects>[1]) =>
  assert.rejects(Promise.resolve(work), how);

/** Everything a parameter can be, and what comes back of it. */
async function back<T>(
  cast: 'text' | 'jsonb' | 'bytea' | 'int8' | 'timestamptz' | 'text[]',
  value: SqlValue,
): Promise<T> {
  const query = {
    text: sql<{ value: T }>`select ${value}::text as value`,
    jsonb: sql<{ value: T }>`select ${value}::jsonb as value`,
    bytea: sql<{ value: T }>`select ${value}::bytea as value`,
    int8: sql<{ value: T }>`select ${value}::int8 as value`,
    timestamptz: sql<{ value: T }>`select ${value}::timestamptz as value`,
    'text[]': sql<{ value: T }>`select ${value}::text[] as value`,
  }[cast];
  const [row] = await query;
  return row?.value as T;
}

/** Gives what comes back, or undefined where it was refused as something that cannot be stored. */
const orRefused = <T>(result: Promise<T>): Promise<T | undefined> =>
  result.catch((error) => {
    if (isRefusal('request.invalid')(error)) return undefined;
    throw error;
  });

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom(
      '\0',
      '\ud800',
      '\udfff',
      "'",
      '"',
      '\\',
      '$1',
      ';',
      '--',
      '{',
      '}',
      ',',
      'NULL',
      '%',
      '\n',
    ),
  }),
);
const isStorable = (text: string) => text.isWellFormed() && !text.includes('\0');

suite('a parameter', () => {
  test('that is text comes back as it went in, or is refused', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        assert.equal(await orRefused(back('text', text)), isStorable(text) ? text : undefined);
      }),
    );
  });

  test('that is a list of texts comes back as it went in, or is refused', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(anyText)), async (texts) => {
        const expected = texts.every((text) => text === null || isStorable(text)) ? texts : undefined;
        assert.deepEqual(await orRefused(back('text[]', texts)), expected);
      }),
    );
  });

  test('that is JSON comes back as it went in, or is refused', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ stringUnit: 'binary' }), async (value) => {
        const text = JSON.stringify(value);
        const found = await orRefused(back('jsonb', sql.json(value)).then((v) => ({ v })));
        if (found === undefined) assert.match(text, /\\u(0000|d[89a-f])/i);
        else assert.deepEqual(found.v, JSON.parse(text));
      }),
    );
  });

  test('that is bytes comes back byte for byte', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), async (bytes) => {
        assert.deepEqual(new Uint8Array(await back<Buffer>('bytea', bytes)), bytes);
        const part = new Uint8Array(new Uint8Array([1, 2, ...bytes, 3]).buffer, 2, bytes.length);
        assert.deepEqual(new Uint8Array(await back<Buffer>('bytea', part)), bytes);
      }),
    );
  });

  test('that is a time comes back to the millisecond', async () => {
    const min = new Date('0001-01-01T00:00:00Z');
    await fc.assert(
      fc.asyncProperty(
        fc.date({ min, max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }),
        async (date) => {
          assert.deepEqual(await back<Date>('timestamptz', date), date);
        },
      ),
    );
    assert.equal(await orRefused(back('timestamptz', new Date(Number.NaN))), undefined);
  });

  test('that is a whole number comes back exactly, and never rounded', async () => {
    await fc.assert(
      fc.asyncProperty(fc.maxSafeInteger(), async (number) => {
        assert.equal(await back('int8', number), number);
        assert.equal(await back('int8', BigInt(number)), number);
      }),
    );
    await rejects(back('int8', 2n ** 53n), RangeError);
    assert.equal(await back('int8', 5), 5); // and the connection is none the worse
    await rejects(back('int8', 2n ** 64n), isRefusal('request.invalid'));
  });

  test('that nobody gave is null', async () => {
    assert.equal(await back('text', undefined), null);
    assert.equal(await back('text', null), null);
  });

  test('is never read as SQL, whatever its shape', async () => {
    const planted = { strings: ['1); drop table thing; --'], values: [] };
    for (const value of [planted, {}, { toPostgres: () => 'x' }, [planted], () => 1, Symbol('x')])
      await rejects(back('text', value as unknown as string), isRefusal('request.invalid'));
    assert.equal(await back('text', "'); drop table thing; --"), "'); drop table thing; --");
    await sql`select id from thing`;
  });

  test('of a type that it cannot be read as is refused', async () => {
    for (const bad of ['x', '', '1.5', '99999999999999999999'])
      await rejects(back('int8', bad), isRefusal('request.invalid'));
    await rejects(sql`select ${'not-a-uuid'}::uuid`, isRefusal('request.invalid'));
    await rejects(sql`select ${'2026-02-30'}::date`, isRefusal('request.invalid'));
  });
});

suite('a statement', () => {
  test('is put together from others, with the parameters of all', async () => {
    const isOdd = (column: 'n' | 'm') => (column === 'n' ? sql`n % ${2} = ${1}` : sql`m % ${2} = ${1}`);
    const both = sql`${isOdd('n')} and ${isOdd('m')} and ${sql`${sql`n`} > ${3}`}`;
    const rows = await sql<{ n: number; m: number }>`
      select n, m from generate_series(1, ${7}) as n cross join generate_series(1, ${2}) as m where ${both} order by n`;
    assert.deepEqual(rows, [
      { n: 5, m: 1 },
      { n: 7, m: 1 },
    ]);
  });

  test('runs once, however often it is awaited, and not before', async () => {
    const insert = sql`insert into thing (id) values (${1}) returning id`;
    assert.deepEqual(await sql`select id from thing`, []);
    assert.deepEqual(await insert, [{ id: 1 }]);
    assert.deepEqual(await insert, [{ id: 1 }]);
    await sql`delete from thing`;
  });

  test('gives its columns in camel case, a date as text, and JSON as what it says', async () => {
    const [row] = await sql`
      select 1 as a_b_c, '2026-01-31'::date as some_day, '{"x": [1]}'::jsonb as some_json, '{a,"b,c"}'::text[] as texts`;
    assert.deepEqual(row, { aBC: 1, someDay: '2026-01-31', someJson: { x: [1] }, texts: ['a', 'b,c'] });
  });

  test('is prepared once for each connection, unless it asks not to be', async () => {
    const one = openDatabase({ url, max: 1 });
    const prepared = async () => {
      const [row] = await one.sql<{ count: number }>`select count(*) from pg_prepared_statements`;
      return row?.count;
    };
    await prepared();
    assert.equal(await prepared(), 1);
    for (const n of [1, 2, 3]) await one.sql`select ${n}::int as n`;
    assert.equal(await prepared(), 2);
    for (const n of [1, 2, 3]) {
      assert.deepEqual(await one.sql.unprepared(one.sql<{ n: number }>`select ${n}::int + 0 as n`), [{ n }]);
    }
    assert.equal(await prepared(), 2);
    await one.close();
  });

  test('that breaks a rule of the database is refused by the name of the rule', async () => {
    await sql`insert into thing (id, value) values (1, 'x')`;
    await rejects(sql`insert into thing (id, value) values (2, 'x')`, isRefusal('role.in_use'));
    await rejects(sql`insert into thing (id, value) values (1, 'y')`, isRefusal('request.conflict'));
    await sql`delete from thing`;
  });

  test('that is a bug is thrown as it is', async () => {
    await rejects(sql`select nothing from nowhere`, (error) => !(error instanceof DomainError));
  });
});

test('JSON says what it was made of', () => {
  assert.equal(new SqlJson({ a: 1 }).text, '{"a":1}');
});
