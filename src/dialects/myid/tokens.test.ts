import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeJwt } from 'jose';
import { setSetting } from '#core/settings/settings.ts';
import { server } from '#test/server.ts';

const on = await server();
const id = await on.actor('api', { operations: ['View Person'] });
const claims = decodeJwt(on.token('api') as string);

async function status(token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await on.app.inject({ url: '/rest.core/api/People', headers });
  if (answer.statusCode === 401) {
    assert.equal(answer.body, '');
    assert.equal(answer.headers['www-authenticate'], 'Bearer');
  }
  return answer.statusCode;
}

test('a token that is good opens the API', async () => {
  assert.equal(await status(on.token('api') as string), 200);
});

test('MYID-X7 a token of another scope does not open it', async () => {
  assert.equal(await status(await on.mint({ ...claims, scope: ['myid.operation'] })), 401);
});

test('a token of a session that there is not does not open it', async () => {
  assert.equal(await status(await on.mint({ ...claims, myidSessionId: crypto.randomUUID() })), 401);
});

test('a token is dead from the moment its session ends, although it has just been used', async () => {
  const session = claims.myidSessionId as string;
  assert.equal(await status(on.token('api') as string), 200);
  await on.services.sql`update logon set ended_at = ${on.services.now()} where id = ${session}`;
  assert.equal(await status(on.token('api') as string), 401);
  await on.services.sql`update logon set ended_at = null where id = ${session}`;
});

test('a revoked token is dead, another of the same session is not', async () => {
  const revoked = await on.mint({ ...claims, jti: 'one' });
  await on.services.sql`insert into revoked (id, until) values ('jti:one', ${new Date('2027-01-01')})`;
  assert.equal(await status(revoked), 401);
  assert.equal(await status(on.token('api') as string), 200);
});

test('a mechanism that is switched off opens nothing from the next request on', async () => {
  await setSetting(on.ctx, 'Client Credentials OAuth2 Logon', 'No');
  assert.equal(await status(on.token('api') as string), 403);
  await setSetting(on.ctx, 'Client Credentials OAuth2 Logon', 'Yes');
  assert.equal(await status(on.token('api') as string), 200);
});

test('MYID-T7 the token of somebody who is disabled is dead', async () => {
  const answer = await on.app.inject({
    method: 'POST',
    url: `/rest.core/api/People/${id}/disable`,
    headers: on.bearer('operator'),
    payload: { reason: 'gone' },
  });
  assert.equal(answer.statusCode, 200);
  assert.equal(await status(on.token('api') as string), 401);
});
