import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openHome, secretFile } from './home.ts';
import { StartRefusal } from './start-refusal.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'signet-home-')));
after(() => rmSync(folder, { recursive: true }));

const mode = (path: string) => statSync(path).mode & 0o777;

test('a home is made with its folders, whatever the umask; the folders in it are private', () => {
  const before = process.umask(0o077);
  try {
    const home = openHome(join(folder, 'new/home'));
    assert.equal(mode(home.folder), 0o711);
    assert.equal(mode(home.keys), 0o700);
    assert.equal(mode(join(home.folder, 'web.oauth2/CustomClients')), 0o700);
    assert.ok(existsSync(join(home.folder, 'rest.core')));
  } finally {
    process.umask(before);
  }
});

test('a home that is there keeps its files and its mode; keys that others could read are closed', () => {
  const path = join(folder, 'there');
  mkdirSync(join(path, 'keys'), { recursive: true });
  chmodSync(path, 0o750);
  chmodSync(join(path, 'keys'), 0o755);
  writeFileSync(join(path, 'keys/master.key'), 'x');
  const home = openHome(path);
  assert.equal(mode(path), 0o750);
  assert.equal(mode(home.keys), 0o700);
  assert.equal(readFileSync(join(home.keys, 'master.key'), 'utf8'), 'x');
});

test('a symbolic link to a home is that home', () => {
  const real = openHome(join(folder, 'real')).folder;
  symlinkSync(real, join(folder, 'link'));
  assert.equal(openHome(join(folder, 'link')).folder, real);
});

test('what cannot be a home is refused with a hint', () => {
  writeFileSync(join(folder, 'file'), '');
  mkdirSync(join(folder, 'open'));
  chmodSync(join(folder, 'open'), 0o777);
  for (const path of [
    join(folder, 'file'),
    join(folder, 'file/below'),
    join(folder, 'open'),
    '/proc/signet',
    `/${'x'.repeat(300)}`,
  ]) {
    assert.throws(
      () => openHome(path),
      (error) => error instanceof StartRefusal && error.hint !== undefined,
      path,
    );
  }
});

test('a secret is made once, private, and read from then on', () => {
  const path = join(folder, 'secret');
  const first = secretFile(path);
  assert.match(first, /^[\w-]{43}$/);
  assert.equal(mode(path), 0o600);
  chmodSync(path, 0o644);
  assert.equal(secretFile(path), first);
  assert.equal(mode(path), 0o600);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('secret')),
    ['secret'],
  );
});

test('an empty secret is refused: it would be one that everybody knows', () => {
  const path = join(folder, 'empty');
  writeFileSync(path, '\n');
  assert.throws(() => secretFile(path), /is empty/);
});
