import assert from 'node:assert/strict';
import { test } from 'node:test';
import { childrenOf } from './machine.ts';
import { ask, eventually, madeHome, postmasterOf, startServer, stop, Writers } from './processes.ts';

const TEN_SECONDS = 10_000;

test('an embedded PostgreSQL that is stopped for 10 s: 503 storage.unavailable, then it works again without a restart', async () => {
  const home = await madeHome();
  const server = await startServer(home);
  const writers = new Writers();
  writers.aim(server.url);
  await eventually('writes are acknowledged', () => writers.acknowledged.length > 10);

  const postmaster = postmasterOf(home);
  const all = [postmaster, ...childrenOf(postmaster)];
  const since = Date.now();
  for (const pid of all) process.kill(pid, 'SIGSTOP');
  try {
    assert.deepEqual(await ask(`${server.url}/while-away`, 'PUT'), {
      status: 503,
      body: 'storage.unavailable',
    });
    await eventually('10 s have passed', () => Date.now() - since > TEN_SECONDS);
  } finally {
    for (const pid of all) process.kill(pid, 'SIGCONT');
  }
  const before = writers.acknowledged.length;
  await eventually('writes are acknowledged again', () => writers.acknowledged.length > before + 10);
  assert.equal(postmasterOf(home), postmaster);
  await writers.verify(server.url);
  assert.equal(await stop(server), 0);
});
