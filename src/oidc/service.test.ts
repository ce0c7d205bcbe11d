import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeJwt } from 'jose';
import { account, basic, oauth2Settings, oauthServer, SYSTEM, systemClient } from '#test/oauth2.ts';

const PAGE = 'http://127.0.0.1:5500';
const website = {
  ClientId: 'myid.mywebsite',
  AllowedGrantTypes: ['authorization_code'],
  RequireClientSecret: false,
  AllowedScopes: ['myid.rest.basic'],
  RedirectUris: [`${PAGE}/`],
  AllowedCorsOrigins: [PAGE, 'https://slash.example.com/'],
};
const settings = oauth2Settings([systemClient(), website, systemClient({ ClientId: 'watcher' })]);
const server = await oauthServer({ settings });
const anywhere = await oauthServer({
  settings,
  database: server.database,
  secret: server.secret,
  server: { publicUrl: undefined },
});
await account(server.ctx, 'api.external');
const grant = { grant_type: 'client_credentials' };
const DISCOVERY = '/web.oauth2/.well-known/openid-configuration';

test('the discovery document names what there is, under the public address', async () => {
  const document = (await server.app.inject(DISCOVERY)).json();
  const base = 'https://myserver.example.com/web.oauth2';
  assert.equal(document.issuer, base);
  assert.equal(document.authorization_endpoint, `${base}/connect/authorize`);
  assert.equal(document.token_endpoint, `${base}/connect/token`);
  assert.equal(document.revocation_endpoint, `${base}/connect/revocation`);
  assert.equal(document.introspection_endpoint, `${base}/connect/introspect`);
  assert.equal(document.userinfo_endpoint, `${base}/connect/userinfo`);
  assert.equal(document.jwks_uri, `${base}/.well-known/openid-configuration/jwks`);
  assert.deepEqual(document.response_types_supported, ['code']);
  assert.deepEqual(document.code_challenge_methods_supported, ['S256']);
  assert.deepEqual(document.subject_types_supported, ['public']);
  assert.deepEqual(document.id_token_signing_alg_values_supported, ['RS256']);
  assert.deepEqual(document.grant_types_supported.toSorted(), [
    'authorization_code',
    'client_credentials',
    'operation',
    'refresh_token',
  ]);
  assert.deepEqual(document.token_endpoint_auth_methods_supported.toSorted(), [
    'client_secret_basic',
    'client_secret_post',
    'none',
  ]);
  for (const scope of ['myid.rest.basic', 'openid', 'offline_access'])
    assert.ok(document.scopes_supported.includes(scope), scope);
});

test('every endpoint of the discovery document exists', async () => {
  const document = (await server.app.inject(DISCOVERY)).json();
  for (const [name, address] of Object.entries<string>(document)) {
    if (!name.endsWith('_endpoint') && name !== 'jwks_uri') continue;
    const response = await server.app.inject({ method: 'POST', url: new URL(address).pathname });
    assert.notEqual(response.statusCode, 404, name);
  }
});

test('without a public address the issuer is where the caller came to', async () => {
  const issuerAt = async (headers: Record<string, string>) =>
    (await anywhere.app.inject({ url: DISCOVERY, headers })).json().issuer;
  assert.equal(await issuerAt({ host: 'one.example.com' }), 'http://one.example.com/web.oauth2');
  const proxied = { host: 'inner', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'two.example.com' };
  assert.equal(await issuerAt(proxied), 'https://two.example.com/web.oauth2');

  const response = await anywhere.token(grant, {
    ...basic(SYSTEM.id, SYSTEM.secret),
    host: 'three.example.com',
  });
  const token = response.json().access_token;
  assert.equal(decodeJwt(token).iss, 'http://three.example.com/web.oauth2');
  assert.equal(await server.statusAtApi(token), 200);
});

test('behind a path of a proxy every address has it', async () => {
  const proxied = await oauthServer({
    settings,
    database: server.database,
    secret: server.secret,
    server: { publicUrl: 'https://proxy.example.com/signet' },
  });
  const base = 'https://proxy.example.com/signet/web.oauth2';
  const document = (await proxied.app.inject(DISCOVERY)).json();
  assert.equal(document.issuer, base);
  assert.equal(document.token_endpoint, `${base}/connect/token`);
  assert.equal(document.jwks_uri, `${base}/.well-known/openid-configuration/jwks`);

  const asked = new URLSearchParams({
    client_id: 'myid.mywebsite',
    scope: 'myid.rest.basic',
    redirect_uri: `${PAGE}/`,
    response_type: 'code',
    code_challenge: 'lzKaVv4bWu06z_m0yFynJj6zttnU5gYpXah8tLYKzGg',
    code_challenge_method: 'S256',
  });
  const response = await proxied.app.inject(`/web.oauth2/connect/authorize?${asked}`);
  const page = new URL(String(response.headers.location), 'https://proxy.example.com');
  assert.equal(page.pathname, '/signet/web.oauth2/Account/Login');
  assert.match(page.searchParams.get('ReturnUrl') ?? '', /^\/signet\/web\.oauth2\/connect\/authorize\//);
  for (const { path } of response.cookies) assert.match(path ?? '', /^\/signet\/web\.oauth2\//);
});

test('host names without number cost no memory without number', async () => {
  for (let i = 0; i < 100; i++) {
    const response = await anywhere.app.inject({ url: DISCOVERY, headers: { host: `h${i}.example.com` } });
    assert.equal(response.json().issuer, `http://h${i}.example.com/web.oauth2`);
  }
});

test('the listed origin may call the endpoints, and no other may', async () => {
  const allowed = async (origin: string, url: string, method: 'GET' | 'OPTIONS' = 'GET') => {
    const preflight = method === 'OPTIONS' && { 'access-control-request-method': 'POST' };
    const response = await server.app.inject({ method, url, headers: { origin, ...preflight } });
    return response.headers['access-control-allow-origin'];
  };
  assert.equal(await allowed(PAGE, DISCOVERY), PAGE);
  assert.equal(await allowed(PAGE, `${DISCOVERY}/jwks`), PAGE);
  for (const path of ['token', 'revocation', 'userinfo'])
    assert.equal(await allowed(PAGE, `/web.oauth2/connect/${path}`, 'OPTIONS'), PAGE);
  for (const origin of ['null', 'https://evil.example', 'https://slash.example.com', `${PAGE}/`])
    assert.equal(await allowed(origin, DISCOVERY), undefined, origin);
  assert.equal(await allowed(PAGE, '/web.oauth2/connect/authorize'), undefined);
});

test('a token request of an origin that is not listed runs, without the header', async () => {
  const headers = { ...basic(SYSTEM.id, SYSTEM.secret), origin: 'https://evil.example' };
  const response = await server.token(grant, headers);
  assert.equal(response.statusCode, 200);
  assert.equal(response.headers['access-control-allow-origin'], undefined);
});

test('MYID-C6 while the configuration is broken every request gets the 500.30 page', async () => {
  server.configured.settings = undefined;
  for (const [method, url] of [
    ['POST', '/web.oauth2/connect/token'],
    ['GET', '/web.oauth2/connect/token'],
    ['GET', '/Web.OAuth2/Connect/Authorize'],
    ['GET', DISCOVERY],
    ['GET', '/web.oauth2'],
    ['DELETE', '/web.oauth2/no/such/path'],
  ] as const) {
    const response = await server.app.inject({ method, url });
    assert.equal(response.statusCode, 500, url);
    assert.match(response.body, /HTTP Error 500\.30 - ANCM In-Process Start Failure/);
  }
  const core = await server.app.inject('/rest.core/api/Groups');
  assert.equal(core.statusCode, 401);
  server.configured.settings = settings;
  assert.equal((await server.token(grant, basic(SYSTEM.id, SYSTEM.secret))).statusCode, 200);
});

test('a reload brings clients and takes them, from the next request on', async () => {
  server.configured.settings = oauth2Settings([systemClient({ ClientId: 'newcomer' })]);
  const newcomer = await server.token(grant, basic('newcomer', SYSTEM.secret));
  const gone = await server.token(grant, basic(SYSTEM.id, SYSTEM.secret));
  server.configured.settings = settings;
  assert.equal(newcomer.statusCode, 200);
  assert.equal(gone.body, '{"error":"invalid_client"}');
});

test('introspection tells confidential clients of live tokens, and nobody of anything else', async () => {
  const token = (await server.token(grant, basic(SYSTEM.id, SYSTEM.secret))).json().access_token;
  const ask = async (sent: string, headers: Record<string, string>, form: Record<string, string> = {}) =>
    (
      await server.app.inject({
        method: 'POST',
        url: '/web.oauth2/connect/introspect',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        payload: new URLSearchParams({ token: sent, ...form }).toString(),
      })
    ).json();
  const told = await ask(token, basic('watcher', SYSTEM.secret));
  assert.deepEqual(
    [told.active, told.client_id, told.scope, told.token_type],
    [true, SYSTEM.id, 'myid.rest.basic', 'Bearer'],
  );
  assert.deepEqual(await ask(token, {}, { client_id: 'myid.mywebsite' }), { active: false });
  assert.deepEqual(await ask('x', basic('watcher', SYSTEM.secret)), { active: false });
  assert.equal((await ask(token, basic('watcher', 'wrong'))).error, 'invalid_client');

  const read = await server.verify(token);
  await server.ctx.sql`update logon set ended_at = now() where id = ${read?.sessionId ?? ''}`;
  assert.deepEqual(await ask(token, basic('watcher', SYSTEM.secret)), { active: false });
});

test('what is nowhere is said in the words of the service', async () => {
  const response = await server.app.inject('/web.oauth2/connect/nothing');
  assert.deepEqual([response.statusCode, response.json().error], [404, 'invalid_request']);
});
