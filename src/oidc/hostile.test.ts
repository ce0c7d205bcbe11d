import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DomainError } from '#core/errors.ts';
import { testDatabase } from '#test/database.ts';
import { account, basic, oauth2Settings, oauthServer, SYSTEM, systemClient } from '#test/oauth2.ts';

const { db, url } = await testDatabase();
const outage = { fault: undefined as unknown };
/** A database that can be taken away. */
const sql = Object.assign(
  (...given: Parameters<typeof db.sql>) => {
    if (outage.fault) throw outage.fault;
    return db.sql(...given);
  },
  { json: db.sql.json, unprepared: db.sql.unprepared },
) as typeof db.sql;

const website = {
  ClientId: 'myid.mywebsite',
  AllowedGrantTypes: ['authorization_code'],
  RequireClientSecret: false,
  AllowOfflineAccess: true,
  AllowedScopes: ['myid.rest.basic'],
  RedirectUris: ['http://127.0.0.1:5500/'],
};
const server = await oauthServer({
  settings: oauth2Settings([systemClient(), website]),
  database: { db: { ...db, sql }, url },
});
await account(server.ctx, 'api.external');
const grant = { grant_type: 'client_credentials' };
const $T = (await server.token(grant, basic(SYSTEM.id, SYSTEM.secret))).json().access_token;

const AUTHORIZE = `/web.oauth2/connect/authorize?${new URLSearchParams({
  client_id: 'myid.mywebsite',
  scope: 'myid.rest.basic',
  redirect_uri: 'http://127.0.0.1:5500/',
  response_type: 'code',
  code_challenge: 'lzKaVv4bWu06z_m0yFynJj6zttnU5gYpXah8tLYKzGg',
  code_challenge_method: 'S256',
})}`;

test('while the database is away every grant and sign-in is refused as unavailable, and works again after', async () => {
  const answers = async () => [
    (await server.token(grant, basic(SYSTEM.id, SYSTEM.secret))).statusCode,
    (await server.app.inject(AUTHORIZE)).statusCode,
    (await server.token({ client_id: 'myid.mywebsite', grant_type: 'refresh_token', refresh_token: 'x' }))
      .statusCode,
  ];
  outage.fault = new DomainError('storage.unavailable');
  const response = await server.token(grant, basic(SYSTEM.id, SYSTEM.secret));
  const away = await answers();
  const page = await server.app.inject(AUTHORIZE);
  outage.fault = undefined;
  assert.deepEqual(away, [503, 503, 503]);
  assert.equal(response.json().error, 'temporarily_unavailable');
  assert.ok(response.headers['retry-after']);
  assert.match(String(page.headers['content-type']), /^text\/html/);
  assert.deepEqual(await answers(), [200, 302, 400]);
});

test('a fault of ours tells nothing of itself', async () => {
  outage.fault = new Error('password=secret');
  const response = await server.token(grant, basic(SYSTEM.id, SYSTEM.secret));
  outage.fault = undefined;
  assert.equal(response.statusCode, 500);
  assert.equal(response.json().error, 'server_error');
  assert.doesNotMatch(response.body, /secret|at .*\.ts/);
});

const odd = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    '\0',
    '__proto__',
    'constructor',
    'client_credentials',
    'authorization_code',
    'refresh_token',
    'operation',
    'myid.mcs',
    'myid.mywebsite',
    SYSTEM.id,
    SYSTEM.secret,
    'myid.rest.basic',
    'myid.devicepicker offline_access openid',
    '100221',
    '297',
    $T,
    'null',
    '-1',
    '\u{10FFFF}',
    'a'.repeat(5_000),
  ),
);
const name = fc.oneof(
  fc.constantFrom(
    ...['grant_type', 'scope', 'client_id', 'client_secret', 'code', 'code_verifier', 'redirect_uri'],
    ...['refresh_token', 'token', 'token_type_hint', 'op', 'deviceId', 'personId', 'deviceDetectContext'],
    ...[
      'response_type',
      'state',
      'prompt',
      'max_age',
      'resource',
      'claims',
      'request',
      'request_uri',
      'nonce',
    ],
    ...[
      'response_mode',
      'code_challenge',
      'code_challenge_method',
      'id_token_hint',
      'acr_values',
      '__proto__',
    ],
  ),
  fc.string(),
);
const pairs = fc.array(fc.tuple(name, odd), { maxLength: 12 });
const authorization = fc.option(
  fc.oneof(
    fc.constant(basic(SYSTEM.id, SYSTEM.secret).authorization),
    fc.constant(`Bearer ${$T}`),
    odd.map((text) => `Basic ${Buffer.from(text).toString('base64')}`),
    fc.string().map((text) => text.replace(/[^\t\x20-\x7e]/g, '')),
  ),
);
const type = fc.constantFrom(
  'application/x-www-form-urlencoded',
  'application/x-www-form-urlencoded; charset=utf-16',
  'application/json',
  'text/plain',
  'x',
);
const POSTS = ['token', 'revocation', 'introspect', 'operation', 'userinfo', 'authorize'];

test('whatever is posted to any endpoint, the answer is not an error of ours', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...POSTS),
      pairs,
      authorization,
      type,
      fc.option(fc.uint8Array({ maxLength: 200 })),
      async (path, form, header, contentType, bytes) => {
        const response = await server.app.inject({
          method: 'POST',
          url: `/web.oauth2/connect/${path}`,
          headers: { 'content-type': contentType, ...(header !== null && { authorization: header }) },
          payload: bytes ? Buffer.from(bytes) : new URLSearchParams(form as [string, string][]).toString(),
        });
        assert.ok(response.statusCode < 500, `${response.statusCode} ${response.body}`);
        assert.doesNotMatch(response.body, /at .*\.[jt]s:\d/);
      },
    ),
    { numRuns: 400 },
  );
});

test('whatever is asked by GET, with whatever cookies, the answer is not an error of ours', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('connect/authorize', 'connect/authorize/x', 'Account/Login', 'connect/userinfo'),
      pairs,
      odd,
      async (path, query, cookie) => {
        const value = encodeURIComponent(cookie.toWellFormed()).slice(0, 500);
        const response = await server.app.inject({
          url: `/web.oauth2/${path}?${new URLSearchParams(query as [string, string][])}`.slice(0, 8_000),
          headers: { cookie: `signet_sign_in=${value}; signet_resume=${value}; signet_session=${value}` },
        });
        assert.ok(response.statusCode < 500, `${response.statusCode} ${response.body}`);
      },
    ),
    { numRuns: 300 },
  );
});
