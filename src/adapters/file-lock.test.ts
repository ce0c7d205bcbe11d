import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { tryLock, waitForLock } from './file-lock.ts';
import { StartRefusal } from './start-refusal.ts';

const folder = mkdtempSync(join(tmpdir(), 'signet-lock-'));
after(() => rmSync(folder, { recursive: true }));

const silent = { info() {}, warn() {}, error() {} };

test('one has it at a time, also within one process', () => {
  const path = join(folder, 'one.lock');
  const lock = tryLock(path);
  assert.ok(lock);
  assert.equal(tryLock(path), undefined);
  lock.release();
  const next = tryLock(path);
  assert.ok(next);
  next.release();
});

test('kill -9 of the process that has it gives it free', async () => {
  const path = join(folder, 'killed.lock');
  const program = `
    const { tryLock } = await import(${JSON.stringify(new URL('./file-lock.ts', import.meta.url).href)});
    process.stdout.write(tryLock(${JSON.stringify(path)}) ? 'locked' : 'refused');
    setInterval(() => {}, 1e6);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = await once(child.stdout, 'data');
  assert.equal(String(said), 'locked');
  assert.equal(tryLock(path), undefined);

  const waiting = waitForLock(path, silent);
  child.kill('SIGKILL');
  (await waiting).release();
});

test('a file that cannot be is refused in words', () => {
  assert.throws(() => tryLock('/nowhere/at/all.lock'), StartRefusal);
});
