import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { account, basic, oauth2Settings, oauthServer, SYSTEM, systemClient } from '#test/oauth2.ts';

const hashOf = (secret: string) => createHash('sha256').update(secret).digest('base64');
const client = (id: string, over: object) => systemClient({ ClientId: id, ...over });

const server = await oauthServer({
  settings: oauth2Settings([
    systemClient(),
    client('two.secrets', { ClientSecrets: [{ Value: hashOf('old') }, { Value: hashOf('new') }] }),
    client('odd secret', { ClientSecrets: [{ Value: hashOf('a+b%20c:d/ä') }] }),
    client('printed', { ClientSecrets: [{ Value: 'Pxvo4ww2jQ1wWORsnL9q79TcC/f0b57P07os0ZU7Frs=' }] }),
    client('other.grant', { AllowedGrantTypes: ['operation'] }),
  ]),
});
const { ctx, app, lastEvent } = server;
await account(ctx, 'api.external');

const grant = { grant_type: 'client_credentials', scope: 'myid.rest.basic' };
const inBody = (over: Record<string, string> = {}) =>
  server.token({ ...grant, client_id: SYSTEM.id, client_secret: SYSTEM.secret, ...over });

test('MYID-T3 a wrong secret, a missing one and an unknown client get the same bare error', async () => {
  const wrong = [
    await inBody({ client_secret: 'wrong' }),
    await inBody({ client_secret: '' }),
    await inBody({ client_id: 'myid.unknown' }),
    await server.token(grant),
  ];
  for (const { statusCode, body } of wrong) {
    assert.equal(body, '{"error":"invalid_client"}');
    assert.equal(statusCode, 400);
  }
  const inHeader = [
    basic(SYSTEM.id, 'wrong'),
    basic('myid.unknown', SYSTEM.secret),
    { authorization: 'Basic !!' },
    { authorization: 'Basic' },
    { authorization: `Bearer ${SYSTEM.secret}` },
    { authorization: '' },
  ];
  for (const headers of inHeader) {
    const { statusCode, body, headers: sent } = await server.token(grant, headers);
    assert.equal(body, '{"error":"invalid_client"}');
    assert.equal(statusCode, 401);
    assert.match(String(sent['www-authenticate']), /^Basic /);
  }
});

test('any of several secrets is right, and no other', async () => {
  const status = async (secret: string) =>
    (await server.token(grant, basic('two.secrets', secret))).statusCode;
  assert.deepEqual([await status('old'), await status('new'), await status(SYSTEM.secret)], [200, 200, 401]);
});

test('id and secret in the header may be percent-encoded or raw', async () => {
  const raw = 'a+b%20c:d/ä';
  const status = async (text: string) =>
    (await server.token(grant, { authorization: `Basic ${Buffer.from(text).toString('base64')}` }))
      .statusCode;
  assert.equal(await status(`odd secret:${raw}`), 200);
  assert.equal(await status(`odd%20secret:${encodeURIComponent(raw)}`), 200);
  assert.equal(await status(`odd+secret:${encodeURIComponent(raw)}`), 200);
  assert.equal(await status('odd secret:a b c:d/ä'), 401);
});

test('header and body together are taken when they agree and refused when they differ', async () => {
  const both = (over: Record<string, string>) =>
    server.token({ ...grant, ...over }, basic(SYSTEM.id, SYSTEM.secret));
  assert.equal((await both({ client_id: SYSTEM.id })).statusCode, 200);
  assert.equal((await both({ client_id: SYSTEM.id, client_secret: SYSTEM.secret })).statusCode, 200);
  for (const over of [{ client_id: 'two.secrets' }, { client_secret: 'other' }]) {
    const { statusCode, body } = await both(over);
    assert.equal(statusCode, 400);
    assert.equal(JSON.parse(body).error, 'invalid_request');
  }
});

test("MYID-T10 the hash of the guide's second secret is right", async () => {
  const secret = 'b5989015-bb9e-4533-874b-2b4a6a8280ed';
  assert.equal((await server.token(grant, basic('printed', secret))).statusCode, 200);
});

test('a wrong secret reaches the audit under the name of the client', async () => {
  await server.token(grant, basic('printed', 'wrong'));
  const event = await lastEvent('logon.refused');
  assert.deepEqual(
    [event?.clientId, event?.details],
    ['printed', { error: 'invalid_client', claimed: 'printed' }],
  );
});

test('whatever a caller calls itself, the audit can keep it', async () => {
  const names = ['a\0b', `${'x'.repeat(99)}\u{1F511}`, '\u{10FFFF}', "'; drop table logon; --"];
  for (const [i, id] of names.entries()) {
    const remoteAddress = `192.0.2.${i + 1}`; // refusals of one address are told together
    const response = await app.inject({
      method: 'POST',
      url: '/web.oauth2/connect/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...basic(id, 'secret') },
      remoteAddress,
      payload: new URLSearchParams(grant).toString(),
    });
    assert.equal(response.body, '{"error":"invalid_client"}');
    assert.equal((await lastEvent('logon.refused'))?.ip, remoteAddress);
  }
});

const errorOf = async (form: Record<string, string> | string, headers = basic(SYSTEM.id, SYSTEM.secret)) => {
  const { statusCode, body } = await server.token(form, headers);
  return [statusCode, JSON.parse(body).error];
};

test('a grant type that is missing or unknown is unsupported', async () => {
  for (const form of [{}, { grant_type: '' }, { grant_type: 'password' }, { grant_type: 'implicit' }])
    assert.deepEqual(await errorOf(form as Record<string, string>), [400, 'unsupported_grant_type']);
});

test('a grant type that the client may not use is unauthorized', async () => {
  const headers = basic('other.grant', SYSTEM.secret);
  assert.deepEqual(await errorOf(grant, headers), [400, 'unauthorized_client']);
  for (const grant_type of ['authorization_code', 'refresh_token', 'operation'])
    assert.deepEqual(await errorOf({ grant_type }), [400, 'unauthorized_client']);
});

test('a parameter that is sent twice is refused, whichever it is', async () => {
  for (const name of ['grant_type', 'scope', 'client_id', 'unheard_of'])
    assert.deepEqual(await errorOf(`${name}=a&${name}=b`), [400, 'invalid_request']);
});

test('a body that is no form is refused', async () => {
  const headers = basic(SYSTEM.id, SYSTEM.secret);
  for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x'])
    assert.deepEqual(
      await errorOf('{"grant_type":"client_credentials"}', { ...headers, 'content-type': type } as never),
      [400, 'invalid_request'],
    );
});

test('bytes that are no text, NULs and bodies beyond the limit are refused', async () => {
  const send = (payload: Buffer | string) =>
    app.inject({
      method: 'POST',
      url: '/web.oauth2/connect/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload,
    });
  assert.equal((await send(Buffer.from([0x61, 0x3d, 0xff]))).json().error, 'invalid_request');
  assert.equal((await send('client_id=a%00b')).json().error, 'invalid_request');
  const large = await send(`a=${'x'.repeat(100_000)}`);
  assert.deepEqual([large.statusCode, large.json().error], [413, 'invalid_request']);
});

test('another method is 405 with Allow', async () => {
  for (const path of ['token', 'revocation']) {
    const response = await app.inject({ method: 'GET', url: `/web.oauth2/connect/${path}` });
    assert.equal(response.statusCode, 405);
    assert.match(String(response.headers.allow), /POST/);
  }
});

test('the path is found in any letter case and with a slash at its end', async () => {
  for (const url of ['/Web.OAuth2/Connect/Token', '/web.oauth2/connect/token/']) {
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      ...basic(SYSTEM.id, SYSTEM.secret),
    };
    const payload = new URLSearchParams(grant).toString();
    const response = await app.inject({ method: 'POST', url, headers, payload });
    assert.equal(response.statusCode, 200);
  }
});
