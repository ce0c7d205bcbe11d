import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { editPerson } from '#core/people/people.ts';
import { browser } from '#test/browser.ts';
import { account, basic, oauth2Settings, oauthServer, SYSTEM, signsIn } from '#test/oauth2.ts';

const REDIRECT = 'http://127.0.0.1:5500/';
const VERIFIER = 'TiGVEDHIRkdTpif4zLw8v6tcdG2VJXvP4r0fuLhsXIj';
const CHALLENGE = 'lzKaVv4bWu06z_m0yFynJj6zttnU5gYpXah8tLYKzGg';
const website = (id: string, over: object = {}) => ({
  ClientId: id,
  AllowedGrantTypes: ['authorization_code'],
  RequireClientSecret: false,
  RequirePkce: true,
  AllowedScopes: ['myid.rest.basic', 'openid', 'profile'],
  RedirectUris: [REDIRECT],
  AllowedCorsOrigins: ['http://127.0.0.1:5500'],
  ...over,
});
const secret = { RequireClientSecret: true, ClientSecrets: [{ Value: SYSTEM.hash }] };
const settings = oauth2Settings(
  [
    website('myid.mywebsite'),
    website('other.website'),
    website('with.secret', { ...secret, RequirePkce: false }),
    website('with.both', { ...secret }),
    website('redirect.uri', { RedirectUris: undefined, RedirectUri: [REDIRECT] }),
  ],
  { identities: [{ Name: 'profile' }] },
);
const who = { personId: '' };
const server = await oauthServer({ settings, interactions: signsIn(who) });
who.personId = await account(server.ctx, 'susan.smith');

/** Signs in and gives the code. */
async function codeFor(client: string, over: Record<string, string | undefined> = {}): Promise<string> {
  const asked = {
    client_id: client,
    scope: 'myid.rest.basic',
    redirect_uri: REDIRECT,
    response_type: 'code',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    ...over,
  };
  const given = Object.entries(asked).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const { left } = await browser(server.app).post('/web.oauth2/connect/authorize', Object.fromEntries(given));
  const code = left?.searchParams.get('code');
  assert.ok(code, left?.href);
  return code;
}

const redeem = (code: string, over: Record<string, string> = {}, headers: Record<string, string> = {}) =>
  server.token(
    {
      client_id: 'myid.mywebsite',
      grant_type: 'authorization_code',
      redirect_uri: REDIRECT,
      code_verifier: VERIFIER,
      code,
      ...over,
    },
    headers,
  );
const unpkced = { code_challenge: undefined, code_challenge_method: undefined };

test('MYID-U3 a code becomes a token, and the page of the listed origin may read the answer', async () => {
  const code = await codeFor('myid.mywebsite');
  const response = await redeem(code, {}, { origin: 'http://127.0.0.1:5500' });
  assert.equal(response.statusCode, 200, response.body);
  assert.equal(response.headers['access-control-allow-origin'], 'http://127.0.0.1:5500');
  const { access_token: token, ...rest } = response.json();
  assert.deepEqual(rest, { expires_in: 3600, token_type: 'Bearer', scope: 'myid.rest.basic' });
  const claims = await server.verified(token);
  assert.equal(claims.sub, who.personId);
  assert.equal(claims.aud, 'myid.rest');
  assert.equal(await server.statusAtApi(token), 200);

  const [logon] = await server.ctx.sql`
    select person_id, client_id, mechanism, grant_type from logon where id = ${String(claims.myidSessionId)}`;
  assert.deepEqual(logon, {
    personId: who.personId,
    clientId: 'myid.mywebsite',
    mechanism: 'Password Logon',
    grantType: 'authorization_code',
  });
});

test('MYID-U4 a code works once; used again it is refused, and what came of it is dead', async () => {
  const code = await codeFor('myid.mywebsite');
  const token = (await redeem(code)).json().access_token;
  assert.equal(await server.statusAtApi(token), 200);
  const again = await redeem(code);
  assert.equal(again.statusCode, 400);
  assert.equal(again.body, '{"error":"invalid_grant"}');
  assert.equal(await server.statusAtApi(token), 401);
});

test('MYID-U5 another verifier, the challenge as verifier and another redirect URI are refused', async () => {
  for (const over of [
    { code_verifier: `${VERIFIER}x` },
    { code_verifier: CHALLENGE },
    { redirect_uri: 'http://127.0.0.1:5500/other' },
  ]) {
    const response = await redeem(await codeFor('myid.mywebsite'), over as Record<string, string>);
    assert.equal(response.statusCode, 400);
    assert.equal(response.body, '{"error":"invalid_grant"}');
  }
});

test('MYID-U7 verifiers have 43 to 128 characters', async () => {
  const verifier = (length: number) => randomBytes(length).toString('base64url').slice(0, length);
  const statusFor = async (length: number) => {
    const code_verifier = verifier(length);
    const code_challenge = createHash('sha256').update(code_verifier).digest('base64url');
    return (await redeem(await codeFor('myid.mywebsite', { code_challenge }), { code_verifier })).statusCode;
  };
  assert.deepEqual(await Promise.all([42, 43, 128, 129].map(statusFor)), [400, 200, 200, 400]);
});

test('MYID-U8 a client with a secret and without PKCE sends its secret, in the body or in the header', async () => {
  const send = async (over: Record<string, string>, headers = {}) => {
    const code = await codeFor('with.secret', { ...unpkced, state: 's' });
    const form = { grant_type: 'authorization_code', redirect_uri: REDIRECT, code, ...over };
    return server.token(form, headers);
  };
  assert.equal((await send({ client_id: 'with.secret', client_secret: SYSTEM.secret })).statusCode, 200);
  assert.equal((await send({}, basic('with.secret', SYSTEM.secret))).statusCode, 200);
  const without = await send({ client_id: 'with.secret' });
  assert.equal(without.body, '{"error":"invalid_client"}');
});

test('MYID-U9 a client that needs both sends both', async () => {
  const send = async (over: Record<string, string>) => {
    const code = await codeFor('with.both');
    const form = { client_id: 'with.both', grant_type: 'authorization_code', redirect_uri: REDIRECT, code };
    return (await server.token({ ...form, ...over })).json();
  };
  const [client_secret, code_verifier] = [SYSTEM.secret, VERIFIER];
  assert.equal((await send({ client_secret })).error, 'invalid_grant');
  assert.equal((await send({ code_verifier })).error, 'invalid_client');
  assert.equal((await send({ client_secret, code_verifier })).token_type, 'Bearer');
});

test('MYID-C12 RedirectUri is RedirectUris', async () => {
  const code = await codeFor('redirect.uri');
  assert.equal((await redeem(code, { client_id: 'redirect.uri' })).statusCode, 200);
});

test('a code of another client is refused, and not spent by it', async () => {
  const code = await codeFor('myid.mywebsite');
  assert.equal((await redeem(code, { client_id: 'other.website' })).body, '{"error":"invalid_grant"}');
  assert.equal((await redeem(code)).statusCode, 200);
});

test('a code that never was, or without what belongs to it, is refused', async () => {
  assert.equal((await redeem('never-was')).body, '{"error":"invalid_grant"}');
  assert.equal((await redeem('', {})).json().error, 'invalid_request');
  assert.equal(
    (await redeem(await codeFor('myid.mywebsite'), { redirect_uri: '' })).json().error,
    'invalid_request',
  );
  assert.equal(
    (await redeem(await codeFor('myid.mywebsite'), { code_verifier: '' })).json().error,
    'invalid_grant',
  );
});

test('a code is good for 300 seconds', async (t) => {
  const [one, other] = [await codeFor('myid.mywebsite'), await codeFor('myid.mywebsite')];
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 290_000 });
  assert.equal((await redeem(one)).statusCode, 200);
  t.mock.timers.tick(15_000);
  assert.equal((await redeem(other)).body, '{"error":"invalid_grant"}');
});

test('a code of somebody who has been disabled since is refused', async () => {
  const personId = await account(server.ctx, 'disabled.soon');
  const before = who.personId;
  who.personId = personId;
  const code = await codeFor('myid.mywebsite');
  who.personId = before;
  await editPerson(server.ctx, personId, { isEnabled: false });
  assert.equal((await redeem(code)).body, '{"error":"invalid_grant"}');
});

test('codes are stored as hashes only', async () => {
  const code = await codeFor('myid.mywebsite');
  const rows = await server.ctx.sql<{ text: string }>`select oidc_artifact::text as text from oidc_artifact`;
  assert.ok(rows.length > 0 && rows.every(({ text }) => !text.includes(code)));
});

test('with openid there is an ID token, and user information says what the scopes allow', async () => {
  const code = await codeFor('myid.mywebsite', { scope: 'openid profile myid.rest.basic' });
  const answer = (await redeem(code)).json();
  assert.equal(answer.scope, 'openid profile myid.rest.basic');
  const [, payload] = answer.id_token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  assert.deepEqual([claims.sub, claims.aud], [who.personId, 'myid.mywebsite']);

  const userinfo = (token?: string) =>
    server.app.inject({
      url: '/web.oauth2/connect/userinfo',
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    });
  assert.deepEqual((await userinfo(answer.access_token)).json(), {
    sub: who.personId,
    name: 'susan.smith',
    given_name: 'susan.smith',
    preferred_username: 'susan.smith',
  });
  assert.equal((await userinfo(answer.id_token)).statusCode, 401);
  assert.equal((await userinfo()).statusCode, 401);
  const plain = (await redeem(await codeFor('myid.mywebsite'))).json().access_token;
  const narrow = await userinfo(plain);
  assert.deepEqual([narrow.statusCode, narrow.json().error], [403, 'insufficient_scope']);
});
