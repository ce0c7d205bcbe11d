import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { decodeJwt } from 'jose';
import { editPerson } from '#core/people/people.ts';
import { addRole } from '#core/roles/roles.ts';
import { account, basic, oauth2Settings, oauthServer, SYSTEM, systemClient } from '#test/oauth2.ts';

const server = await oauthServer({
  settings: oauth2Settings([
    systemClient(),
    systemClient({ ClientId: 'weak', Properties: { MyIDLogonName: 'weak' } }),
    systemClient({ ClientId: 'brief', Properties: { MyIDLogonName: 'brief' } }),
  ]),
});
const { ctx } = server;
await account(ctx, 'api.external');
await account(ctx, 'brief');
await addRole(ctx, {
  name: 'Weak',
  operations: ['View Person'],
  mechanisms: ['Client Credentials OAuth2 Logon'],
});
await account(ctx, 'weak', 'Weak');

const tokenOf = async (client: string): Promise<string> =>
  (await server.token({ grant_type: 'client_credentials' }, basic(client, SYSTEM.secret))).json()
    .access_token;
const $T = await tokenOf(SYSTEM.id);

const X3 = {
  client_id: 'myid.mcs',
  grant_type: 'operation',
  op: '100221',
  scope: 'myid.devicepicker',
  token: $T,
};
const X1 = { ...X3, op: '297', scope: 'myid.operation', deviceId: randomUUID() };
const errorOf = async (form: Record<string, string>) => {
  const { statusCode, body } = await server.token(form);
  return [statusCode, JSON.parse(body).error];
};
const redeem = (token: string) =>
  server.app.inject({
    method: 'POST',
    url: '/web.oauth2/connect/operation',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({ token }).toString(),
  });

test('MYID-X3 a device picker token says what it is for, and goes on with the session of its caller', async () => {
  const response = await server.token({ ...X3, deviceDetectContext: '' });
  assert.equal(response.statusCode, 200, response.body);
  const { access_token: token, ...rest } = response.json();
  assert.deepEqual(rest, { expires_in: 120, token_type: 'Bearer', scope: 'myid.devicepicker' });
  const claims = decodeJwt(token);
  assert.deepEqual(
    [claims.op, claims.deviceDetectContext, claims.myidSessionId, claims.aud],
    ['100221', '', decodeJwt($T).myidSessionId, 'myid.mws'],
  );
  assert.ok(await server.verify(token, 'myid.mws'));
});

test('MYID-X7 an operation token does not open the Core API, nor user information, nor another operation', async () => {
  const token = (await server.token(X3)).json().access_token;
  assert.equal(await server.statusAtApi(token), 401);
  const headers = { authorization: `Bearer ${token}` };
  const userinfo = await server.app.inject({ url: '/web.oauth2/connect/userinfo', headers });
  assert.equal(userinfo.statusCode, 401);
  assert.deepEqual(await errorOf({ ...X3, token }), [400, 'invalid_grant']);
});

test('MYID-X1 an operation token is redeemed once, whoever asks how often', async () => {
  const token = (await server.token(X3)).json().access_token;
  const answers = await Promise.all(Array.from({ length: 8 }, () => redeem(token)));
  const good = answers.filter((answer) => answer.statusCode === 200);
  assert.equal(good.length, 1);
  assert.deepEqual(good[0]?.json(), {
    op: '100221',
    deviceDetectContext: '',
    myidSessionId: decodeJwt($T).myidSessionId,
    sub: decodeJwt($T).sub,
  });
  for (const answer of answers.filter((each) => each.statusCode !== 200))
    assert.deepEqual([answer.statusCode, answer.body], [400, '{"error":"invalid_grant"}']);
});

test('only an operation token can be redeemed', async () => {
  assert.equal((await redeem($T)).body, '{"error":"invalid_grant"}');
  assert.equal((await redeem('x')).body, '{"error":"invalid_grant"}');
  assert.equal((await redeem('')).json().error, 'invalid_request');
});

test('MYID-X4 without a good token of its caller nothing is given', async () => {
  const revoked = await tokenOf('brief');
  await server.app.inject({
    method: 'POST',
    url: '/web.oauth2/connect/revocation',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...basic('brief', SYSTEM.secret) },
    payload: new URLSearchParams({ token: revoked }).toString(),
  });
  for (const token of ['', 'x', `${$T}x`, revoked])
    assert.deepEqual(await errorOf({ ...X3, token }), [400, 'invalid_grant']);
});

test('MYID-X4 with an expired token nothing is given', async (t) => {
  const old = await tokenOf(SYSTEM.id);
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 3_601_000 });
  assert.deepEqual(await errorOf({ ...X3, token: old }), [400, 'invalid_grant']);
});

test('an operation token dies with the session of its caller', async () => {
  const mine = await tokenOf('brief');
  const token = (await server.token({ ...X3, token: mine })).json().access_token;
  await editPerson(ctx, String(decodeJwt(mine).sub), { isEnabled: false });
  assert.equal((await redeem(token)).body, '{"error":"invalid_grant"}');
});

test('MYID-X5 exactly the target of the operation must be named', async () => {
  const { deviceId, ...untargeted } = X1;
  for (const form of [
    { ...X1, personId: randomUUID() },
    untargeted,
    { ...untargeted, personId: randomUUID() },
    { ...X1, deviceId: 'no-guid' },
    { ...X3, deviceId },
  ])
    assert.deepEqual(await errorOf(form), [400, 'invalid_request']);
});

test('a target that does not exist is refused', async () => {
  assert.deepEqual(await errorOf(X1), [400, 'invalid_request']);
  assert.deepEqual(await errorOf({ ...X1, op: '5007' }), [400, 'invalid_request']);
});

test('an operation that is missing or unknown is refused', async () => {
  for (const op of ['', '100109', '__proto__', '0297'])
    assert.deepEqual(await errorOf({ ...X3, op }), [400, 'invalid_request']);
});

test('MYID-X6 a caller without the option is refused', async () => {
  const token = await tokenOf('weak');
  for (const form of [X3, X1]) assert.deepEqual(await errorOf({ ...form, token }), [400, 'access_denied']);
});

test('a scope that is not that of the operation is refused', async () => {
  for (const scope of ['myid.rest.basic', 'other', 'myid.operation'])
    assert.deepEqual(await errorOf({ ...X3, scope }), [400, 'invalid_scope']);
});

test('the audit knows who was given which operation', async () => {
  await server.token(X3);
  const event = await server.lastEvent('operation.granted');
  assert.deepEqual(
    [event?.actorName, event?.details],
    ['api.external', { op: '100221', client: 'myid.mcs' }],
  );
});
