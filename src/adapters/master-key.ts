import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { KeyStore } from '#core/keys/master-keys.ts';
import { KEY_BYTES, type MasterKey, masterKey } from '#core/keys/vault.ts';
import { type FileLock, tryLock } from './file-lock.ts';
import { syncFolder } from './home.ts';
import { codeOf, StartRefusal } from './start-refusal.ts';

/** Where the environment may put master keys: base64, several separated by commas or line ends, the newest first. */
export interface KeyEnvironment {
  SIGNET_MASTER_KEY?: string | undefined;
  /** A file that holds the same; it is read again whenever a key is looked for. */
  SIGNET_MASTER_KEY_FILE?: string | undefined;
}

/** The key store of a home: its `keys/master.key`, unless the environment gives the keys; then no file is made. */
export function openKeyStore(home: string, env: KeyEnvironment = {}): KeyStore {
  const file = env.SIGNET_MASTER_KEY_FILE;
  if (file) return environmentKeys(`${file} (SIGNET_MASTER_KEY_FILE)`, () => readText(file) ?? '');
  const given = env.SIGNET_MASTER_KEY;
  if (given) return environmentKeys('SIGNET_MASTER_KEY', () => given);
  return fileKeys(join(home, 'keys', 'master.key'));
}

function environmentKeys(place: string, text: () => string): KeyStore {
  const refuse = () => {
    throw new StartRefusal(
      `${place} is set, so master keys are added and removed there.`,
      'The newest comes first.',
    );
  };
  const read = () => {
    const words = text()
      .split(/[\s,]+/)
      .filter(Boolean);
    if (words.length === 0) throw notKeys(place, 'it is empty');
    return words.map((word) => decoded(word, (why) => notKeys(place, why)));
  };
  return { place, canChange: false, read, readNew: read, add: refuse, remove: refuse };
}

const notKeys = (place: string, why: string) =>
  new StartRefusal(
    `${place} does not hold master keys: ${why}.`,
    'A key is 32 random bytes in base64, as made by: openssl rand -base64 32',
  );

function decoded(word: string, refusal: (why: string) => Error): MasterKey {
  const bytes = Buffer.from(word, 'base64');
  if (!/^[\w+/-]+={0,2}$/.test(word) || bytes.length !== KEY_BYTES)
    throw refusal(`a value is not base64 of ${KEY_BYTES} bytes`);
  return masterKey(bytes);
}

const HEADER =
  '# The master keys of this Signet, one a line, the newest last. Whoever reads this file can read every stored secret.\n';

/** JSON lines `{"id","key","from","added"}`. Replaced as a whole, under a lock, and on disk for good before it counts. */
function fileKeys(path: string): KeyStore {
  const read = (wanted: (line: Line) => boolean) =>
    parse(path)
      .filter(wanted)
      .map((line) => line.key)
      .reverse();
  return {
    place: path,
    canChange: true,
    read: () => read(() => true),
    readNew: () => read((line) => line.from === 'made'),
    add: (key, from) =>
      change(path, (lines) => {
        if (lines.some((line) => line.key.id === key.id)) return lines;
        return [...lines, { key, from, added: new Date().toISOString() }];
      }),
    remove: (id) => change(path, (lines) => lines.filter((line) => line.key.id !== id)),
  };
}

interface Line {
  key: MasterKey;
  from: 'made' | 'escrow';
  added: string;
}

function parse(path: string): Line[] {
  const lines = (readText(path) ?? '').split('\n');
  tighten(path);
  return lines.flatMap((text, i) => {
    if (text.trim() === '' || text.startsWith('#')) return [];
    const refusal = (why: string) =>
      new StartRefusal(
        `Line ${i + 1} of ${path} is not a master key: ${why}.`,
        'Take the line out and bring the key back from its escrow copy: signet keys import FILE',
      );
    const { id, key, from, added } = asObject(text);
    if (typeof key !== 'string') throw refusal('it is damaged');
    const found = decoded(key, refusal);
    if (found.id !== id) throw refusal(`its id says ${id}, but it is key ${found.id}`);
    return [{ key: found, from: from === 'made' ? 'made' : 'escrow', added: String(added ?? '') }];
  });
}

/** A file that was copied here by hand may be readable to others. */
function tighten(path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats && (stats.mode & 0o077) !== 0) chmodSync(path, 0o600);
}

function asObject(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new StartRefusal(
      `The master keys in ${path} cannot be read: ${(error as Error).message}`,
      undefined,
      {
        cause: error,
      },
    );
  }
}

function change(path: string, edit: (lines: Line[]) => Line[]): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const lock = waitFor(`${path}.lock`);
  try {
    const lines = edit(parse(path)).map(({ key, ...rest }) =>
      JSON.stringify({ id: key.id, key: Buffer.from(key.bytes).toString('base64'), ...rest }),
    );
    replace(path, `${HEADER}${lines.join('\n')}\n`);
  } finally {
    lock.release();
  }
}

/** A change takes milliseconds; whoever holds the lock for five seconds is stuck. */
function waitFor(path: string): FileLock {
  for (const end = Date.now() + 5_000; ; Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)) {
    const lock = tryLock(path);
    if (lock) return lock;
    if (Date.now() > end)
      throw new StartRefusal(`Another process is holding ${path}.`, `See which: fuser ${path}`);
  }
}

function replace(path: string, text: string): void {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const file = openSync(draft, 'wx', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
  syncFolder(dirname(path));
}
