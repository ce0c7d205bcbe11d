import assert from 'node:assert/strict';
import { test } from 'node:test';
import { restCoreSettings, server } from '#test/server.ts';

const on = await server();

const PATHS = [
  ['GET', '/rest.core'],
  ['GET', '/rest.core/'],
  ['GET', '/rest.core/api/People'],
  ['POST', '/rest.core/api/People'],
  ['PUT', '/rest.core/api/People'],
  ['GET', '/REST.Core/api/nothing'],
  ['GET', '/rest.core/swagger/index.html'],
  ['GET', '/rest.core/%zz'],
] as const;

test('MYID-C6 with broken files every path of the service says so, and the others answer', async () => {
  on.settings.restCore = undefined;
  for (const [method, url] of PATHS) {
    const answer = await on.app.inject({ method, url, headers: on.bearer('operator') });
    assert.equal(answer.statusCode, 500, url);
    assert.match(answer.body, /HTTP Error 500\.30 - ANCM In-Process Start Failure/, url);
  }
  assert.equal((await on.app.inject('/readyz')).statusCode, 200);
  assert.equal((await on.app.inject('/nevisidm/api/core/v1')).statusCode, 404);
});

test('MYID-C6 when they are mended it serves again', async () => {
  on.settings.restCore = restCoreSettings();
  const answer = await on.app.inject({ url: '/rest.core/api/People', headers: on.bearer('operator') });
  assert.equal(answer.statusCode, 200);
});
