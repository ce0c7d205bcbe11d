import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, suite, test } from 'node:test';
import { openKeyStore } from '#adapters/master-key.ts';
import { testDatabase } from '#test/database.ts';
import { openMasterKeys } from './master-keys.ts';
import { masterKey } from './vault.ts';

const { db } = await testDatabase();
const folder = mkdtempSync(join(tmpdir(), 'signet-keys-'));
after(() => rmSync(folder, { recursive: true }));

const database = { sql: db.sql, begin: db.begin, now: () => new Date() };
const newHome = () => openKeyStore(mkdtempSync(join(folder, 'home-')));
const environment = (...keys: Uint8Array[]) =>
  openKeyStore(folder, { SIGNET_MASTER_KEY: keys.map((k) => Buffer.from(k).toString('base64')).join(',') });

beforeEach(async () => {
  await db.pool.query('delete from master_key');
});

suite('the first start', () => {
  test('makes a key in the home, which the next start takes again', async () => {
    const store = newHome();
    const first = await openMasterKeys(database, store);
    const again = await openMasterKeys(database, store);
    assert.equal(again.current().id, first.current().id);
    assert.equal(store.read().length, 1);
  });

  test('of several processes at once ends with one key', async () => {
    const store = newHome();
    const all = await Promise.all(Array.from({ length: 6 }, () => openMasterKeys(database, store)));
    assert.equal(new Set(all.map((keys) => keys.current().id)).size, 1);
    assert.equal(store.read().length, 1);
  });

  test('of two homes at once on one database lets one in, and tells the other what it lacks', async () => {
    const homes = [newHome(), newHome()];
    const results = await Promise.allSettled(homes.map((store) => openMasterKeys(database, store)));
    const refused = results.flatMap((r) => (r.status === 'rejected' ? [r.reason] : []));
    assert.equal(refused.length, 1);
    assert.equal(refused[0].code, 'master_key.missing');
  });

  test('takes the first key of the environment and makes no file', async () => {
    const [one, two] = [randomBytes(32), randomBytes(32)];
    const keys = await openMasterKeys(database, environment(one, two));
    assert.equal(keys.current().id, masterKey(one).id);
  });
});

suite('a start on a database that has its key', () => {
  test('is refused in a fresh home, by ids and with the remedy, and makes no key', async () => {
    const needed = (await openMasterKeys(database, newHome())).current().id;
    const fresh = newHome();
    await assert.rejects(openMasterKeys(database, fresh), {
      code: 'master_key.missing',
      detail: `The database needs key ${needed}; ${fresh.place} holds none. Bring its escrow copy: signet keys import FILE.`,
    });
    assert.deepEqual(fresh.read(), []);
  });

  test('is refused with a wrong key, naming the one found', async () => {
    const needed = (await openMasterKeys(database, newHome())).current().id;
    const wrong = randomBytes(32);
    await assert.rejects(
      openMasterKeys(database, environment(wrong)),
      (error: { code: string; detail: string }) => {
        assert.equal(error.code, 'master_key.missing');
        assert.match(
          error.detail,
          new RegExp(`needs key ${needed}; SIGNET_MASTER_KEY holds ${masterKey(wrong).id}\\.`),
        );
        return true;
      },
    );
  });

  test('is refused when the proof in the database is not of that key', async () => {
    const store = newHome();
    await openMasterKeys(database, store);
    await db.pool.query(`update master_key set proof = set_byte(proof, 30, get_byte(proof, 30) # 1)`);
    await assert.rejects(openMasterKeys(database, store), { code: 'master_key.wrong' });
  });
});
