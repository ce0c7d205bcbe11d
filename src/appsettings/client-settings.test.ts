import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { suite, type TestContext, test } from 'node:test';
import { SHIPPED, settingsHome } from '#test/settings-home.ts';
import { loadOauth2Settings } from './oauth2-settings.ts';

const HASH = createHash('sha256').update('82564d6e-c4a6-4f64-a6d4-cac43781c67c').digest();

/** The shipped settings with a custom client `a` of these keys. */
function load(t: TestContext, keys: string) {
  const home = settingsHome(t, { 'web.oauth2/CustomClients/a.json': `{"ClientId": "a", ${keys}}` });
  const loaded = loadOauth2Settings(SHIPPED, home);
  assert.ok('settings' in loaded, JSON.stringify(loaded));
  return loaded;
}

const clientOf = (t: TestContext, keys: string) => load(t, keys).settings.clients.get('a');

suite('a client', () => {
  test('MYID-C12 has its redirect addresses from RedirectUri and from RedirectUris together', (t) => {
    const uris = (keys: string) => clientOf(t, keys)?.redirectUris;
    assert.deepEqual(uris('"RedirectUri": ["https://a/b"]'), uris('"RedirectUris": ["https://a/b"]'));
    const both = uris(
      '"RedirectUri": ["https://a/1", "https://a/2"], "RedirectUris": ["https://a/2", "https://a/3"]',
    );
    assert.deepEqual([...(both ?? [])].sort(), ['https://a/1', 'https://a/2', 'https://a/3']);
  });

  test('may have its numbers and switches in quotes and its keys in any case', (t) => {
    const keys = '"ACCESSTOKENLIFETIME": "60", "requirepkce": "False", "RequireClientSecret": "true"';
    const read = clientOf(t, keys);
    assert.deepEqual(
      [read?.accessTokenLifetime, read?.requirePkce, read?.requireClientSecret],
      [60, false, true],
    );
  });

  test('that is disabled counts for nothing', (t) => {
    const { clients, corsOrigins } = load(
      t,
      '"Enabled": false, "AllowedCorsOrigins": ["https://a"]',
    ).settings;
    assert.deepEqual([clients.has('a'), corsOrigins.size], [false, 0]);
  });

  test('must send a secret for client_credentials and use PKCE without one, whatever it is set to', (t) => {
    const keys = '"RequireClientSecret": false, "RequirePkce": false, "AllowedGrantTypes"';
    assert.equal(clientOf(t, `${keys}: ["client_credentials"]`)?.requireClientSecret, true);
    assert.equal(clientOf(t, `${keys}: ["authorization_code"]`)?.requirePkce, true);
    const [notice] = load(t, `${keys}: ["authorization_code"]`).notices;
    assert.deepEqual([notice?.code, notice?.line], ['client.hardened', 1]);
  });

  test('that can never get a token is told about', (t) => {
    const codes = (keys: string) => load(t, keys).notices.map(({ code }) => code);
    const secret = `"ClientSecrets": [{"Value": "${HASH.toString('base64')}"}]`;
    assert.deepEqual(codes(secret), ['client.unusable']);
    assert.deepEqual(codes('"AllowedGrantTypes": ["authorization_code"]'), ['client.unusable']);
    assert.deepEqual(codes(`${secret}, "AllowedGrantTypes": ["client_credentials"]`), ['client.unusable']);
    assert.deepEqual(
      codes(`${secret}, "AllowedGrantTypes": ["authorization_code"], "AllowedScopes": ["x"]`),
      ['scope.unknown'],
    );
  });

  test('has its web pages compared as browsers name them, and never a page from a file', (t) => {
    const origins =
      '["HTTPS://Host:443", "http://127.0.0.1:5500", "https://host/", "null", "*", "capacitor://localhost"]';
    const { settings, notices } = load(t, `"AllowedCorsOrigins": ${origins}`);
    assert.deepEqual(
      [...settings.corsOrigins],
      ['https://host', 'http://127.0.0.1:5500', 'capacitor://localhost'],
    );
    assert.equal(notices.filter(({ code }) => code === 'origin.unmatched').length, 3);
  });
});
