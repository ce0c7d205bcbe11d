import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { suite, test } from 'node:test';
import { childrenOf, postmasters } from './machine.ts';
import {
  ask,
  eventually,
  kill,
  madeHome,
  noteOf,
  runCommand,
  startServer,
  startServerProgram,
  stop,
  storedLines,
} from './processes.ts';

/** The processes that answer, as far as enough requests on new connections tell. */
async function answering(url: string, requests = 40): Promise<Set<string>> {
  const answers = await Promise.all(Array.from({ length: requests }, () => ask(`${url}/pid`)));
  return new Set(answers.filter(({ status }) => status === 200).map(({ body }) => body));
}

suite('one process', { concurrency: 3 }, () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`${signal} lets requests under way finish, then ends PostgreSQL, then exits with 0`, async () => {
      const home = await madeHome();
      const server = await startServer(home);
      const slow = ask(`${server.url}/slow`);
      await eventually(
        'the slow request is under way',
        async () => (await ask(`${server.url}/busy`)).body === '1',
      );
      server.signal(signal);
      assert.deepEqual(await slow, { status: 200, body: '0' });
      assert.equal(await server.exited, 0);
      assert.deepEqual(postmasters(home), []);
      assert.equal((await ask(server.url)).status, 0);
    });
  }

  test('a request that takes longer than the limit is cut off', async () => {
    const home = await madeHome();
    const server = await startServer(home, { SIGNET_DRAIN_SECONDS: '0' });
    const slow = ask(`${server.url}/slow`);
    await eventually(
      'the slow request is under way',
      async () => (await ask(`${server.url}/busy`)).body === '1',
    );
    server.signal('SIGTERM');
    assert.notEqual((await slow).status, 200);
    assert.equal(await server.exited, 0);
    assert.match(server.output(), /some requests were still under way and have been cut off/);
    assert.deepEqual(postmasters(home), []);
  });

  test('a second signal ends it at once; PostgreSQL ends by itself', async () => {
    const home = await madeHome();
    const server = await startServer(home);
    const slow = ask(`${server.url}/slow`);
    await eventually(
      'the slow request is under way',
      async () => (await ask(`${server.url}/busy`)).body === '1',
    );
    server.signal('SIGTERM');
    await server.says('a second signal ends at once');
    server.signal('SIGTERM');
    assert.equal(await server.exited, 1);
    assert.equal((await slow).status, 0);
    await eventually('PostgreSQL has ended', () => postmasters(home).length === 0);
  });

  test('SIGHUP reads the configuration again; a broken one is told and the server goes on', async () => {
    const server = await startServer(await madeHome());
    server.signal('SIGHUP');
    await server.says('the configuration was read again');
    assert.equal((await ask(`${server.url}/reloads`)).body, '1');
    assert.equal(await stop(server), 0);

    const broken = await startServer(await madeHome(), { SIGNET_TEST_BROKEN: 'a.json:3' });
    broken.signal('SIGHUP');
    await broken.says(
      /"problem":"broken: a\.json:3","msg":"the configuration is broken; the one before stays in use"/,
    );
    assert.equal((await ask(broken.url)).status, 200);
    assert.equal(await stop(broken), 0);
  });

  test('a port that is in use is one clear line and exit code 1, and nothing is left running', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    for (const workers of ['1', '2']) {
      const home = await madeHome();
      const server = startServerProgram(home, {
        SIGNET_PORT: String(port),
        SIGNET_LOG_LEVEL: 'silent',
        SIGNET_WORKERS: workers,
      });
      assert.equal(await server.exited, 1);
      assert.equal(
        server.output(),
        `Something else listens on port ${port} of 127.0.0.1. Name another with --port or SIGNET_PORT.\n`,
      );
      assert.deepEqual(postmasters(home), []);
    }
    other.close();
  });

  test('an address that is not of this machine is told', async () => {
    const server = startServerProgram(await madeHome(), { SIGNET_HOST: '192.0.2.1' });
    assert.equal(await server.exited, 1);
    assert.match(server.output(), /192\.0\.2\.1 is not an address of this machine/);
  });

  test('a bug that nobody caught ends the process, with the fault in the log', async () => {
    const home = await madeHome();
    const server = await startServer(home);
    await ask(`${server.url}/die`);
    assert.equal(await server.exited, 70);
    assert.match(server.output(), /"level":60.*on purpose.*a bug; this process ends/);
    await eventually('PostgreSQL has ended', () => postmasters(home).length === 0);
  });

  test('what it prints never holds the password of the database', async () => {
    const home = await madeHome();
    const server = await startServer(home, { SIGNET_LOG_LEVEL: 'trace' });
    process.kill(postmasters(home)[0] ?? 0, 'SIGKILL');
    await server.says('the database is back');
    assert.equal(await stop(server), 0);
    assert.doesNotMatch(server.output(), /signet:[^@]+@/);
  });
});

suite('several workers', { concurrency: 2 }, () => {
  test('share one port; the one that dies is replaced and its death is logged', async () => {
    const home = await madeHome();
    const server = await startServer(home, { SIGNET_WORKERS: '2' });
    assert.deepEqual(noteOf(home), { pid: server.pid, url: server.url });
    const before = await answering(server.url);
    assert.equal(before.size, 2);
    assert.ok(!before.has(String(server.pid)), 'the primary answers nothing itself');

    const victim = [...before][0] as string;
    process.kill(Number(victim), 'SIGKILL');
    await server.says(new RegExp(`"worker":${victim},.*"signal":"SIGKILL".*"msg":"a worker has died"`));
    await eventually('two answer again', async () => {
      const now = await answering(server.url);
      return now.size === 2 && !now.has(victim);
    });
    assert.equal((await ask(`${server.url}/line`, 'PUT')).status, 201);
    assert.equal(await stop(server), 0);
    assert.deepEqual(postmasters(home), []);
  });

  test('SIGTERM drains all of them, SIGHUP reaches all of them', async () => {
    const home = await madeHome();
    const server = await startServer(home, { SIGNET_WORKERS: '3' });
    server.signal('SIGHUP');
    await server.says('the configuration was read again');
    const reloads = await Promise.all(Array.from({ length: 30 }, () => ask(`${server.url}/reloads`)));
    assert.deepEqual(new Set(reloads.map(({ body }) => body)), new Set(['1']));

    const slow = Array.from({ length: 6 }, () => ask(`${server.url}/slow`));
    await eventually('a slow request is under way in each', async () => {
      const busy = await Promise.all(Array.from({ length: 12 }, () => ask(`${server.url}/busy`)));
      return busy.every(({ body }) => Number(body) > 0);
    });
    server.signal('SIGTERM');
    for (const answer of await Promise.all(slow)) assert.deepEqual(answer, { status: 200, body: '0' });
    assert.equal(await server.exited, 0);
    assert.deepEqual(postmasters(home), []);
  });

  test('kill -9 of the primary ends the workers and PostgreSQL; the next start needs no help', async () => {
    const home = await madeHome();
    const server = await startServer(home, { SIGNET_WORKERS: '2' });
    assert.equal((await ask(`${server.url}/line`, 'PUT')).status, 201);
    const workers = childrenOf(server.pid);
    assert.ok(workers.length >= 2);
    await kill(server);
    await eventually(
      'all have ended',
      () => childrenOf(server.pid).length === 0 && postmasters(home).length === 0,
    );
    await eventually('nobody answers', async () => (await ask(server.url)).status === 0);
    const next = await startServer(home, { SIGNET_WORKERS: '2' });
    assert.deepEqual(await storedLines(next.url), new Set(['line']));
    assert.deepEqual(await runCommand(home, 'beside'), ['line', 'beside']);
    assert.equal(await stop(next), 0);
  });

  test('a worker that cannot start keeps the server from starting, in its own words', async () => {
    const home = await madeHome();
    const server = startServerProgram(home, {
      SIGNET_WORKERS: '2',
      SIGNET_TEST_REFUSE: 'no certificate here',
    });
    assert.equal(await server.exited, 1);
    assert.match(server.output(), /no certificate here/);
    assert.deepEqual(postmasters(home), []);
  });
});
