import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { beforeEach, suite, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { openDatabase } from '#adapters/postgres.ts';
import { auditServices, contextFor, sealEverything, unprotect, writeEvents } from '#test/audit.ts';
import { testDatabase } from '#test/database.ts';
import type { Checkpoint } from './chain.ts';
import { signingKey } from './keys.ts';
import { createSealer } from './sealer.ts';
import { verifyAudit } from './verify.ts';

const { db, url } = await testDatabase();
const services = auditServices(db);
await signingKey(services); // making it is an event as well
const fail = (error: unknown) => assert.fail(error as Error);
const sealer = (over = services, onCheckpoint?: (c: Checkpoint) => void) =>
  createSealer(over, { onError: fail, ...(onCheckpoint && { onCheckpoint }) });

/** The events in the order in which they were sealed. */
async function sealed(): Promise<number[]> {
  const rows = await db.sql<{ eventId: number }>`select event_id from audit_seal order by sequence`;
  return rows.map((row) => row.eventId);
}

async function verdict() {
  const { ok, fault, events, unsealed } = await verifyAudit(contextFor(services));
  return { ok, fault, events, unsealed };
}

async function until(isSo: () => Promise<boolean>, what: string): Promise<void> {
  for (const deadline = Date.now() + 30_000; !(await isSo()); await delay(5)) {
    assert.ok(Date.now() < deadline, `${what} did not happen in time`);
  }
}

beforeEach(async () => {
  await db.begin(async (sql) => {
    await unprotect(sql);
    await sql`truncate audit_event, audit_seal, audit_checkpoint restart identity`;
    await sql`update audit_head set sequence = 0, hash = decode(repeat('00', 32), 'hex'), settled = '0', event_id = 0, restored_id = 0`;
    await sql`alter table audit_event enable trigger user`;
    await sql`alter table audit_seal enable trigger user`;
    await sql`alter table audit_checkpoint enable trigger user`;
  });
});

/** A transaction that has written an event and stays open until it is told to end. */
async function openTransaction(t: TestContext, label: string) {
  const end = Promise.withResolvers<'commit' | 'rollback'>();
  const written = Promise.withResolvers<number>();
  const done = db
    .begin(async (sql) => {
      const [id = 0] = await writeEvents(sql, 1, label);
      written.resolve(id);
      if ((await end.promise) === 'rollback') throw new Error('rolled back');
    })
    .catch(() => {});
  const finish = async (how: 'commit' | 'rollback') => {
    end.resolve(how);
    await done;
  };
  t.after(() => finish('rollback'));
  return { id: await written.promise, end: finish };
}

suite('an event is sealed once', () => {
  test('and not before every transaction that began writing earlier has ended', async (t) => {
    const slow = await openTransaction(t, 'slow');
    const [fast = 0] = await writeEvents(db.sql, 1, 'fast');
    await sealer().runOnce();
    assert.deepEqual(await sealed(), []);

    await slow.end('commit');
    await sealEverything(services, sealer().runOnce);
    assert.deepEqual(await sealed(), [slow.id, fast]);
  });

  test('though one of its transaction was numbered before those of another that committed first', async (t) => {
    const early = await openTransaction(t, 'early');
    await writeEvents(db.sql, 3);
    await early.end('rollback');
    const late = await openTransaction(t, 'late');
    await sealer().runOnce();
    await late.end('commit');
    await sealEverything(services, sealer().runOnce);
    assert.equal(new Set(await sealed()).size, 4);
    assert.equal((await sealed()).includes(early.id), false);
  });

  test('by any number of sealers, beside writers whose transactions end in any order', async (t) => {
    const others = [openDatabase({ url }), openDatabase({ url })];
    t.after(() => Promise.all(others.map((other) => other.close())));
    const pools = [db, ...others];
    const committed: number[] = [];
    let areWriting = true;
    const writer = async (n: number) => {
      for (let i = 0; i < 60; i++) {
        const isKept = (i * 7 + n) % 5 > 0;
        const write = pools[n % 3]?.begin(async (sql) => {
          const ids = await writeEvents(sql, 1 + ((i + n) % 3));
          await delay((i * n) % 4);
          ids.push(...(await writeEvents(sql, 1)));
          if (!isKept) throw new Error('rolled back');
          return ids;
        });
        committed.push(...((await write?.catch(() => [])) ?? []));
      }
    };
    const seal = async (pool: (typeof pools)[number]) => {
      const own = sealer(auditServices(pool));
      while (areWriting) await own.runOnce();
    };
    const sealing = Promise.all([...pools, ...pools].map(seal));
    await Promise.all([1, 2, 3, 4, 5, 6].map(writer)).finally(() => {
      areWriting = false;
    });
    await sealing;
    await sealEverything(services, sealer().runOnce);

    const ids = (await sealed()).toSorted((a, b) => a - b);
    assert.deepEqual(
      ids,
      committed.toSorted((a, b) => a - b),
    );
    assert.deepEqual(await verdict(), { ok: true, fault: null, events: ids.length, unsealed: 0 });
  });

  test('though sealers are killed in the middle of it', async () => {
    await writeEvents(db.sql, 12_000);
    const count = async () => (await db.sql<{ n: number }>`select count(*) as n from audit_seal`)[0]?.n ?? 0;
    for (let kills = 0; kills < 3; kills++) {
      const before = await count();
      const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', SEALING], {
        env: { ...process.env, URL_OF_TEST: url },
        cwd: process.cwd(),
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      await until(async () => (await count()) > before, 'sealing');
      child.kill('SIGKILL');
      await once(child, 'exit');
      assert.ok((await count()) < 12_000, 'it was done before it could be killed');
    }
    await sealEverything(services, sealer().runOnce);
    assert.deepEqual((await verdict()).fault, null);
    assert.equal(new Set(await sealed()).size, await count());
  });
});

/** A process that seals one batch after another, slowly enough to be hit. */
const SEALING = `
  import { openDatabase } from '#adapters/postgres.ts';
  import { createSealer } from '#core/audit/sealer.ts';
  import { auditServices } from '#test/audit.ts';
  const db = openDatabase({ url: process.env.URL_OF_TEST });
  const slow = {
    ...db,
    begin: (work) => db.begin(async (sql) => {
      const result = await work(sql);
      await new Promise((resolve) => setTimeout(resolve, 30));
      return result;
    }),
  };
  await createSealer(auditServices(slow), { onError: console.error }).runOnce();
`;

suite('a sealer', () => {
  test('writes nothing when there is nothing new', async () => {
    await writeEvents(db.sql, 3);
    await sealEverything(services, sealer().runOnce);
    const [before] = await db.sql`select ctid::text as place from audit_head`;
    assert.equal(await sealer().runOnce(), 0);
    const [after] = await db.sql`select ctid::text as place from audit_head`;
    assert.deepEqual(after, before);
  });

  test('at work holds no writer up', async () => {
    await writeEvents(db.sql, 3);
    await db.begin(async (sql) => {
      await sql`select pg_advisory_xact_lock(7364641)`;
      await sql`update audit_head set sequence = sequence`;
      assert.equal((await writeEvents(db.sql, 2)).length, 2);
      assert.equal(await sealer().runOnce(), 0);
    });
    await sealEverything(services, sealer().runOnce);
    assert.equal((await sealed()).length, 5);
  });

  test('runs by itself until it is stopped, and signs where the chain ends then', async () => {
    const checkpoints: Checkpoint[] = [];
    const own = createSealer(services, {
      interval: 10,
      onError: fail,
      onCheckpoint: (c) => checkpoints.push(c),
    });
    own.start();
    await writeEvents(db.sql, 700);
    await until(async () => (await sealed()).length === 700, 'sealing');
    await writeEvents(db.sql, 4);
    await own.stop();
    assert.ok((await sealed()).length >= 700);
    assert.equal(checkpoints.at(-1)?.sequence, (await sealed()).length);
  });

  test('goes on after the database has failed it', async () => {
    const errors: unknown[] = [];
    let isDown = true;
    const begin: typeof db.begin = (work) => (isDown ? Promise.reject(new Error('down')) : db.begin(work));
    const own = createSealer(auditServices({ sql: db.sql, begin }), {
      interval: 5,
      onError: (e) => errors.push(e),
    });
    own.start();
    await writeEvents(db.sql, 3);
    await until(async () => errors.length > 1, 'failing');
    isDown = false;
    await until(async () => (await sealed()).length >= 3, 'sealing');
    await own.stop();
  });

  test('seals on while the key that signs cannot be had, and signs when it can', async () => {
    const errors: unknown[] = [];
    const lost = { ...services.vault, unseal: () => assert.fail('the master key is not at hand') };
    await writeEvents(db.sql, 2_600);
    const own = createSealer({ ...services, vault: lost }, { onError: (e) => errors.push(e) });
    await sealEverything(services, own.runOnce);
    assert.ok(errors.length > 0);

    const checkpoints: Checkpoint[] = [];
    await sealer(services, (c) => checkpoints.push(c)).runOnce();
    assert.equal(checkpoints[0]?.sequence, 2_600);
  });

  test('signs after a thousand events, or a minute after the last time', async () => {
    let now = Date.parse('2026-03-01T10:00:00Z');
    const clocked = auditServices(db, () => new Date(now));
    const checkpoints: number[] = [];
    const own = sealer(clocked, (c) => checkpoints.push(c.sequence));
    const events = async () => (await sealed()).length;

    await writeEvents(db.sql, 10);
    await sealEverything(services, own.runOnce);
    const first = checkpoints.length; // the very first events are signed at once: nothing vouches for them yet
    await writeEvents(db.sql, 10);
    await sealEverything(services, own.runOnce);
    now += 59_000;
    await own.runOnce();
    assert.equal(checkpoints.length, first);
    now += 1_001;
    await own.runOnce();
    assert.equal(checkpoints.at(-1), await events());
    await writeEvents(db.sql, 2_600);
    await sealEverything(services, own.runOnce);
    assert.ok(checkpoints.length >= first + 3);
    assert.deepEqual(await verdict(), { ok: true, fault: null, events: await events(), unsealed: 0 });
  });

  test('of several that have no key yet makes one, and tells the audit', async () => {
    await db.sql`delete from audit_key`;
    await writeEvents(db.sql, 5);
    const findKeys = () => db.sql`select kid from audit_key`;
    // A transaction in another database of this server puts off what can be sealed, and so the need for a key.
    for (const until = Date.now() + 60_000; (await findKeys()).length === 0 && Date.now() < until; ) {
      await Promise.all(Array.from({ length: 5 }, () => sealer().stop()));
    }
    const keys = await findKeys();
    const events = await db.sql`select target_id from audit_event where operation = 'key.created'`;
    assert.equal(keys.length, 1);
    assert.deepEqual(events[0]?.targetId, keys[0]?.kid);
    assert.equal(events.length, 1);
  });
});

test('a database restored from a copy of another server, whose transactions were ahead, goes on with its chain', async () => {
  await writeEvents(db.sql, 600);
  await sealEverything(services, sealer().runOnce);
  const before = await sealed();
  await db.begin(async (sql) => {
    await unprotect(sql);
    await sql`update audit_event set txid = (txid::text::bigint + 1000000)::text::xid8`;
    await sql`update audit_head set settled = (settled::text::bigint + 1000000)::text::xid8`;
    // What was written there and not sealed any more.
    await sql`
      insert into audit_event (txid, at, ended_at, operation, outcome, actor_kind, actor_name, way_in)
      select (settled::text::bigint + n)::text::xid8, now(), now(), 'person.added', 'success', 'person', 'x', 'test'
      from audit_head, generate_series(1, 3) n`;
    await sql`alter table audit_event enable trigger user`;
    await sql`alter table audit_seal enable trigger user`;
    await sql`alter table audit_checkpoint enable trigger user`;
  });
  await writeEvents(db.sql, 2);
  await sealEverything(services, sealer().runOnce);
  await writeEvents(db.sql, 2);
  await sealEverything(services, sealer().runOnce);

  const all = await sealed();
  assert.deepEqual(all.slice(0, before.length), before);
  assert.equal(all.length, before.length + 7);
  assert.equal(new Set(all).size, all.length);
  assert.equal((await verdict()).fault, null);
});
