import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openDatabase } from '#adapters/postgres.ts';
import { DomainError } from '#core/errors.ts';
import { testDatabase } from '#test/database.ts';

const { db, url } = await testDatabase();
const { sql } = db;

const backend = async () => (await sql<{ pid: number }>`select pg_backend_pid() as pid`)[0]?.pid;

test('reads that are asked for in the same moment go over one connection', async () => {
  const pids = await Promise.all([backend(), backend(), backend()]);
  assert.equal(new Set(pids).size, 1);
});

test('no more than four stand behind one another', async () => {
  const pids = await Promise.all(Array.from({ length: 9 }, backend));
  assert.ok(new Set(pids).size >= 3, String(pids));
});

test('each gets its own answer', async () => {
  const numbers = [1, 2, 3, 4, 5, 6, 7];
  const answers = await Promise.all(
    numbers.map(async (n) => (await sql<{ n: number }>`select ${n}::int as n`)[0]?.n),
  );
  assert.deepEqual(answers, numbers);
});

test('one that fails leaves the others their answers, and the connection in use', async () => {
  const [before, failed, after] = await Promise.allSettled([
    backend(),
    sql`select ${'no number'}::int`,
    backend(),
  ]);
  assert.ok(before.status === 'fulfilled' && after.status === 'fulfilled');
  assert.ok(failed.status === 'rejected' && failed.reason instanceof DomainError);
  assert.equal(failed.reason.code, 'request.invalid');
  assert.equal(before.value, after.value);
  assert.equal(await backend(), before.value);
});

test('a read that waits for a lock holds up nobody', async () => {
  await sql`insert into setting (name, value, changed_by, changed_at) values ('held', '1', 'test', now())`;
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let isHeld = () => {};
  const holding = new Promise<void>((resolve) => {
    isHeld = resolve;
  });
  const holder = db.begin(async (tx) => {
    await tx`select name from setting where name = 'held' for update`;
    isHeld();
    await held;
  });
  await holding;
  let done = false;
  const waiting = Promise.resolve(sql`select name from setting where name = 'held' for update`).then(() => {
    done = true;
  });
  assert.ok(await backend(), 'the read that was asked for at the same moment is answered');
  assert.equal(done, false);
  letGo();
  await Promise.all([holder, waiting]);
});

const endConnection = async () => await sql`select pg_terminate_backend(pg_backend_pid())`;

test('all whose answers were still to come on a connection that is lost are told so, and the next read finds another', async () => {
  const pid = await backend();
  const answers = await Promise.allSettled([endConnection(), backend(), backend()]);
  const codes = answers.map((a) => (a.status === 'rejected' ? (a.reason as DomainError).code : a.value));
  assert.deepEqual(codes, Array(3).fill('storage.unavailable'));
  assert.notEqual(await backend(), pid);
});

test('a pool that is closed refuses them all', async () => {
  const closed = openDatabase({ url });
  await closed.close();
  const answers = await Promise.allSettled([closed.sql`select 1 as one`, closed.sql`select 2 as two`]);
  assert.ok(answers.every(({ status }) => status === 'rejected'));
});
