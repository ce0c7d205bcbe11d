import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { decodeJwt, decodeProtectedHeader, type JWTHeaderParameters, jwtVerify, SignJWT } from 'jose';
import { account, basic, oauth2Settings, oauthServer, SYSTEM, systemClient } from '#test/oauth2.ts';

const server = await oauthServer({ settings: oauth2Settings([systemClient()]) });
const { keySet, verified } = server;
await account(server.ctx, 'api.external');
const T1 = () => server.token({ grant_type: 'client_credentials' }, basic(SYSTEM.id, SYSTEM.secret));
async function publishedKey(kid: string | undefined): Promise<Record<string, string>> {
  const key = (await keySet()).keys.find((published) => published.kid === kid);
  assert.ok(key);
  return key;
}

test('MYID-S28 a token verifies with the published key of its id', async () => {
  const token = (await T1()).json().access_token;
  const key = await publishedKey(decodeProtectedHeader(token).kid);
  assert.deepEqual(
    [key.kty, key.use, key.alg, typeof key.n, key.e],
    ['RSA', 'sig', 'RS256', 'string', 'AQAB'],
  );
  const payload = await verified(token);
  assert.ok((payload.exp ?? 0) > Date.now() / 1000);
  assert.equal(payload.iss, 'https://myserver.example.com/web.oauth2');
  assert.equal(payload.aud, 'myid.rest');
  assert.equal(payload.client_id, SYSTEM.id);
  assert.match(String(payload.jti), /./);
});

test('no published key tells anything private', async () => {
  for (const key of (await keySet()).keys)
    for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi']) assert.equal(key[member], undefined);
});

test('MYID-S29 a token does not verify with another key, and one of another server is refused here', async () => {
  const token = (await T1()).json().access_token;
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await assert.rejects(jwtVerify(token, publicKey), { code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' });
  const forged = await new SignJWT(decodeJwt(token))
    .setProtectedHeader(decodeProtectedHeader(token) as JWTHeaderParameters)
    .sign(privateKey);
  assert.equal(await server.verify(forged, 'myid.rest'), undefined);
});

test('a token has an id of its own each time', async () => {
  const tokens = await Promise.all(Array.from({ length: 5 }, T1));
  const ids = await Promise.all(tokens.map(async (each) => (await verified(each.json().access_token)).jti));
  assert.equal(new Set(ids).size, 5);
});
