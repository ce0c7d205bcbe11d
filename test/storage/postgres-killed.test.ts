import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  eventually,
  madeHome,
  notedPostmaster,
  postmasterOf,
  startServer,
  stop,
  Writers,
} from './processes.ts';

const KILLS = 20;

test('20 times kill -9 of PostgreSQL in the middle of writes: the server refuses clearly, starts it again, and loses nothing', async () => {
  const home = await madeHome();
  const server = await startServer(home);
  const writers = new Writers();
  writers.aim(server.url);
  const acknowledged = async (more: number) => {
    const before = writers.acknowledged.length;
    await eventually('writes are acknowledged', () => writers.acknowledged.length >= before + more, 30_000);
  };
  for (let round = 0; round < KILLS; round++) {
    await acknowledged(20);
    const pid = postmasterOf(home);
    process.kill(pid, 'SIGKILL');
    await eventually('PostgreSQL runs again', () => notedPostmaster(home) !== pid, 30_000);
  }
  await acknowledged(20);
  await writers.verify(server.url);
  assert.ok(writers.refused.length > 0, 'no kill was noticed');
  assert.equal(await stop(server), 0);
});
