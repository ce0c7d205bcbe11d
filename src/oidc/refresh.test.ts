import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setPassword } from '#core/people/passwords.ts';
import { editPerson } from '#core/people/people.ts';
import { browser } from '#test/browser.ts';
import { account, oauth2Settings, oauthServer, signsIn } from '#test/oauth2.ts';

const REDIRECT = 'http://127.0.0.1:5500/';
const SCOPE = 'myid.rest.basic offline_access';
const website = (id: string, over: object = {}) => ({
  ClientId: id,
  AllowedGrantTypes: ['authorization_code'],
  RequireClientSecret: false,
  AllowOfflineAccess: true,
  AllowedScopes: ['myid.rest.basic'],
  RedirectUris: [REDIRECT],
  ...over,
});
const settings = oauth2Settings(
  [
    website('myid.myclient'),
    website('two.seconds', { SlidingRefreshTokenLifetime: 2 }),
    website('five.seconds', { SlidingRefreshTokenLifetime: '10', AbsoluteRefreshTokenLifetime: '5' }),
    website('lenient', { RefreshTokenReuse: 'NewestSurvives' }),
    website('foreign', { AllowedScopes: ['reports'] }),
  ],
  { scopes: [{ Name: 'reports' }], apis: [{ Name: 'reports.api', Scopes: ['reports'] }] },
);
const who = { personId: '' };
const server = await oauthServer({ settings, interactions: signsIn(who) });
who.personId = await account(server.ctx, 'susan.smith');

interface Tokens {
  access_token: string;
  refresh_token: string;
  scope: string;
}

async function signIn(client_id: string, scope = SCOPE): Promise<Tokens> {
  const { left } = await browser(server.app).post('/web.oauth2/connect/authorize', {
    client_id,
    scope,
    redirect_uri: REDIRECT,
    response_type: 'code',
    code_challenge: 'lzKaVv4bWu06z_m0yFynJj6zttnU5gYpXah8tLYKzGg',
    code_challenge_method: 'S256',
  });
  const response = await server.token({
    client_id,
    grant_type: 'authorization_code',
    redirect_uri: REDIRECT,
    code_verifier: 'TiGVEDHIRkdTpif4zLw8v6tcdG2VJXvP4r0fuLhsXIj',
    code: left?.searchParams.get('code') ?? '',
  });
  assert.equal(response.statusCode, 200, response.body);
  return response.json();
}

const refresh = (client_id: string, refresh_token: string, over: Record<string, string> = {}) =>
  server.token({ client_id, grant_type: 'refresh_token', refresh_token, ...over });

async function refused(client: string, token: string): Promise<boolean> {
  const response = await refresh(client, token);
  return response.statusCode === 400 && response.body === '{"error":"invalid_grant"}';
}

const revoke = (client_id: string, token: string, token_type_hint = 'access_token') =>
  server.app.inject({
    method: 'POST',
    url: '/web.oauth2/connect/revocation',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({ client_id, token, token_type_hint }).toString(),
  });

/** Only the clock is moved; nothing waits. */
const freeze = (t: TestContext) => t.mock.timers.enable({ apis: ['Date'], now: Date.now() });

test('MYID-F1 with offline_access there is a refresh token, and nobody is asked to consent', async () => {
  const tokens = await signIn('myid.myclient');
  assert.match(tokens.refresh_token, /^[\w-]{40,}$/);
  assert.equal(tokens.scope, SCOPE);
});

test('MYID-F2 a refresh token gives new tokens of both kinds, and the old access token still works', async () => {
  const first = await signIn('myid.myclient');
  const response = await refresh('myid.myclient', first.refresh_token);
  assert.equal(response.statusCode, 200, response.body);
  const second: Tokens = response.json();
  assert.deepEqual(Object.keys(second).sort(), [
    'access_token',
    'expires_in',
    'refresh_token',
    'scope',
    'token_type',
  ]);
  assert.equal(second.scope, SCOPE);
  assert.notEqual(second.refresh_token, first.refresh_token);
  assert.notEqual(second.access_token, first.access_token);
  assert.deepEqual(
    [await server.statusAtApi(first.access_token), await server.statusAtApi(second.access_token)],
    [200, 200],
  );
  const { myidSessionId } = await server.verified(second.access_token);
  const [logon] = await server.ctx.sql`
    select grant_type, mechanism from logon where id = ${String(myidSessionId)}`;
  assert.deepEqual(logon, { grantType: 'refresh_token', mechanism: 'Password Logon' });
});

test('MYID-F3 a refresh token works once; used again it ends all that came of that sign-in', async () => {
  const first = await signIn('myid.myclient');
  const second: Tokens = (await refresh('myid.myclient', first.refresh_token)).json();
  assert.equal(await refused('myid.myclient', first.refresh_token), true);
  assert.equal(await refused('myid.myclient', second.refresh_token), true);
  assert.equal(await server.statusAtApi(second.access_token), 401);
});

test('MYID-F3 for a client that is configured so, the newest token survives the reuse of an old one', async () => {
  const first = await signIn('lenient');
  const second: Tokens = (await refresh('lenient', first.refresh_token)).json();
  assert.equal(await refused('lenient', first.refresh_token), true);
  assert.equal(await server.statusAtApi(second.access_token), 200);
  assert.equal((await refresh('lenient', second.refresh_token)).statusCode, 200);
});

test('MYID-F4 a refresh token ends when it has not been used for the sliding life time', async (t) => {
  freeze(t);
  const first = await signIn('two.seconds');
  t.mock.timers.tick(1_000);
  const second: Tokens = (await refresh('two.seconds', first.refresh_token)).json();
  t.mock.timers.tick(1_000);
  const third: Tokens = (await refresh('two.seconds', second.refresh_token)).json();
  t.mock.timers.tick(3_000);
  assert.equal(await refused('two.seconds', third.refresh_token), true);
});

test('MYID-F5 the whole chain ends at the absolute life time after the authorization request', async (t) => {
  freeze(t);
  const first = await signIn('five.seconds');
  t.mock.timers.tick(3_000);
  const response = await refresh('five.seconds', first.refresh_token);
  assert.equal(response.statusCode, 200);
  t.mock.timers.tick(3_000);
  assert.equal(await refused('five.seconds', response.json().refresh_token), true);
});

test('a refresh of a disabled person is refused, and of one whose password was set anew', async () => {
  const before = who.personId;
  for (const [name, change] of [
    ['to.disable', (id: string) => editPerson(server.ctx, id, { isEnabled: false })],
    ['to.reset', (id: string) => setPassword(server.ctx, id, 'correct horse battery staple')],
  ] as const) {
    who.personId = await account(server.ctx, name);
    const { access_token, refresh_token } = await signIn('myid.myclient');
    await change(who.personId);
    assert.equal(await refused('myid.myclient', refresh_token), true);
    assert.equal(await server.statusAtApi(access_token), 401);
  }
  who.personId = before;
});

test("a refresh token is its own client's, and asks for no more than it was given", async () => {
  const { refresh_token } = await signIn('myid.myclient');
  assert.equal(await refused('lenient', refresh_token), true);
  const more = await refresh('myid.myclient', refresh_token, { scope: 'myid.rest.basic myid.operation' });
  assert.equal(more.json().error, 'invalid_scope');
  const less = await refresh('myid.myclient', refresh_token, { scope: 'myid.rest.basic' });
  assert.equal(less.json().scope, 'myid.rest.basic');
});

test('MYID-F7 a revoked access token is refused by the Core API at once, and its refresh token too', async () => {
  const { access_token, refresh_token } = await signIn('myid.myclient');
  const response = await revoke('myid.myclient', access_token);
  assert.deepEqual([response.statusCode, response.body], [200, '']);
  assert.equal(await server.statusAtApi(access_token), 401);
  assert.equal(await refused('myid.myclient', refresh_token), true);
  assert.equal((await server.lastEvent('token.revoked'))?.clientId, 'myid.myclient');
});

test('MYID-F8 revoking a token for another API ends its refresh token and not the token itself', async () => {
  const { access_token, refresh_token } = await signIn('foreign', 'reports offline_access');
  assert.equal((await revoke('foreign', access_token)).statusCode, 200);
  assert.equal(await refused('foreign', refresh_token), true);
  assert.ok(await server.verify(access_token, 'reports.api'));
});

test("MYID-F9 revoking what is unknown, another client's or spent is a success without effect", async () => {
  const { access_token, refresh_token } = await signIn('myid.myclient');
  for (const token of ['unknown', 'a.b.c', access_token, refresh_token, '\u{1F511}'])
    assert.equal((await revoke('lenient', token)).statusCode, 200);
  assert.equal(await server.statusAtApi(access_token), 200);
  assert.equal((await refresh('myid.myclient', refresh_token)).statusCode, 200);
});

test('a refresh token is revoked with all that came of it, whatever the hint says', async () => {
  const { access_token, refresh_token } = await signIn('myid.myclient');
  assert.equal((await revoke('myid.myclient', refresh_token, 'unheard_of')).statusCode, 200);
  assert.equal(await refused('myid.myclient', refresh_token), true);
  assert.equal(await server.statusAtApi(access_token), 401);
});

test('revocation without a token or without a client is refused', async () => {
  assert.equal((await revoke('myid.myclient', '')).json().error, 'invalid_request');
  assert.equal((await revoke('nobody', 'token')).body, '{"error":"invalid_client"}');
});

test('refresh tokens are stored as hashes only', async () => {
  const { refresh_token } = await signIn('myid.myclient');
  const rows = await server.ctx.sql<{ text: string }>`select oidc_artifact::text as text from oidc_artifact`;
  assert.ok(rows.length > 0 && rows.every(({ text }) => !text.includes(refresh_token)));
});

test('a reload of the configuration leaves tokens, refresh tokens and keys as they are', async () => {
  const before = await server.keySet();
  const { access_token, refresh_token } = await signIn('myid.myclient');
  server.configured.settings = oauth2Settings([website('myid.myclient', { AccessTokenLifetime: 77 })]);
  assert.equal(await server.statusAtApi(access_token), 200);
  const response = await refresh('myid.myclient', refresh_token);
  server.configured.settings = settings;
  assert.equal(response.json().expires_in, 77);
  assert.deepEqual(await server.keySet(), before);
});
