import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeProtectedHeader } from 'jose';
import { account, basic, oauth2Settings, oauthServer, SYSTEM, systemClient } from '#test/oauth2.ts';

const DAY = 86_400_000;
const LIFETIME = 10 * 86_400;
const server = await oauthServer({
  settings: oauth2Settings([systemClient({ AccessTokenLifetime: LIFETIME })]),
});
await account(server.ctx, 'api.external');

const published = async () => (await server.keySet()).keys.map(({ kid }) => kid);
async function token(): Promise<{ token: string; kid: string | undefined }> {
  const response = await server.token({ grant_type: 'client_credentials' }, basic(SYSTEM.id, SYSTEM.secret));
  const made = response.json().access_token;
  return { token: made, kid: decodeProtectedHeader(made).kid };
}

test('a key is published a week before it signs, and until the last token of its forerunner has expired', async (t) => {
  const start = Date.now();
  t.mock.timers.enable({ apis: ['Date'], now: start });
  const at = async (days: number) => {
    t.mock.timers.setTime(start + days * DAY);
    await server.keys.maintain();
  };
  const [first] = await published();
  assert.equal((await token()).kid, first);

  await at(84);
  const [, second] = await published();
  assert.ok(second, 'the next key is published');
  assert.equal((await token()).kid, first, 'and does not sign yet');

  await at(89.9);
  const last = await token();
  assert.equal(last.kid, first);

  await at(90.1);
  assert.equal((await token()).kid, second);
  assert.equal(await server.statusAtApi(last.token), 200);

  await at(99.8);
  assert.ok((await published()).includes(first));
  assert.equal(await server.statusAtApi(last.token), 200);
  await server.verified(last.token);

  await at(100.2);
  assert.deepEqual(await published(), [second]);
  assert.equal(await server.statusAtApi(last.token), 401);
});
