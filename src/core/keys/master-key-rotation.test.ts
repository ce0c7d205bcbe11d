import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, suite, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { openKeyStore } from '#adapters/master-key.ts';
import { passwordHasher } from '#adapters/passwords.ts';
import type { Context, Services } from '#core/context.ts';
import { systemActor } from '#core/roles/actor.ts';
import { testDatabase } from '#test/database.ts';
import {
  finishRotation,
  forgetMasterKey,
  listMasterKeys,
  prepareRotation,
  rewrapSealed,
  startRotation,
} from './master-key-rotation.ts';
import { type KeyStore, type MasterKeys, openMasterKeys } from './master-keys.ts';
import type { SealedColumn } from './sealed-columns.ts';
import { createVault, keyIdOf, masterKey } from './vault.ts';

const { db } = await testDatabase();
const folder = mkdtempSync(join(tmpdir(), 'signet-keys-'));
after(() => rmSync(folder, { recursive: true }));

const database = { sql: db.sql, begin: db.begin, now: () => new Date() };
const newHome = () => openKeyStore(mkdtempSync(join(folder, 'home-')));
const environment = (...keys: Uint8Array[]) =>
  openKeyStore(folder, { SIGNET_MASTER_KEY: keys.map((k) => Buffer.from(k).toString('base64')).join(',') });

function contextWith(keys: MasterKeys): Context {
  const services: Services = { ...database, vault: createVault(keys), passwords: passwordHasher };
  const origin = { window: 'cli', requestId: '-', ip: null, clientIdentifier: null };
  return { sql: db.sql, services, actor: systemActor('test'), origin, now: new Date(), inTransaction: false };
}

/** A table whose key has two columns, so that the order of pages is tested too. */
const COLUMNS: SealedColumn[] = [
  { table: 'seed_test', key: ['owner', 'number'], column: 'sealed_seed', purpose: 'seed:{owner}:{number}' },
];
await db.pool.query(
  `create table seed_test (owner uuid, number int, sealed_seed bytea, primary key (owner, number))`,
);

beforeEach(async () => {
  await db.pool.query('delete from master_key');
  await db.pool.query('delete from seed_test');
});

const OWNERS = ['8d1f1c1e-0000-4000-8000-000000000001', '8d1f1c1e-0000-4000-8000-000000000002'];

async function plant(ctx: Context, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const [owner, number] = [OWNERS[i % 2] as string, i >> 1];
    const sealed = ctx.services.vault.seal(Buffer.from(`seed ${i}`), `seed:${owner}:${number}`);
    await db.sql`insert into seed_test (owner, number, sealed_seed) values (${owner}, ${number}, ${sealed})`;
  }
}

async function readAll(ctx: Context) {
  const rows = await db.sql<{ owner: string; number: number; sealedSeed: Uint8Array }>`
    select owner, number, sealed_seed from seed_test order by number, owner`;
  return rows.map(({ owner, number, sealedSeed }) => ({
    keyId: keyIdOf(sealedSeed),
    text: Buffer.from(ctx.services.vault.unseal(sealedSeed, `seed:${owner}:${number}`)).toString(),
  }));
}

async function rotate(ctx: Context, keys: MasterKeys) {
  await startRotation(ctx, keys, await prepareRotation(ctx, keys));
  const values = await rewrapSealed(ctx, keys, () => {}, COLUMNS);
  return { values, retired: await finishRotation(ctx, keys, values) };
}

async function waiting(): Promise<number> {
  const { rows } = await db.pool.query(
    `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return rows[0].n;
}

const stateOf = async (ctx: Context, store: KeyStore) =>
  (await listMasterKeys(ctx, store, COLUMNS)).map(({ id, state, values }) => ({ id, state, values }));

suite('a rotation', () => {
  test('seals every value anew under a new key, and retires the old one', async () => {
    const keys = await openMasterKeys(database, newHome());
    const ctx = contextWith(keys);
    await plant(ctx, 451);
    const old = keys.current().id;
    const { values, retired } = await rotate(ctx, keys);
    const to = keys.current().id;
    assert.notEqual(to, old);
    assert.equal(values, 451);
    assert.deepEqual(retired, [old]);
    const all = await readAll(ctx);
    assert.deepEqual(
      all.map((v) => v.text),
      Array.from({ length: 451 }, (_, i) => `seed ${i}`),
    );
    assert.deepEqual(new Set(all.map((v) => v.keyId)), new Set([to]));
    assert.deepEqual(await stateOf(ctx, keys.store), [
      { id: to, state: 'current', values: 451 },
      { id: old, state: 'retired', values: 0 },
    ]);
  });

  test('tells how far it has come', async () => {
    const keys = await openMasterKeys(database, newHome());
    const ctx = contextWith(keys);
    await plant(ctx, 401);
    await startRotation(ctx, keys, await prepareRotation(ctx, keys));
    const told: string[] = [];
    await rewrapSealed(ctx, keys, (done, total) => told.push(`${done}/${total}`), COLUMNS);
    assert.deepEqual(told, ['200/401', '400/401', '401/401']);
  });

  test('that broke off in the middle goes on to the same key when it is started again', async () => {
    const store = newHome();
    const keys = await openMasterKeys(database, store);
    const ctx = contextWith(keys);
    await plant(ctx, 450);
    const rotation = await prepareRotation(ctx, keys);
    await startRotation(ctx, keys, rotation);
    const broken = rewrapSealed(
      ctx,
      keys,
      (done) => {
        if (done >= 200) throw new Error('cut off');
      },
      COLUMNS,
    );
    await assert.rejects(broken, /cut off/);

    const next = await openMasterKeys(database, store); // another process, later
    const later = contextWith(next);
    const resumed = await prepareRotation(later, next);
    assert.deepEqual(
      { id: resumed.to.id, isResumed: resumed.isResumed },
      { id: rotation.to.id, isResumed: true },
    );
    const { values } = await rotate(later, next);
    assert.equal(values, 250);
    assert.equal((await readAll(later)).length, 450);
    assert.equal(store.read().length, 2);
  });

  test('that broke off before it began takes the key it had made', async () => {
    const store = newHome();
    const keys = await openMasterKeys(database, store);
    const ctx = contextWith(keys);
    const first = await prepareRotation(ctx, keys);
    const second = await prepareRotation(ctx, await openMasterKeys(database, store));
    assert.equal(second.to.id, first.to.id);
    assert.equal(store.read().length, 2);
  });

  test('started by two at once goes to one key', async () => {
    const store = newHome();
    const runs = await Promise.all([openMasterKeys(database, store), openMasterKeys(database, store)]);
    await plant(contextWith(runs[0]), 100);
    await Promise.all(runs.map((keys) => rotate(contextWith(keys), keys)));
    assert.equal(runs[0].current().id, runs[1].current().id);
    const all = await readAll(contextWith(runs[0]));
    assert.deepEqual(new Set(all.map((v) => v.keyId)), new Set([runs[0].current().id]));
  });

  test('leaves a running process able to read and write before it hears of it, and nothing is lost', async () => {
    const store = newHome();
    const running = await openMasterKeys(database, store);
    const server = contextWith(running);
    await plant(server, 20);
    const keys = await openMasterKeys(database, store);
    await rotate(contextWith(keys), keys);

    assert.equal((await readAll(server)).length, 20); // reads what it has no key for yet: looks at the file again
    await db.pool.query('delete from seed_test');
    await plant(server, 2); // and, not having heard, still seals under the old key
    assert.equal((await readAll(contextWith(keys)))[0]?.text, 'seed 0');

    await running.refresh();
    assert.equal(running.current().id, keys.current().id);
    assert.deepEqual((await rotate(server, running)).values, 2);
    assert.equal((await readAll(server)).length, 2);
  });

  test('does not undo a change that is made to a value in the same moment', async () => {
    const keys = await openMasterKeys(database, newHome());
    const ctx = contextWith(keys);
    await plant(ctx, 2);
    const changed = ctx.services.vault.seal(Buffer.from('newer'), `seed:${OWNERS[0]}:0`);
    const other = await db.pool.connect();
    await other.query('begin');
    await other.query('update seed_test set sealed_seed = $1 where owner = $2', [changed, OWNERS[0]]);
    await startRotation(ctx, keys, await prepareRotation(ctx, keys));
    const rewrapping = rewrapSealed(ctx, keys, () => {}, COLUMNS);
    while ((await waiting()) === 0) await setImmediate();
    await other.query('commit');
    other.release();
    assert.equal(await rewrapping, 3); // both values, and the changed one once more
    const all = await readAll(ctx);
    assert.deepEqual(all[0], { keyId: keys.current().id, text: 'newer' });
  });

  test('with keys from the environment goes to the new one there, and needs the old one no more', async () => {
    const [old, to] = [randomBytes(32), randomBytes(32)];
    const before = await openMasterKeys(database, environment(old));
    await plant(contextWith(before), 5);
    await assert.rejects(prepareRotation(contextWith(before), before), { code: 'master_key.none_new' });

    const keys = await openMasterKeys(database, environment(to, old));
    assert.equal(keys.current().id, masterKey(old).id);
    await rotate(contextWith(keys), keys);
    const after = await openMasterKeys(database, environment(to));
    assert.equal((await readAll(contextWith(after))).length, 5);
  });

  test('under way refuses a start that lacks the outgoing key', async () => {
    const [old, to] = [randomBytes(32), randomBytes(32)];
    await openMasterKeys(database, environment(old));
    const keys = await openMasterKeys(database, environment(to, old));
    const ctx = contextWith(keys);
    await startRotation(ctx, keys, await prepareRotation(ctx, keys));
    await assert.rejects(openMasterKeys(database, environment(to)), { code: 'master_key.missing' });
  });
});

suite('forgetting a key', () => {
  test('is refused while the key is in use', async () => {
    const keys = await openMasterKeys(database, newHome());
    const forget = forgetMasterKey(contextWith(keys), keys.store, keys.current().id);
    await assert.rejects(forget, { code: 'master_key.in_use' });
    assert.equal(keys.store.read().length, 1);
  });

  test('takes a retired key out of the home; brought back, it is never one to rotate to', async () => {
    const keys = await openMasterKeys(database, newHome());
    const ctx = contextWith(keys);
    const old = keys.current();
    await rotate(ctx, keys);
    await forgetMasterKey(ctx, keys.store, old.id);
    assert.deepEqual(
      keys.store.read().map((key) => key.id),
      [keys.current().id],
    );
    await assert.rejects(forgetMasterKey(ctx, keys.store, old.id), { code: 'master_key.not_found' });
    keys.store.add(old, 'escrow');
    assert.notEqual((await prepareRotation(ctx, keys)).to.id, old.id);
  });

  test('a key of an escrow copy that the database never saw is not one to rotate to', async () => {
    const keys = await openMasterKeys(database, newHome());
    const stranger = masterKey(randomBytes(32));
    keys.store.add(stranger, 'escrow');
    assert.notEqual((await prepareRotation(contextWith(keys), keys)).to.id, stranger.id);
  });
});
