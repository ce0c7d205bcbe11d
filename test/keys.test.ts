import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { openKeyStore } from '#adapters/master-key.ts';
import type { Database } from '#adapters/postgres.ts';
import { type MasterKeys, openMasterKeys } from '#core/keys/master-keys.ts';
import { createVault, keyIdOf } from '#core/keys/vault.ts';
import { listenForReload } from '../src/reload.ts';
import { commandLine, newHome } from './cli/in-process.ts';
import { testDatabase } from './database.ts';

const BIN = fileURLToPath(new URL('../bin/signet', import.meta.url));
const sound = async () => ({ ok: true, faults: [] });

/** An installation, with a process that has its keys as a server has. */
async function installation() {
  const { db, url } = await testDatabase();
  const home = newHome();
  const env = { SIGNET_HOME: home, DATABASE_URL: url };
  const signet = commandLine(env);
  assert.equal((await signet(['init'])).exit, 0);
  return { db, env, home, signet };
}

async function startServer(t: TestContext, db: Database, home: string) {
  const keys = await openMasterKeys({ ...db, now: () => new Date() }, openKeyStore(home));
  const listener = listenForReload(db, sound, { keys, onFailure: (error) => assert.fail(error as Error) });
  t.after(() => listener.close());
  await listener.ready;
  return keys;
}

type Installation = Awaited<ReturnType<typeof installation>>;

/** Made before the tests, so that a database outlives everything a test has open on it. */
const installations = await Promise.all(Array.from({ length: 4 }, installation));

const plainOf = (kid: string) => `private key of ${kid}`;

/** Sealed values as signing keys have them; they are in the order of their ids. */
async function plant(db: Database, keys: MasterKeys, count: number, start = 'k'): Promise<void> {
  const kids = Array.from({ length: count }, (_, i) => `${start}${String(i).padStart(6, '0')}`);
  const vault = createVault(keys);
  const sealed = kids.map((kid) => Buffer.from(vault.seal(Buffer.from(plainOf(kid)), `signing-key:${kid}`)));
  await db.pool.query(
    `insert into signing_key (kid, alg, public_jwk, sealed_private, created_at, signs_from, signs_until, published_until)
     select kid, 'RS256', '{}', sealed, now(), now(), now(), now() from unnest($1::text[], $2::bytea[]) as t (kid, sealed)`,
    [kids, sealed],
  );
}

async function readAll(db: Database, keys: MasterKeys) {
  const vault = createVault(keys);
  const { rows } = await db.pool.query('select kid, sealed_private from signing_key order by kid');
  const ids = new Set<string>();
  for (const { kid, sealed_private: sealed } of rows) {
    assert.equal(Buffer.from(vault.unseal(sealed, `signing-key:${kid}`)).toString(), plainOf(kid));
    ids.add(keyIdOf(sealed));
  }
  return { count: rows.length, keyIds: [...ids] };
}

async function blocked(db: Database): Promise<number[]> {
  const { rows } = await db.pool.query(
    `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return rows.map((row) => row.pid);
}

test('a rotation that is killed in the middle is finished by the next one, under a running server', async (t) => {
  const { db, env, home, signet } = installations[0] as Installation;
  const running = await startServer(t, db, home);
  await plant(db, running, 1_000);

  // The last value is held fast, so that the rotation stands still before its end until it is killed.
  const other = new pg.Client({ connectionString: env.DATABASE_URL });
  await other.connect();
  t.after(() => other.end());
  await other.query('begin');
  await other.query(`select from signing_key where kid = 'k000999' for update`);
  const killed = spawn(BIN, ['keys', 'rotate'], { env: { ...process.env, ...env }, stdio: 'inherit' });
  let waiting: number[] = [];
  for (const end = Date.now() + 60_000; waiting.length === 0 && Date.now() < end; await sleep(20)) {
    waiting = await blocked(db);
    await readAll(db, running);
  }
  assert.equal(waiting.length, 1, 'the rotation never came to the last value');
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  await db.pool.query('select pg_terminate_backend($1)', [waiting[0]]);
  await other.query('rollback');

  assert.equal((await readAll(db, running)).keyIds.length, 2, 'some are sealed anew, some are not');
  await plant(db, running, 10, 'written-meanwhile-');
  const again = await signet(['keys', 'rotate', '--json']);
  assert.equal(again.exit, 0, again.stderr);
  assert.match(again.stderr, /going on with the rotation/);
  const { key, secrets } = JSON.parse(again.stdout);
  assert.ok(secrets < 1_000, 'only what was left was sealed anew');
  assert.deepEqual(await readAll(db, running), { count: 1_010, keyIds: [key] });
  assert.equal(running.current().id, key, 'the server seals under the new key, too');
});

test('a server on another host that lacks the new key stops the rotation before anything is sealed under it', async (t) => {
  const { db, home, signet } = installations[1] as Installation;
  const elsewhere = newHome();
  mkdirSync(elsewhere, { recursive: true });
  cpSync(join(home, 'keys'), join(elsewhere, 'keys'), { recursive: true });
  const running = await startServer(t, db, elsewhere);
  await plant(db, running, 3);

  const refused = await signet(['keys', 'rotate']);
  assert.equal(refused.exit, 1);
  assert.match(
    refused.stderr,
    /A running server does not have the new key: .*master\.key of .* does not hold/,
  );
  assert.match(refused.stderr, /signet keys export on this host, signet keys import on that one/);
  assert.deepEqual((await readAll(db, running)).keyIds, [running.current().id]);

  const copy = await signet(['keys', 'export', '--plain']);
  const there = await commandLine({ SIGNET_HOME: elsewhere })(['keys', 'import', '-'], copy.stdout);
  assert.match(there.stdout, /was added/);
  const rotated = await signet(['keys', 'rotate', '--json']);
  assert.equal(rotated.exit, 0, rotated.stderr);
  assert.deepEqual(await readAll(db, running), { count: 3, keyIds: [JSON.parse(rotated.stdout).key] });
  assert.equal(openKeyStore(home).read().length, 2, 'the same new key was taken both times');
});

suite('a home without the right key', () => {
  test('is told which key the database needs; the escrow copy brings it back', async () => {
    const { env, signet } = installations[2] as Installation;
    const [, needed] = /^(\w+) +current/m.exec((await signet(['keys', 'list'])).stdout) ?? [];
    const escrow = join(newHome(), '..', 'escrow.txt');
    const exported = await signet(['keys', 'export', '--out', escrow]);
    const [, passphrase = ''] = /^passphrase: (.*)$/m.exec(exported.stdout) ?? [];

    const fresh = commandLine({ ...env, SIGNET_HOME: newHome() });
    for (const words of [['group', 'list'], ['init']]) {
      const refused = await fresh(words);
      assert.equal(refused.exit, 1);
      assert.match(
        refused.stderr,
        new RegExp(
          `The database needs key ${needed}; .*/keys/master\\.key holds none\\. Bring its escrow copy: signet keys import FILE\\.`,
        ),
      );
    }
    const wrong = await fresh(['keys', 'import', escrow, '--passphrase', '-'], 'a guess\n');
    assert.match(wrong.stderr, /The passphrase is not the one/);
    const imported = await fresh(['keys', 'import', escrow, '--passphrase', '-'], `${passphrase}\n`);
    assert.equal(imported.stdout, `${needed} was added\n`);
    assert.equal((await fresh(['group', 'list'])).exit, 0);
    assert.ok(!readFileSync(escrow, 'utf8').includes(passphrase));
  });

  test('is told so when the environment gives a wrong key, and that one is named', async () => {
    const { env } = installations[3] as Installation;
    const SIGNET_MASTER_KEY = randomBytes(32).toString('base64');
    const refused = await commandLine({ ...env, SIGNET_MASTER_KEY })(['group', 'list']);
    assert.equal(refused.exit, 1);
    assert.match(
      refused.stderr,
      /The database needs key \w{16}; SIGNET_MASTER_KEY holds \w{16}\. Add that key to SIGNET_MASTER_KEY/,
    );
    assert.ok(!refused.stderr.includes(SIGNET_MASTER_KEY));
  });
});
