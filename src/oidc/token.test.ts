import assert from 'node:assert/strict';
import { test } from 'node:test';
import { account, basic, oauth2Settings, oauthServer, SYSTEM, systemClient } from '#test/oauth2.ts';

const server = await oauthServer({ settings: oauth2Settings([systemClient()]) });
await account(server.ctx, 'api.external');
const T1 = 'grant_type=client_credentials&scope=myid.rest.basic';

test('MYID-T1 a program gets a token with its secret in the header', async () => {
  const response = await server.token(T1, {
    authorization: 'Basic bXlpZC5teXN5c3RlbTo4MjU2NGQ2ZS1jNGE2LTRmNjQtYTZkNC1jYWM0Mzc4MWM2N2M=',
  });
  assert.equal(response.statusCode, 200, response.body);
  const { access_token: token, ...rest } = response.json();
  assert.deepEqual(rest, { expires_in: 3600, token_type: 'Bearer', scope: 'myid.rest.basic' });
  assert.equal(response.headers['cache-control'], 'no-store');
  assert.ok(await server.verify(token, 'myid.rest'));
});
