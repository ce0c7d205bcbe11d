import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { masterKey } from '#core/keys/vault.ts';
import { openKeyStore } from './master-key.ts';
import { StartRefusal } from './start-refusal.ts';

const folder = mkdtempSync(join(tmpdir(), 'signet-master-key-'));
after(() => rmSync(folder, { recursive: true }));
const newHome = () => mkdtempSync(join(folder, 'home-'));
const newKey = () => masterKey(randomBytes(32));
const ids = (keys: readonly { id: string }[]) => keys.map((key) => key.id);

test('a home without keys has none', () => {
  assert.deepEqual(openKeyStore(newHome()).read(), []);
});

test('keys are kept in a file that only its owner can read, the newest comes first', () => {
  const store = openKeyStore(newHome());
  const [one, two] = [newKey(), newKey()];
  store.add(one, 'made');
  store.add(two, 'made');
  store.add(one, 'made');
  assert.deepEqual(ids(store.read()), [two.id, one.id]);
  assert.equal(statSync(store.place).mode & 0o777, 0o600);
});

test('a key taken out is gone, the others stay', () => {
  const store = openKeyStore(newHome());
  const [one, two] = [newKey(), newKey()];
  store.add(one, 'made');
  store.add(two, 'made');
  store.remove(one.id);
  assert.deepEqual(ids(store.read()), [two.id]);
});

test('processes that add keys at once lose none', async () => {
  const home = newHome();
  const program = `
    import { openKeyStore } from ${JSON.stringify(new URL('./master-key.ts', import.meta.url).pathname)};
    import { masterKey } from ${JSON.stringify(new URL('../core/keys/vault.ts', import.meta.url).pathname)};
    import { randomBytes } from 'node:crypto';
    for (let i = 0; i < 5; i++) openKeyStore(process.argv[1]).add(masterKey(randomBytes(32)), 'made');`;
  const runs = Array.from({ length: 4 }, () =>
    once(spawn(process.execPath, ['--input-type=module', '-e', program, home], { stdio: 'inherit' }), 'exit'),
  );
  for (const [code] of await Promise.all(runs)) assert.equal(code, 0);
  assert.equal(openKeyStore(home).read().length, 20);
});

test('only a key that was made here is one to rotate to', () => {
  const store = openKeyStore(newHome());
  const [one, two] = [newKey(), newKey()];
  store.add(one, 'made');
  store.add(two, 'escrow');
  assert.deepEqual(ids(store.readNew()), [one.id]);
  assert.deepEqual(ids(store.read()), [two.id, one.id]);
});

test('a file that others can read is closed to them', () => {
  const store = openKeyStore(newHome());
  store.add(newKey(), 'made');
  chmodSync(store.place, 0o644);
  store.read();
  assert.equal(statSync(store.place).mode & 0o777, 0o600);
});

test('a damaged line is refused by its number, with what to do', () => {
  const store = openKeyStore(newHome());
  store.add(newKey(), 'made');
  writeFileSync(store.place, `${readFileSync(store.place, 'utf8')}{"id":"cut`);
  assert.throws(
    () => store.read(),
    (error) =>
      error instanceof StartRefusal &&
      /^Line 3 of /.test(error.message) &&
      /keys import/.test(error.hint ?? ''),
  );
});

test('a line whose key is not the one its id says is refused', () => {
  const store = openKeyStore(newHome());
  const key = newKey();
  store.add(key, 'made');
  writeFileSync(store.place, readFileSync(store.place, 'utf8').replace(key.id, '0123456789abcdef'));
  assert.throws(() => store.read(), {
    message: new RegExp(`its id says 0123456789abcdef, but it is key ${key.id}`),
  });
});

test('the environment gives keys, the newest first, and takes none', () => {
  const [one, two] = [newKey(), newKey()];
  const SIGNET_MASTER_KEY = [one, two].map((key) => Buffer.from(key.bytes).toString('base64')).join(', ');
  const store = openKeyStore(newHome(), { SIGNET_MASTER_KEY });
  assert.deepEqual(ids(store.read()), [one.id, two.id]);
  assert.equal(store.canChange, false);
  assert.throws(() => store.add(newKey(), 'made'), StartRefusal);
});

test('a file that the environment names is read again each time', () => {
  const path = join(newHome(), 'secret');
  const [one, two] = [newKey(), newKey()];
  const base64 = (key: { bytes: Uint8Array }) => Buffer.from(key.bytes).toString('base64');
  writeFileSync(path, `${base64(one)}\n`);
  const store = openKeyStore(newHome(), { SIGNET_MASTER_KEY_FILE: path });
  assert.deepEqual(ids(store.read()), [one.id]);
  writeFileSync(path, `${base64(two)}\n${base64(one)}\n`);
  assert.deepEqual(ids(store.read()), [two.id, one.id]);
});

test('what is no key in the environment is refused without being shown', () => {
  for (const value of ['hunter2', Buffer.from('sixteen bytes !!').toString('base64'), ' , ']) {
    const store = openKeyStore(newHome(), { SIGNET_MASTER_KEY: value });
    assert.throws(
      () => store.read(),
      (error: StartRefusal) => {
        assert.match(error.message, /^SIGNET_MASTER_KEY does not hold master keys/);
        assert.ok(!error.message.includes('hunter2'));
        return true;
      },
    );
  }
});
