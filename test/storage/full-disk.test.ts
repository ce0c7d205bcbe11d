import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { ask, eventually, postmasterOf, startServer, stop, storedLines, temporaryHome } from './processes.ts';

/**
 * Gives a program a small disk of its own for this folder: a tmpfs that only it and its children see, gone with them.
 * Root may mount one in a mount namespace; anybody else in a user namespace as well, where the system allows those.
 * Where neither is allowed the tests fail with what `unshare` says: a full disk cannot be had in another way.
 */
function withDisk(folder: string): string[] {
  const user = process.getuid?.() === 0 ? [] : ['--user', '--map-current-user', '--keep-caps'];
  const script = 'mount -t tmpfs -o size=160m,mode=755 tmpfs "$0" && exec "$@"';
  return ['unshare', ...user, '--mount', '/bin/sh', '-c', script, folder];
}

async function serverOnSmallDisk() {
  const home = temporaryHome();
  const disk = join(dirname(home), 'disk');
  mkdirSync(disk);
  return startServer(join(disk, 'home'), {}, withDisk(disk));
}

const MB = 1_000_000;

/** Half a megabyte each, until one is refused; gives those that were acknowledged, and the refusal. */
async function fill(url: string, name: string) {
  const acknowledged: string[] = [];
  for (let i = 0; i < 500; i++) {
    const line = `bulk-${name}-${i}`;
    const answer = await ask(`${url}/${line}`, 'PUT');
    if (answer.status !== 201) return { acknowledged, refusal: answer };
    acknowledged.push(line);
  }
  throw new Error('the disk did not fill');
}

test('a full disk: 503 storage.full, reads go on, and with room again writes do, without a restart', async () => {
  const server = await serverOnSmallDisk();
  const { url, home } = server;
  // The table's file is to meet the end of the disk, not the write-ahead log: room in its current segment, made in advance.
  for (let i = 0; Number((await ask(`${url}/wal-left`)).body) < 14 * MB; i++) {
    assert.equal((await ask(`${url}/bulk-before-${i}`, 'PUT')).status, 201);
  }
  const postmaster = postmasterOf(home);
  await ask(`${url}/ballast/${3 * MB}`);
  const { acknowledged, refusal } = await fill(url, 'full');
  assert.deepEqual(refusal, { status: 503, body: 'storage.full' });
  assert.equal((await ask(url)).status, 200, 'reading needs no room');

  rmSync(`/proc/${server.pid}/root${home}/ballast`); // it is in the server's file system only
  assert.equal((await ask(`${url}/bulk-after`, 'PUT')).status, 201);
  const stored = await storedLines(url);
  for (const line of [...acknowledged, 'bulk-after']) assert.ok(stored.has(line), line);
  assert.equal(postmasterOf(home), postmaster, 'PostgreSQL went on');
  assert.equal(await stop(server), 0);
});

test('a disk so full that PostgreSQL itself goes down: 503, and with room again it comes back with all that was acknowledged', async () => {
  const server = await serverOnSmallDisk();
  const { url } = server;
  const acknowledged: string[] = [];
  for (let i = 0; i < 20; i++) {
    assert.equal((await ask(`${url}/line-${i}`, 'PUT')).status, 201);
    acknowledged.push(`line-${i}`);
  }
  await ask(`${url}/ballast/0`);
  // The write-ahead log cannot have its next segment, and PostgreSQL does not go on without.
  for (let i = 0; !server.output().includes('the database server has ended'); i++) {
    assert.ok(i < 100, 'PostgreSQL did not go down');
    const { status, body } = await ask(`${url}/log`);
    assert.match(`${status} ${body}`, /^(200 \d+|503 storage\.(full|unavailable))$/);
  }
  assert.deepEqual(await ask(url), { status: 503, body: 'storage.unavailable' });

  rmSync(`/proc/${server.pid}/root${server.home}/ballast`);
  const written = async () => (await ask(`${url}/after-${Math.random()}`, 'PUT')).status === 201;
  await eventually('writes are acknowledged again', written, 60_000);
  const stored = await storedLines(url);
  for (const line of acknowledged) assert.ok(stored.has(line), line);
  assert.equal(await stop(server), 0);
});
