import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addGroup } from '#core/groups/groups.ts';
import { addPerson, editPerson } from '#core/people/people.ts';
import { addRole, editRole } from '#core/roles/roles.ts';
import { setSetting } from '#core/settings/settings.ts';
import { account, basic, oauth2Settings, oauthServer, SYSTEM, systemClient } from '#test/oauth2.ts';

const client = (id: string, over: object) => systemClient({ ClientId: id, ...over });

const server = await oauthServer({
  settings: oauth2Settings(
    [
      systemClient(),
      client('sixty.text', { AccessTokenLifetime: '60' }),
      client('sixty.number', { AccessTokenLifetime: 60 }),
      client('no.account', { Properties: { MyIDLogonName: 'nobody.here' } }),
      client('no.role', { Properties: { MyIDLogonName: 'no.role' } }),
      client('disabled', { Properties: { MyIDLogonName: 'disabled' } }),
      client('two.apis', { AllowedScopes: ['myid.rest.basic', 'reports', 'openid'] }),
      client('elliptic', { AccessTokenSigningAlgorithm: 'ES256' }),
      client('offline', { AllowOfflineAccess: true }),
      client('of.tenant', { Properties: { MyIDLogonName: 'acme\\Api.External' } }),
      client('of.no.tenant', { Properties: { MyIDLogonName: 'nowhere\\api.external' } }),
    ],
    { scopes: [{ Name: 'reports' }], apis: [{ Name: 'reports.api', Scopes: ['reports'] }] },
  ),
});
const { ctx, app, verified, lastEvent } = server;
const apiExternal = await account(ctx, 'api.external');
await addRole(ctx, { name: 'By Hand', operations: ['View Person'], mechanisms: ['Password Logon'] });
await account(ctx, 'no.role', 'By Hand');
await account(ctx, 'disabled');

const grant = { grant_type: 'client_credentials', scope: 'myid.rest.basic' };
const T1 = () => server.token(grant, basic(SYSTEM.id, SYSTEM.secret));
const inBody = (over: Record<string, string> = {}) =>
  server.token({ ...grant, client_id: SYSTEM.id, client_secret: SYSTEM.secret, ...over });

test('MYID-T1 a program gets a token with its secret in the header', async () => {
  const response = await server.token('grant_type=client_credentials&scope=myid.rest.basic', {
    authorization: 'Basic bXlpZC5teXN5c3RlbTo4MjU2NGQ2ZS1jNGE2LTRmNjQtYTZkNC1jYWM0Mzc4MWM2N2M=',
  });
  assert.equal(response.statusCode, 200, response.body);
  const { access_token: token, ...rest } = response.json();
  assert.deepEqual(rest, { expires_in: 3600, token_type: 'Bearer', scope: 'myid.rest.basic' });
  assert.equal(response.headers['cache-control'], 'no-store');
  assert.match(String(response.headers['content-type']), /^application\/json/);
  assert.equal((await verified(token)).sub, apiExternal);
});

test('MYID-T2 the same with client_id and client_secret in the body', async () => {
  const response = await inBody();
  assert.equal(response.statusCode, 200);
  const { access_token: _, ...rest } = response.json();
  assert.deepEqual(rest, { expires_in: 3600, token_type: 'Bearer', scope: 'myid.rest.basic' });
});

test('MYID-T4 the identifier of the machine and its address stand in the audit and in the logons', async () => {
  const response = await app.inject({
    method: 'POST',
    url: '/web.oauth2/connect/token',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      client_identifier: 'PC-42',
      ...basic(SYSTEM.id, SYSTEM.secret),
    },
    remoteAddress: '192.0.2.7',
    payload: new URLSearchParams(grant).toString(),
  });
  assert.equal(response.statusCode, 200);
  const { myidSessionId } = await verified(response.json().access_token);
  assert.deepEqual(await lastEvent('logon.granted'), {
    outcome: 'success',
    actorName: 'api.external',
    clientId: SYSTEM.id,
    ip: '192.0.2.7',
    clientIdentifier: 'PC-42',
    sessionId: myidSessionId,
    wayIn: 'oauth2',
    details: { grantType: 'client_credentials' },
  });
  const [logon] = await ctx.sql`
    select person_id, client_id, mechanism, grant_type, ip, client_identifier, ended_at, expires_at - at as lifetime
    from logon where id = ${String(myidSessionId)}`;
  assert.deepEqual(
    { ...logon, lifetime: Number(Object(logon?.lifetime).hours) },
    {
      personId: apiExternal,
      clientId: SYSTEM.id,
      mechanism: 'Client Credentials OAuth2 Logon',
      grantType: 'client_credentials',
      ip: '192.0.2.7',
      clientIdentifier: 'PC-42',
      endedAt: null,
      lifetime: 1,
    },
  );
});

test('MYID-T5 with the mechanism switched off nobody gets a token, and switched on again they do', async () => {
  await setSetting(ctx, 'Client Credentials OAuth2 Logon', 'No');
  const off = await T1();
  await setSetting(ctx, 'Client Credentials OAuth2 Logon', 'Yes');
  assert.equal(off.statusCode, 400);
  assert.equal(off.body, '{"error":"unauthorized_client"}');
  assert.equal((await T1()).statusCode, 200);
});

test('MYID-T6 an account without a role that has the mechanism gets no token', async () => {
  const response = await server.token(grant, basic('no.role', SYSTEM.secret));
  assert.equal(response.statusCode, 400);
  assert.equal(response.body, '{"error":"unauthorized_client"}');
  const event = await lastEvent('logon.refused');
  assert.deepEqual(event?.details, {
    error: 'unauthorized_client',
    reason: 'no role with this mechanism',
  });

  await editRole(ctx, 'By Hand', { mechanisms: ['Client Credentials OAuth2 Logon'] });
  assert.equal((await server.token(grant, basic('no.role', SYSTEM.secret))).statusCode, 200);
});

test('MYID-T7 a disabled account gets no token, and the ones it had are dead', async () => {
  const before = await server.token(grant, basic('disabled', SYSTEM.secret));
  const token = before.json().access_token;
  assert.equal(await server.statusAtApi(token), 200);
  const [person] = await ctx.sql<{ id: string }>`select id from person where logon_name = 'disabled'`;
  await editPerson(ctx, person?.id ?? '', { isEnabled: false });
  const response = await server.token(grant, basic('disabled', SYSTEM.secret));
  assert.equal(response.statusCode, 400);
  assert.equal(response.body, '{"error":"unauthorized_client"}');
  assert.equal(await server.statusAtApi(token), 401);
});

test('MYID-T8 a scope that the client may not have is refused', async () => {
  for (const scope of ['other', 'myid.rest.basic other', 'offline_access', 'myid.operation', '"', 'openid']) {
    const { statusCode, body } = await inBody({ scope });
    assert.equal(statusCode, 400);
    assert.equal(JSON.parse(body).error, 'invalid_scope', scope);
  }
  const offline = await server.token(
    { ...grant, scope: 'myid.rest.basic offline_access' },
    basic('offline', SYSTEM.secret),
  );
  assert.equal(offline.json().error, 'invalid_scope');
});

test('MYID-T9 the life time of a token is the number of the client, quoted or not', async () => {
  for (const id of ['sixty.text', 'sixty.number']) {
    const response = await server.token(grant, basic(id, SYSTEM.secret));
    const { access_token: token, expires_in: seconds } = response.json();
    assert.equal(seconds, 60);
    const { exp = 0, iat = 0, nbf } = await verified(token);
    assert.equal(exp - iat, 60);
    assert.equal(nbf, iat);
  }
});

test('without a scope the token has all that the client may have of APIs, and their audiences', async () => {
  const response = await server.token({ grant_type: 'client_credentials' }, basic('two.apis', SYSTEM.secret));
  assert.equal(response.json().scope, 'myid.rest.basic reports');
  const payload = await verified(response.json().access_token);
  assert.deepEqual(payload.scope, ['myid.rest.basic', 'reports']);
  assert.deepEqual(payload.aud, ['myid.rest', 'reports.api']);
});

test('a token for another API only does not open the Core API', async () => {
  const response = await server.token({ ...grant, scope: 'reports' }, basic('two.apis', SYSTEM.secret));
  const token = response.json().access_token;
  assert.ok(await server.verify(token, 'reports.api'));
  assert.equal(await server.verify(token, 'myid.rest'), undefined);
});

test('a client gets ES256 tokens where it asks for them', async () => {
  const response = await server.token(grant, basic('elliptic', SYSTEM.secret));
  const token = response.json().access_token;
  assert.equal(JSON.parse(Buffer.from(token.split('.')[0], 'base64url').toString()).alg, 'ES256');
  assert.equal((await verified(token)).sub, apiExternal);
  assert.ok(await server.verify(token, 'myid.rest'));
});

test('an account that is not there is refused, with the reason in the audit only', async () => {
  const response = await server.token(grant, basic('no.account', SYSTEM.secret));
  assert.equal(response.body, '{"error":"unauthorized_client"}');
  const event = await lastEvent('logon.refused');
  assert.deepEqual(event?.details, { error: 'unauthorized_client', reason: 'no account of this name' });
  assert.equal(event?.outcome, 'refused');
  assert.equal(event?.clientId, 'no.account');
});

test('an account of another tenant is named with it, in any letter case', async () => {
  const root = await addGroup(ctx, { name: 'Acme', isTenant: true });
  const person = await addPerson(ctx, {
    logonName: 'api.external',
    firstName: 'Another',
    groupId: root.id,
    roles: [{ name: 'Startup User', scope: 'all' }],
  });
  const token = (await server.token(grant, basic('of.tenant', SYSTEM.secret))).json().access_token;
  assert.equal((await verified(token)).sub, person.id);
  const nowhere = await server.token(grant, basic('of.no.tenant', SYSTEM.secret));
  assert.equal(nowhere.body, '{"error":"unauthorized_client"}');
});

test('MYID-S3 MYID-T9 an expired token gets 401 with an empty body', async (t) => {
  const token = (await server.token(grant, basic('sixty.text', SYSTEM.secret))).json().access_token;
  const ask = () =>
    app.inject({ url: '/rest.core/api/Groups?q=*', headers: { authorization: `Bearer ${token}` } });
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
  assert.equal((await ask()).statusCode, 200);
  t.mock.timers.tick(60_000);
  const late = await ask();
  assert.deepEqual([late.statusCode, late.body], [401, '']);
});
