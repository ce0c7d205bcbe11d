import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { emptyDatabase } from '../database.ts';
import { startOldServer } from './old-server.ts';
import {
  ask,
  eventually,
  startServer,
  startServerProgram,
  stop,
  storedLines,
  temporaryHome,
  Writers,
} from './processes.ts';
import { startProxy } from './proxy.ts';

const TEN_SECONDS = 10_000;

suite('a DATABASE_URL that goes away', { concurrency: 3 }, () => {
  for (const [mode, what] of [
    ['refuse', 'cuts its connections and takes none'],
    ['swallow', 'vanishes without a word, as behind a dead network'],
  ] as const) {
    test(`a DATABASE_URL that ${what} for 10 s: 503 storage.unavailable, then it works again without a restart`, async () => {
      const proxy = await startProxy(await emptyDatabase());
      after(() => proxy.close());
      const server = await startServer(temporaryHome(), { DATABASE_URL: proxy.url });
      const writers = new Writers();
      writers.aim(server.url);
      await eventually('writes are acknowledged', () => writers.acknowledged.length > 10);

      const since = Date.now();
      proxy.set(mode);
      assert.deepEqual(await ask(`${server.url}/while-away`, 'PUT'), {
        status: 503,
        body: 'storage.unavailable',
      });
      await eventually('10 s have passed', () => Date.now() - since > TEN_SECONDS);
      proxy.set('pass');
      const before = writers.acknowledged.length;
      await eventually('writes are acknowledged again', () => writers.acknowledged.length > before + 10);
      await writers.verify(server.url);
      assert.equal(await stop(server), 0);
    });
  }

  test('a server that starts before its database waits for it', async () => {
    const proxy = await startProxy(await emptyDatabase());
    after(() => proxy.close());
    proxy.set('refuse');
    const server = startServerProgram(temporaryHome(), { DATABASE_URL: proxy.url });
    await server.says('waiting for the database: PostgreSQL at 127.0.0.1');
    proxy.set('pass');
    await server.says('Signet is ready');
    assert.equal(await stop(server), 0);
  });
});

suite('a DATABASE_URL', () => {
  test('two servers that start at once on an empty database both come up and share it', async () => {
    const url = await emptyDatabase();
    const [one, other] = await Promise.all([
      startServer(temporaryHome(), { DATABASE_URL: url }),
      startServer(temporaryHome(), { DATABASE_URL: url }),
    ]);
    assert.equal((await ask(`${one.url}/from-one`, 'PUT')).status, 201);
    assert.deepEqual(await storedLines(other.url), new Set(['from-one']));
    assert.deepEqual(await Promise.all([stop(one), stop(other)]), [0, 0]);
  });

  test('below PostgreSQL 15 is refused, with the version that is there', async () => {
    const old = await startOldServer({
      number: '140011',
      text: 'PostgreSQL 14.11 (Debian 14.11-1) on x86_64',
    });
    after(old.close);
    const server = startServerProgram(temporaryHome(), { DATABASE_URL: old.url });
    assert.equal(await server.exited, 1);
    assert.match(
      server.output(),
      /Signet needs PostgreSQL 15 or later; DATABASE_URL leads to PostgreSQL 14\.11/,
    );
    assert.doesNotMatch(server.output(), /\n\s+at /);
  });

  test('with a wrong password is refused at once, without showing it', async () => {
    const url = new URL(await emptyDatabase());
    url.password = 'hunter2';
    const server = startServerProgram(temporaryHome(), { DATABASE_URL: url.href });
    assert.equal(await server.exited, 1);
    assert.match(server.output(), /The database refuses us .*password authentication failed/);
    assert.doesNotMatch(server.output(), /hunter2/);
  });
});
