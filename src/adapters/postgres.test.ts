import assert from 'node:assert/strict';
import { connect, createServer, type Socket } from 'node:net';
import { suite, test } from 'node:test';
import { DomainError } from '#core/errors.ts';
import { testDatabase } from '#test/database.ts';
import { type Database, openDatabase } from './postgres.ts';

const { db, url } = await testDatabase();
const { sql } = db;
await sql`create table thing (id int primary key, value text)`;

const isRefusal = (code: string) => (error: unknown) => error instanceof DomainError && error.code === code;
const rejects = (work: PromiseLike<unknown>, how: Parameters<typeof assert.rejects>[1]) =>
  assert.rejects(Promise.resolve(work), how);

suite('a transaction', () => {
  const count = async () => (await sql`select id from thing`).length;

  test('is saved as a whole', async () => {
    await db.begin(async (tx) => {
      await tx`insert into thing (id) values (1)`;
      assert.equal(await count(), 0);
      await tx`insert into thing (id) values (2)`;
    });
    assert.equal(await count(), 2);
    await sql`delete from thing`;
  });

  test('is taken back as a whole when its work throws, and the connection goes on', async () => {
    const one = openDatabase({ url, max: 1 });
    const pid = async () => (await one.sql<{ pid: number }>`select pg_backend_pid() as pid`)[0]?.pid;
    const before = await pid();
    const fails = one.begin(async (tx) => {
      await tx`insert into thing (id) values (1)`;
      throw new Error('no');
    });
    await rejects(fails, /^Error: no$/);
    assert.equal(await count(), 0);
    assert.equal(await pid(), before);
    await one.close();
  });

  test('is taken back when one of several statements under way fails, and the connection goes on', async () => {
    const one = openDatabase({ url, max: 1 });
    const fails = one.begin((tx) =>
      Promise.all([
        tx`insert into thing (id) values (1)`,
        tx`insert into thing (id) values (1)`,
        tx`insert into thing (id) values (2)`,
        tx`insert into thing (id) values (2)`,
      ]),
    );
    await rejects(fails, isRefusal('request.conflict'));
    assert.equal(await count(), 0);
    assert.deepEqual(await one.sql`select 1 as n`, [{ n: 1 }]);
    await one.begin(async (tx) => await tx`insert into thing (id) values (3)`);
    assert.equal(await count(), 1);
    await sql`delete from thing`;
    await one.close();
  });

  test('is not taken for saved when its work passed over a failure', async () => {
    const passesOver = db.begin(async (tx) => {
      await tx`insert into thing (id) values (1)`;
      await Promise.resolve(tx`select nothing from nowhere`).catch(() => {});
    });
    await rejects(passesOver, /went on after a statement/);
    assert.equal(await count(), 0);
  });

  test('that others stand in the way of is tried again', async () => {
    await sql`insert into thing (id, value) values (1, '0')`;
    // Both have read before either writes: at this level PostgreSQL lets only one through.
    const met = Promise.withResolvers<void>();
    let readers = 0;
    let tries = 0;
    const raise = () =>
      db.begin(async (tx) => {
        tries++;
        await tx`set transaction isolation level repeatable read`;
        const [row] = await tx<{ value: string }>`select value from thing where id = 1`;
        if (++readers >= 2) met.resolve();
        await met.promise;
        await tx`update thing set value = ${String(Number(row?.value) + 1)} where id = 1`;
      });
    await Promise.all([raise(), raise()]);
    assert.deepEqual(await sql`select value from thing`, [{ value: '2' }]);
    assert.equal(tries, 3);
    await sql`delete from thing`;
  });

  test('that stands in a circle with another is tried again', async () => {
    await sql`insert into thing (id, value) values (1, 'a'), (2, 'b')`;
    const met = Promise.withResolvers<void>();
    let holders = 0;
    const both = (first: number, second: number) =>
      db.begin(async (tx) => {
        await tx`update thing set value = value || '+' where id = ${first}`;
        if (++holders >= 2) met.resolve();
        await met.promise;
        await tx`update thing set value = value || '+' where id = ${second}`;
      });
    await Promise.all([both(1, 2), both(2, 1)]);
    assert.deepEqual(await sql`select value from thing order by id`, [{ value: 'a++' }, { value: 'b++' }]);
    await sql`delete from thing`;
  });

  test('that others stand in the way of for ever is given up as a conflict', async () => {
    let tries = 0;
    const stuck = db.begin(async (tx) => {
      tries++;
      await tx`do $$ begin raise exception 'again' using errcode = 'serialization_failure'; end $$`;
    });
    await rejects(stuck, isRefusal('request.conflict'));
    assert.equal(tries, 4);
  });
});

/** A way to the database that can be cut. */
async function proxy(): Promise<{ url: string; cut(): void; close(): Promise<void> }> {
  const target = new URL(url);
  const folder = target.searchParams.get('host');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const far = folder
      ? connect(`${folder}/.s.PGSQL.${target.port || 5432}`)
      : connect(Number(target.port || 5432), target.hostname);
    for (const [from, to] of [
      [socket, far],
      [far, socket],
    ] as const) {
      sockets.add(from);
      from.pipe(to).on('error', () => {});
      from.on('error', () => to.destroy()).on('close', () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const address = new URL(url);
  address.hostname = '127.0.0.1';
  address.port = String(port);
  address.searchParams.delete('host');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const close = async () => {
    cut();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: address.href, cut, close };
}

suite('a connection', () => {
  async function cutWhile(work: (far: Database, cut: () => void) => PromiseLike<unknown>): Promise<void> {
    const way = await proxy();
    const far = openDatabase({ url: way.url, max: 1 });
    await far.sql`select 1 as n`;
    await rejects(work(far, way.cut), isRefusal('storage.unavailable'));
    assert.deepEqual(await far.sql`select 1 as n`, [{ n: 1 }]); // by a new one
    await far.close();
    await way.close();
  }

  test('that breaks between two statements of a transaction is an outage, and nothing is saved', async () => {
    await cutWhile((far, cut) =>
      far.begin(async (tx) => {
        await tx`insert into thing (id) values (1)`;
        cut();
        await tx`insert into thing (id) values (2)`;
      }),
    );
    assert.deepEqual(await sql`select id from thing`, []);
  });

  test('that breaks before the end of a transaction is an outage, and nothing is saved', async () => {
    await cutWhile((far, cut) =>
      far.begin(async (tx) => {
        await tx`insert into thing (id) values (1)`;
        cut();
      }),
    );
    assert.deepEqual(await sql`select id from thing`, []);
  });

  test('that PostgreSQL ends during a statement is an outage', async () => {
    const one = openDatabase({ url, max: 1 });
    const [row] = await one.sql<{ pid: number }>`select pg_backend_pid() as pid`;
    const slow = rejects(one.sql`select pg_sleep(30)`, isRefusal('storage.unavailable'));
    await sql`select pg_terminate_backend(${row?.pid})`;
    await slow;
    assert.deepEqual(await one.sql`select 1 as n`, [{ n: 1 }]);
    await one.close();
  });

  test('that does not come free is an outage after three seconds, not a queue without end', async () => {
    const one = openDatabase({ url, max: 1 });
    const held = Promise.withResolvers<void>();
    const holding = one.begin(async (tx) => {
      await tx`select 1 as n`;
      await held.promise;
    });
    const started = performance.now();
    await rejects(one.sql`select 1 as n`, isRefusal('storage.unavailable'));
    assert.ok(performance.now() - started > 2_900);
    held.resolve();
    await holding;
    assert.deepEqual(await one.sql`select 1 as n`, [{ n: 1 }]);
    await one.close();
  });

  test('that nobody answers is an outage', async () => {
    const nowhere = openDatabase({ url: 'postgresql://signet@127.0.0.1:1/signet' });
    await rejects(nowhere.sql`select 1 as n`, isRefusal('storage.unavailable'));
    await rejects(
      nowhere.begin(async (tx) => await tx`select 1 as n`),
      isRefusal('storage.unavailable'),
    );
    await nowhere.close();
  });

  test('on which a statement takes too long is an outage of that statement', async () => {
    const hasty = openDatabase({ url, max: 1, statementTimeout: 100 });
    await rejects(hasty.sql`select pg_sleep(10)`, isRefusal('storage.unavailable'));
    assert.deepEqual(await hasty.sql`select 1 as n`, [{ n: 1 }]);
    await hasty.close();
  });
});
