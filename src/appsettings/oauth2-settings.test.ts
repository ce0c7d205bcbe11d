import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { suite, type TestContext, test } from 'node:test';
import { SHIPPED, settingsHome } from '#test/settings-home.ts';
import type { Fault } from './findings.ts';
import { loadOauth2Settings, type Oauth2Settings } from './oauth2-settings.ts';

type Files = Record<string, string>;

/** Loads the shipped settings with these files over them; names are within `web.oauth2`. */
function load(t: TestContext, files: Files) {
  const named = Object.entries(files).map(([name, content]) => [`web.oauth2/${name}`, content]);
  return loadOauth2Settings(SHIPPED, settingsHome(t, Object.fromEntries(named)));
}

function settingsOf(t: TestContext, files: Files): Oauth2Settings {
  const loaded = load(t, files);
  assert.ok('settings' in loaded, JSON.stringify(loaded));
  return loaded.settings;
}

function faultsOf(t: TestContext, files: Files): readonly Fault[] {
  const loaded = load(t, files);
  assert.ok('faults' in loaded, 'accepted');
  return loaded.faults;
}

const SECRET = '82564d6e-c4a6-4f64-a6d4-cac43781c67c';
const HASH = createHash('sha256').update(SECRET).digest();
const PRODUCTION = 'appsettings.Production.json';

/** The guide's section 3.2.2, with the right hash. */
const MYSYSTEM = `{
  "ClientId": "myid.mysystem",
  "ClientName": "My External System",
  "AccessTokenLifetime": "3600",
  "AllowedGrantTypes": [
    "client_credentials"
  ],
  "ClientSecrets": [
    {
      "Value": "${HASH.toString('base64')}"
    }
  ],
  "AllowedScopes": [
    "myid.rest.basic"
  ],
  "Properties": {
    "MyIDLogonName": "api.external"
  }
}`;

test('the shipped settings hold what clients of the API rely on', (t) => {
  const loaded = loadOauth2Settings(SHIPPED, settingsHome(t));
  assert.ok('settings' in loaded);
  const { clients, scopes, apiResources, clientIdentifierHeader } = loaded.settings;
  assert.equal(clientIdentifierHeader, 'CLIENT_IDENTIFIER');
  assert.deepEqual([...clients.keys()], ['myid.operatorclient', 'myid.mcs']);
  assert.deepEqual(clients.get('myid.mcs')?.allowedScopes, ['myid.operation', 'myid.devicepicker']);
  assert.deepEqual(clients.get('myid.mcs')?.allowedGrantTypes, ['operation']);
  assert.equal(clients.get('myid.mcs')?.accessTokenLifetime, 120);
  assert.equal(scopes.get('myid.rest.basic')?.description, 'Scope restricted access to MyID');
  assert.deepEqual(scopes.get('myid.devicepicker')?.userClaims, [
    'deviceDetectContext',
    'op',
    'myidSessionId',
  ]);
  assert.ok(apiResources.get('myid.mws')?.scopes.includes('myid.devicepicker'));
  assert.deepEqual(apiResources.get('myid.rest')?.scopes, ['myid.rest.basic']);
  assert.deepEqual(loaded.notices, []);
});

suite('a file of its own for an entry', () => {
  test('MYID-C1 a custom client file with a new ClientId is added and the base clients stay', (t) => {
    const base = settingsOf(t, {}).clients;
    const { clients } = settingsOf(t, { 'CustomClients/any name.JSON': MYSYSTEM });
    assert.deepEqual([...clients.keys()], [...base.keys(), 'myid.mysystem']);
    assert.deepEqual(clients.get('myid.operatorclient'), base.get('myid.operatorclient'));
    const { clientSecrets, ...rest } = clients.get('myid.mysystem') ?? assert.fail('absent');
    assert.deepEqual(
      clientSecrets.map(({ value }) => Buffer.from(value)),
      [HASH],
    );
    assert.deepEqual(rest, {
      clientId: 'myid.mysystem',
      clientName: 'My External System',
      enabled: true,
      allowedGrantTypes: ['client_credentials'],
      requireClientSecret: true,
      requirePkce: true,
      redirectUris: [],
      allowedCorsOrigins: [],
      allowedScopes: ['myid.rest.basic'],
      requireConsent: false,
      allowAccessTokensViaBrowser: false,
      accessTokenLifetime: 3600,
      accessTokenSigningAlgorithm: 'RS256',
      allowOfflineAccess: false,
      slidingRefreshTokenLifetime: 7200,
      absoluteRefreshTokenLifetime: 518400,
      refreshTokenReuse: 'EndsFamily',
      properties: { myIDLogonName: 'api.external' },
    });
  });

  test('MYID-C2 a custom file with the ClientId of a base client replaces it whole', (t) => {
    const production = `{"Clients": [{"ClientSecrets": [{"Value": "${HASH.toString('base64')}"}]}]}`;
    const other = createHash('sha256').update('another').digest();
    const custom = `{"ClientID": "myid.operatorclient", "ClientSecrets": [{"Value": "${other.toString('base64')}"}]}`;
    const { clients } = settingsOf(t, { [PRODUCTION]: production, 'CustomClients/a.json': custom });
    const replaced = clients.get('myid.operatorclient');
    assert.deepEqual(
      replaced?.clientSecrets.map(({ value }) => Buffer.from(value)),
      [other],
    );
    assert.deepEqual(
      [replaced?.clientName, replaced?.allowedScopes, replaced?.allowedGrantTypes],
      [null, [], []],
    );
    assert.equal(replaced?.requireClientSecret, true);
    assert.equal(clients.size, 2);
  });

  test('MYID-C8 scopes, API resources and identity resources are added or replaced by Name', (t) => {
    const settings = settingsOf(t, {
      'CustomScopes/new.json': '{"Name": "my.scope", "UserClaims": ["mine"]}',
      'CustomScopes/old.json': '{"Name": "myid.devicepicker", "UserClaims": ["op"]}',
      'CustomAPIResources/new.json': '{"Name": "my.api", "Scopes": ["my.scope"]}',
      'customapiresources/old.json': '{"Name": "myid.mws"}',
      'CustomIdentityResources/new.json': '{"Name": "profile", "UserClaims": ["name"]}',
      'CustomIdentityResources/old.json': '{"Name": "openid", "UserClaims": ["sub", "name"]}',
    });
    assert.deepEqual(
      [...settings.scopes.keys()],
      ['myid.rest.basic', 'myid.operation', 'myid.devicepicker', 'my.scope'],
    );
    assert.deepEqual(settings.scopes.get('my.scope')?.userClaims, ['mine']);
    assert.deepEqual(settings.scopes.get('myid.devicepicker'), {
      name: 'myid.devicepicker',
      description: null,
      userClaims: ['op'],
    });
    assert.deepEqual([...settings.apiResources.keys()], ['myid.rest', 'myid.mws', 'my.api']);
    assert.deepEqual(settings.apiResources.get('myid.mws')?.scopes, []);
    assert.deepEqual([...settings.identityResources.keys()], ['openid', 'profile']);
    assert.deepEqual(settings.identityResources.get('openid')?.userClaims, ['sub', 'name']);
  });

  test('two files with one identity are refused, and both are named', (t) => {
    const [fault, ...others] = faultsOf(t, {
      'CustomClients/a.json': MYSYSTEM,
      'CustomClients/b.json': `// the same\n${MYSYSTEM}`,
    });
    assert.deepEqual([fault?.code, fault?.line, others], ['identity.duplicate', 3, []]);
    assert.match(
      fault?.reason ?? '',
      /"myid\.mysystem": in .*a\.json \(line 2\) and in .*b\.json \(line 3\)\.$/,
    );
  });

  test('ClientIds that differ in case are different clients', (t) => {
    const files = {
      'CustomClients/a.json': MYSYSTEM,
      'CustomClients/b.json': MYSYSTEM.replace('myid.my', 'MyID.my'),
    };
    assert.deepEqual([...settingsOf(t, files).clients.keys()].slice(2), ['myid.mysystem', 'MyID.mysystem']);
  });
});

suite('the Production file', () => {
  test('MYID-C3 overlays the base client of the same index and adds none', (t) => {
    const { clients } = settingsOf(t, { [PRODUCTION]: `{"Clients": [${MYSYSTEM}]}` });
    assert.deepEqual([...clients.keys()], ['myid.mysystem', 'myid.mcs']);
    assert.equal(
      clients.get('myid.mysystem')?.allowAccessTokensViaBrowser,
      true,
      'kept from the base client',
    );
    assert.equal(
      clients.get('myid.mysystem')?.requireClientSecret,
      true,
      'although the base client has none',
    );
  });

  test('MYID-C4 adds a client behind as many {} as there are base clients', (t) => {
    const base = settingsOf(t, {}).clients;
    const padding = '{},'.repeat(base.size);
    const { clients } = settingsOf(t, { [PRODUCTION]: `{"Clients": [${padding}${MYSYSTEM}]}` });
    assert.deepEqual([...clients.keys()], [...base.keys(), 'myid.mysystem']);
    for (const [id, client] of base) assert.deepEqual(clients.get(id), client);
  });

  test('may have more padding than there are base clients', (t) => {
    const { clients } = settingsOf(t, { [PRODUCTION]: `{"Clients": [{}, {}, {}, null, ${MYSYSTEM}]}` });
    assert.deepEqual([...clients.keys()].slice(2), ['myid.mysystem']);
  });

  test('is overridden by a custom file of the same identity', (t) => {
    const { clients } = settingsOf(t, {
      [PRODUCTION]: `{"Clients": [{}, {}, ${MYSYSTEM}]}`,
      'CustomClients/a.json': '{"ClientId": "myid.mysystem", "ClientName": "Mine"}',
    });
    assert.deepEqual([clients.size, clients.get('myid.mysystem')?.clientName], [3, 'Mine']);
    assert.equal(clients.get('myid.mysystem')?.properties.myIDLogonName, null);
  });

  test('that gives one identity to two clients is refused', (t) => {
    const [fault] = faultsOf(t, { [PRODUCTION]: '{"Clients": [{"ClientId": "myid.mcs"}]}' });
    assert.equal(fault?.code, 'identity.duplicate');
    assert.match(fault?.reason ?? '', /Production\.json.*config.web\.oauth2.appsettings\.json/);
  });
});

suite('the text of a file', () => {
  test('MYID-C5 comments and trailing commas are accepted', (t) => {
    const text = '// comment\n{ /* mine: */ "ClientId": "a", "AllowedScopes": ["myid.rest.basic",], }';
    assert.deepEqual(settingsOf(t, { 'CustomClients/a.json': text }).clients.get('a')?.allowedScopes, [
      'myid.rest.basic',
    ]);
  });

  test('MYID-C6 a missing comma is a fault with file, line and byte', (t) => {
    const [fault, ...others] = faultsOf(t, { 'CustomClients/a.json': MYSYSTEM.replace('tem",', 'tem"') });
    assert.deepEqual(others, []);
    assert.match(fault?.file ?? '', /CustomClients.a\.json$/);
    assert.deepEqual([fault?.line, fault?.lineNumber, fault?.bytePositionInLine], [3, 2, 2]);
    assert.equal(fault?.reason, `'"' is invalid after a value. Expected either ',', '}', or ']'.`);
  });

  test('MYID-C7 a no-break space at the start of a line is a fault that names 0xC2', (t) => {
    const [fault] = faultsOf(t, {
      'CustomClients/a.json': MYSYSTEM.replace('  "AllowedScopes', '\u00a0 "AllowedScopes'),
    });
    assert.deepEqual([fault?.lineNumber, fault?.bytePositionInLine], [12, 0]);
    assert.equal(fault?.reason, `'0xC2' is an invalid start of a property name. Expected a '"'.`);
  });

  test('the faults of all files are told together', (t) => {
    const faults = faultsOf(t, {
      [PRODUCTION]: '{',
      'CustomClients/a.json': '{"ClientId": "a", "RequirePkce": "perhaps"}',
      'CustomClients/b.json': '[]',
      'CustomScopes/c.json': '{"Description": "nameless"}',
    });
    assert.deepEqual(
      faults.map(({ code, file }) => `${code} ${file.split('/').at(-1)}`),
      [
        'json.invalid appsettings.Production.json',
        'json.invalid b.json',
        'value.invalid a.json',
        'key.missing c.json',
      ],
    );
    assert.equal(faults[1]?.reason, "Top-level JSON element must be an object. Instead, 'Array' was found.");
  });
});
