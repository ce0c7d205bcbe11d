import assert from 'node:assert/strict';
import { suite, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { SHIPPED, settingsHome, writeInto } from '#test/settings-home.ts';
import type { Fault } from './findings.ts';
import { loadOauth2Settings } from './oauth2-settings.ts';

/** The faults of a client with these keys, which start in line 2. */
function faultsOf(t: TestContext, keys: string): readonly Fault[] {
  const home = settingsHome(t, { 'web.oauth2/CustomClients/a.json': `{"ClientId": "a",\n${keys}}` });
  const loaded = loadOauth2Settings(SHIPPED, home);
  return 'faults' in loaded ? loaded.faults : [];
}

suite('a value that does not fit is a fault at its line and byte', () => {
  const seconds = 'takes a whole number of seconds from 1 to 2147483647';
  const cases: [keys: string, byte: number, reason: string][] = [
    ['"AccessTokenLifetime": "soon"', 23, `'AccessTokenLifetime' ${seconds}, not "soon".`],
    ['"AccessTokenLifetime": 0', 23, `'AccessTokenLifetime' ${seconds}, not 0.`],
    ['"AccessTokenLifetime": -5', 23, `'AccessTokenLifetime' ${seconds}, not -5.`],
    ['"AccessTokenLifetime": 1.5', 23, `'AccessTokenLifetime' ${seconds}, not 1.5.`],
    ['"AccessTokenLifetime": 1e999', 23, `'AccessTokenLifetime' ${seconds}, not 1e999.`],
    ['"AccessTokenLifetime": 2147483648', 23, `'AccessTokenLifetime' ${seconds}, not 2147483648.`],
    [`"AccessTokenLifetime": ${'9'.repeat(9999)}`, 23, `'AccessTokenLifetime' ${seconds}, not a number.`],
    ['"AccessTokenLifetime": true', 23, `'AccessTokenLifetime' ${seconds}, not true.`],
    ['"RequirePkce": 1', 15, "'RequirePkce' takes true or false, not 1."],
    ['"RequirePkce": "yes"', 15, `'RequirePkce' takes true or false, not "yes".`],
    ['"ClientName": ["x"]', 14, "'ClientName' takes a text, not a list."],
    ['"AllowedScopes": "myid.rest.basic"', 17, `'AllowedScopes' takes a list, not a text.`],
    [
      '"AllowedScopes": ["a b"]',
      18,
      `'AllowedScopes' takes a name of printable ASCII characters without spaces, quotes and backslashes, not "a b".`,
    ],
    ['"ClientSecrets": ["x"]', 18, `'ClientSecrets' takes objects, not a text.`],
    ['"ClientSecrets": [{"Valu": "x"}]', 18, "'Value' is missing here."],
    ['"Properties": []', 14, "'Properties' takes an object, not a list."],
    [
      '"AccessTokenSigningAlgorithm": "none"',
      31,
      `'AccessTokenSigningAlgorithm' takes one of "RS256", "ES256", not "none".`,
    ],
  ];
  for (const [keys, byte, reason] of cases) {
    test(keys.slice(0, 40), (t) => {
      const [fault, ...others] = faultsOf(t, keys);
      assert.deepEqual(
        [fault?.reason, fault?.line, fault?.bytePositionInLine, others],
        [reason, 2, byte, []],
      );
    });
  }

  test('grants of which a server has none are refused', (t) => {
    for (const grant of ['implicit', 'password', 'hybrid', 'Client_Credentials']) {
      assert.equal(faultsOf(t, `"AllowedGrantTypes": ["${grant}"]`)[0]?.code, 'value.invalid', grant);
    }
  });
});

suite('a client secret', () => {
  const faults = (t: TestContext, value: string) => faultsOf(t, `"ClientSecrets": [{"Value": "${value}"}]`);

  test('is taken as any base64 of 32 bytes, also one that no known secret has', (t) => {
    assert.deepEqual(faults(t, 'kv31VP5z/oKS0QMMaIfZ2UrhmqOdGAPpXV/vaF1cymk='), []);
    assert.deepEqual(faults(t, 'Pxvo4ww2jQ1wW0RsnL9q79TcC/f0b57P07os0ZU7Frs='), []);
  });

  test('of another length or spelling is refused without being shown', (t) => {
    const wrong = [
      '82564d6e-c4a6-4f64-a6d4-cac43781c67c',
      'kv31VP5z/oKS0QMMaIfZ2UrhmqOdGAPpXV/vaF1cymk',
      'kv31VP5z_oKS0QMMaIfZ2UrhmqOdGAPpXV_vaF1cymk=',
      `${'A'.repeat(86)}==`,
      '',
    ];
    for (const value of wrong) {
      const [fault] = faults(t, value);
      assert.equal(
        fault?.reason,
        "'Value' takes the base64 text of a SHA-256 hash: 32 bytes, 44 characters.",
        value,
      );
    }
  });
});

test('wherever a secret stands by mistake, no fault shows it', (t) => {
  for (const keys of [
    '"ClientSecrets": "s3cret"',
    '"ClientSecrets": ["s3cret"]',
    '"ClientSecrets": {"Value": "s3cret"}',
    '"ClientSecrets": [{"Value": ["s3cret"]}]',
    '"ClientSecrets": [{"Value": "s3cret"}]',
    '"ClientSecrets": [{"Value": "s3cret" "Description": "x"}]',
    '"ClientSecrets": [{"Value": nulls3cret}]',
    '"ClientSecrets": [{"Value": ns3cret}]',
  ]) {
    const faults = faultsOf(t, keys);
    assert.equal(faults.length, 1, keys);
    assert.doesNotMatch(JSON.stringify(faults), /s3cret/, keys);
  }
});

suite('a redirect address', () => {
  const fits = (t: TestContext, uri: string) =>
    faultsOf(t, `"RedirectUris": [${JSON.stringify(uri)}]`).length === 0;

  test('is absolute, with any host, port and query', (t) => {
    for (const uri of [
      'http://127.0.0.1:5500/',
      'http://127.0.0.1:5500/page1.html',
      'https://server/callback.asp?a=b',
      'com.example.app:/signed-in',
    ]) {
      assert.ok(fits(t, uri), uri);
    }
  });

  test('with a fragment, without a host, with foreign characters or with a scheme that runs code is refused', (t) => {
    for (const uri of [
      'https://server/a#b',
      'https://server/#',
      '/callback',
      '<website URL>',
      'https://',
      'https:///a',
      'https://server/a b',
      'https://server/ä',
      'https://server/\r\nSet-Cookie: a=b',
      'javascript:alert(1)',
      'data:text/html,x',
      'localhost:5500/',
      'https://server:99999/',
    ]) {
      assert.ok(!fits(t, uri), uri);
    }
  });
});

test('a header that carries credentials cannot be the one that goes into the audit', (t) => {
  const load = (name: string) =>
    loadOauth2Settings(
      SHIPPED,
      settingsHome(t, {
        'web.oauth2/appsettings.Production.json': `{"MyID": {"ClientIdentifierHeader": "${name}"}}`,
      }),
    );
  for (const name of ['Authorization', 'cookie', 'a b', 'a:b', '']) assert.ok('faults' in load(name), name);
  const loaded = load('X-Workstation');
  assert.equal('settings' in loaded && loaded.settings.clientIdentifierHeader, 'X-Workstation');
});

test('a key that means nothing is told and ignored', (t) => {
  const home = settingsHome(t, {
    'web.oauth2/appsettings.Production.json': '{"MyID:ClientIdentifierHeader": "X", "Loging": {"Level": 1}}',
    'web.oauth2/CustomClients/a.json':
      '{"ClientId": "a",\n  "RequirePKCEE": false, "Properties": {"Mine": 1}}',
  });
  const loaded = loadOauth2Settings(SHIPPED, home);
  assert.ok('settings' in loaded);
  const unknown = loaded.notices.filter(({ code }) => code === 'key.unknown');
  assert.deepEqual(
    unknown.map(({ reason, line, bytePositionInLine }) => [reason.split("'")[1], line, bytePositionInLine]),
    [
      ['RequirePKCEE', 2, 2],
      ['MyID:ClientIdentifierHeader', 1, 1],
      ['Loging', 1, 37],
    ],
  );
  assert.match(unknown[1]?.hint ?? '', /colon/);
});

test('whatever stands in a file, it ends in settings or in faults with file and line', (t) => {
  const key = fc.constantFrom(
    'ClientId',
    'ClientSecrets',
    'Value',
    'RedirectUri',
    'Properties',
    '__proto__',
    'Clients',
    'MyID',
    'x',
  );
  const text = fc.oneof(fc.string(), fc.constantFrom('authorization_code', 'https://a', 'a', 'true', '60'));
  const { any } = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      text,
      fc.constantFrom(null, true, -1, 60),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.array(fc.tuple(key, tie('any')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
    ),
  }));
  const home = settingsHome(t);
  fc.assert(
    fc.property(any, any, (production, custom) => {
      writeInto(home, 'web.oauth2/appsettings.Production.json', JSON.stringify(production));
      writeInto(home, 'web.oauth2/CustomClients/a.json', JSON.stringify(custom));
      const loaded = loadOauth2Settings(SHIPPED, home);
      if ('settings' in loaded) return;
      for (const { file, line } of loaded.faults) assert.ok(file.endsWith('.json') && line !== null);
      assert.ok(loaded.faults.length > 0);
    }),
    { numRuns: 300 },
  );
});
