import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { edge } from '#test/edge.ts';

suite('/metrics', () => {
  const app = edge({
    metricsToken: 'scraper',
    pool: () => ({ totalCount: 5, idleCount: 3, waitingCount: 1 }),
  });
  const ask = (remoteAddress: string, headers: Record<string, string> = {}) =>
    app.inject({ url: '/metrics', remoteAddress, headers });

  test('counts by window, route, method and class of status, never by what a caller made up', async () => {
    await app.inject({ method: 'POST', url: '/token/probe/made-up' });
    await app.inject('/made-up/too');
    await app.inject('/rest.core/%zz');
    const { body } = await ask('127.0.0.1');
    assert.match(
      body,
      /_count\{window="privacyidea",route="\/token\/probe\/:name",method="POST",status="2xx"\} 1/,
    );
    assert.match(body, /_count\{window="none",route="none",method="GET",status="4xx"\} 1/);
    assert.match(body, /_count\{window="myid",route="none",method="GET",status="4xx"\} 1/);
    assert.doesNotMatch(body, /made-up/);
  });

  test('tells the use of the pool and the lag of the event loop', async () => {
    const { body } = await ask('127.0.0.1');
    assert.match(body, /signet_database_connections\{state="used"\} 2/);
    assert.match(body, /signet_database_connections\{state="waiting"\} 1/);
    assert.match(body, /nodejs_eventloop_lag_seconds/);
  });

  test('is for the machine itself', async () => {
    assert.equal((await ask('127.0.0.1')).statusCode, 200);
    assert.equal((await ask('::1')).statusCode, 200);
    assert.equal((await ask('::ffff:127.0.0.1')).statusCode, 200);
  });

  test('is not there for others, also through a proxy on the machine', async () => {
    for (const response of [
      await ask('203.0.113.7'),
      await ask('127.0.0.1', { 'x-forwarded-for': '203.0.113.7' }),
      await ask('203.0.113.7', { authorization: 'Bearer wrong' }),
    ]) {
      assert.equal(response.statusCode, 404);
      assert.equal(response.json().code, 'not_found');
      assert.equal(response.headers.allow, undefined);
    }
  });

  test('is there for who has the token', async () => {
    assert.equal((await ask('203.0.113.7', { authorization: 'Bearer scraper' })).statusCode, 200);
  });

  test('can be those of all workers', async () => {
    const all = edge({ allMetrics: async () => 'of_all 1\n' });
    assert.equal((await all.inject('/metrics')).body, 'of_all 1\n');
  });
});
