import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { test } from 'node:test';
import { exportJWK, SignJWT } from 'jose';
import type { SigningKey } from '#core/keys/signing-keys.ts';
import { createTokenVerifier } from './access-tokens.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
const held = (kid: string, alg: 'RS256' | 'ES256', publicKey: KeyObject) =>
  ({ kid, alg, publicKey }) as unknown as SigningKey;
const keys = new Map([
  ['rsa', held('rsa', 'RS256', rsa.publicKey)],
  ['ec', held('ec', 'ES256', ec.publicKey)],
]);

const clock = { time: Date.parse('2026-03-01T00:00:00Z') };
const seconds = () => clock.time / 1000;
const verifier = () =>
  createTokenVerifier({ keys: { find: async (kid) => keys.get(kid) }, now: () => new Date(clock.time) });
const verify = verifier();

const claims = (over: object = {}) => ({
  sub: randomUUID(),
  client_id: 'client',
  aud: 'myid.rest',
  scope: ['myid.rest.basic'],
  jti: randomUUID(),
  iat: seconds(),
  nbf: seconds(),
  exp: seconds() + 60,
  myidSessionId: '8d1f1c1e-0000-4000-8000-000000000001',
  ...over,
});

const HEADER = { alg: 'RS256', typ: 'at+jwt', kid: 'rsa' };
const mint = (over: object = {}, header: object = {}, key: KeyObject = rsa.privateKey) =>
  new SignJWT(claims(over)).setProtectedHeader({ ...HEADER, ...header }).sign(key);
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const isRefused = async (token: string) => (await verify(token, 'myid.rest')) === undefined;

test('a good token tells its session and the ids by which it may have been revoked', async () => {
  const read = await verify(await mint({ jti: 'j', grant_id: 'g' }), 'myid.rest');
  assert.equal(read?.sessionId, '8d1f1c1e-0000-4000-8000-000000000001');
  assert.deepEqual(read.revocationIds, ['jti:j', 'grant:g']);
  assert.deepEqual(read.scope, ['myid.rest.basic']);
  assert.deepEqual((await verify(await mint({ jti: 'k' })))?.revocationIds, ['jti:k']);
});

test('a token by the key of the other algorithm is good as well', async () => {
  assert.equal(await isRefused(await mint({}, { alg: 'ES256', kid: 'ec' }, ec.privateKey)), false);
});

test('a token without signature is refused, however it spells "none"', async () => {
  for (const alg of ['none', 'None', 'NONE', '']) {
    const unsigned = `${encode({ ...HEADER, alg })}.${encode(claims())}`;
    assert.equal(await isRefused(`${unsigned}.`), true);
    assert.equal(await isRefused(`${unsigned}.AA`), true);
    assert.equal(await isRefused(unsigned), true);
  }
});

test('the public key is no HMAC secret', async () => {
  const input = `${encode({ ...HEADER, alg: 'HS256' })}.${encode(claims())}`;
  for (const secret of [
    rsa.publicKey.export({ type: 'spki', format: 'pem' }),
    rsa.publicKey.export({ type: 'spki', format: 'der' }),
    JSON.stringify(await exportJWK(rsa.publicKey)),
  ])
    assert.equal(
      await isRefused(`${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`),
      true,
    );
});

test('an algorithm that is not the one of the key is refused, also within its family', async () => {
  for (const alg of ['PS256', 'RS384', 'RS512']) assert.equal(await isRefused(await mint({}, { alg })), true);
  assert.equal(await isRefused(await mint({}, { kid: 'ec' })), true);
});

test('a key that the token brings along, or points at, is not looked at', async () => {
  const jwk = await exportJWK(stranger.publicKey);
  for (const header of [
    { jwk },
    { jwk, kid: undefined },
    { jku: 'https://evil.example/jwks' },
    { x5u: 'https://evil.example/x5u' },
    { x5c: ['MIIB'] },
  ])
    assert.equal(await isRefused(await mint({}, header, stranger.privateKey)), true);
});

test('a key id is looked up and nothing else', async () => {
  for (const kid of ['../../dev/null', "' or 1=1 --", '__proto__', 'toString', '', '\0', 'RSA'])
    assert.equal(await isRefused(await mint({}, { kid })), true);
  for (const kid of [1, null, ['rsa'], { rsa: 1 }]) {
    const good = await mint();
    const [, payload, signature] = good.split('.');
    assert.equal(await isRefused(`${encode({ ...HEADER, kid })}.${payload}.${signature}`), true);
  }
});

test('what is not an access token is refused, though the key is right', async () => {
  for (const typ of ['JWT', undefined, 'at+JWT2', 'dpop+jwt'])
    assert.equal(await isRefused(await mint({}, { typ })), true);
  assert.equal(await isRefused(await mint({}, { typ: 'application/at+jwt' })), false);
});

test('a header that must be understood and is not makes the token unusable', async () => {
  const input = `${encode({ ...HEADER, crit: ['exp'], exp: 1 })}.${encode(claims())}`;
  const signature = sign('sha256', Buffer.from(input), rsa.privateKey).toString('base64url');
  assert.equal(await isRefused(`${input}.${signature}`), true);
});

test('a token for another audience is refused, also when it was good for that one before', async () => {
  const token = await mint({ aud: 'reports.api' });
  assert.ok(await verify(token, 'reports.api'));
  assert.equal(await isRefused(token), true);
  assert.equal(await isRefused(await mint({ aud: ['reports.api', 'myid.rest'] })), false);
  for (const aud of [undefined, '', [], ['myid.rest.x'], { 0: 'myid.rest' }, 'MYID.REST'])
    assert.equal(await isRefused(await mint({ aud })), true);
});

test('a token is good until the second it expires in, remembered or not', async () => {
  const token = await mint();
  assert.equal(await isRefused(token), false);
  const now = clock.time;
  clock.time = now + 59_999;
  assert.equal(await isRefused(token), false);
  clock.time = now + 60_000;
  assert.equal(await isRefused(token), true);
  assert.equal(await verifier()(token, 'myid.rest'), undefined);
  clock.time = now;
});

test('a token from the future is refused, beyond what clocks differ by', async () => {
  assert.equal(await isRefused(await mint({ nbf: seconds() + 30 })), false);
  assert.equal(await isRefused(await mint({ nbf: seconds() + 3600 })), true);
});

test('claims of another kind are refused, whoever signed them', async () => {
  for (const over of [
    { sub: undefined },
    { sub: 1 },
    { jti: undefined },
    { client_id: {} },
    { exp: undefined },
    { exp: '9999999999' },
    { scope: 'myid.rest.basic' },
    { scope: [1] },
    { myidSessionId: undefined },
    { myidSessionId: "x' or '1'='1" },
  ]) {
    const input = `${encode(HEADER)}.${encode(claims(over))}`;
    const signature = sign('sha256', Buffer.from(input), rsa.privateKey).toString('base64url');
    assert.equal(await isRefused(`${input}.${signature}`), true, JSON.stringify(over));
  }
});

test('a changed token is refused, and so is one in another spelling', async () => {
  const token = await mint();
  const [header = '', payload = '', signature = ''] = token.split('.');
  const other = encode(claims({ sub: 'somebody' }));
  for (const changed of [
    `${header}.${other}.${signature}`,
    `${header}.${payload}.${signature.slice(0, -4)}`,
    `${header}.${payload}.${signature}=`,
    `${header}.${payload}.${signature}AA`,
    `${header}=.${payload}.${signature}`,
    `${header}.${payload}.${signature}.x`,
    ` ${token}`,
    `${token}\n`,
    '',
    '..',
    'a'.repeat(100_000),
  ])
    assert.equal(await isRefused(changed), true);
});

test('only good tokens are remembered, so that bad ones cannot fill the memory', async () => {
  let asked = 0;
  const counting = createTokenVerifier({
    keys: {
      find: async (kid) => {
        asked++;
        return keys.get(kid);
      },
    },
    now: () => new Date(clock.time),
  });
  const token = await mint();
  await counting(token);
  await counting(token);
  assert.equal(asked, 1, 'a good token is remembered');
  const forged = await mint({}, {}, stranger.privateKey);
  await counting(forged);
  await counting(forged);
  assert.equal(asked, 3, 'a bad one is not');
});
