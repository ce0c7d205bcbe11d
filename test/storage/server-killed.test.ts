import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, kill, madeHome, startServer, stop, Writers } from './processes.ts';

const KILLS = 20;

test('20 times kill -9 of the server in the middle of writes: each next start needs no help, no acknowledged write is lost', async () => {
  const home = await madeHome();
  const writers = new Writers();
  for (let round = 0; round < KILLS; round++) {
    const server = await startServer(home);
    const before = writers.acknowledged.length;
    writers.aim(server.url);
    await eventually('writes are acknowledged', () => writers.acknowledged.length >= before + 20);
    await kill(server);
    writers.aim(undefined);
  }
  await writers.stop();

  const server = await startServer(home);
  await writers.verifyStored(server.url);
  assert.ok(writers.acknowledged.length >= KILLS * 20);
  assert.equal(await stop(server), 0);
});
