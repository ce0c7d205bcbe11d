import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, loadConfig, trustedProxies, unknownNames, VARIABLES } from './config.ts';

const problemsOf = (env: Record<string, string>, read?: (path: string) => string): readonly string[] => {
  try {
    loadConfig(env, read);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems;
  }
  return [];
};

test('an empty environment gives a server on loopback with an embedded database', () => {
  const config = loadConfig({});
  assert.equal(config.SIGNET_HOST, '127.0.0.1');
  assert.equal(config.SIGNET_PORT, 8080);
  assert.equal(config.SIGNET_WORKERS, 1);
  assert.equal(config.DATABASE_URL, undefined);
  assert.deepEqual(trustedProxies(config), ['loopback']);
});

test('an empty value counts as none, as compose files leave them', () => {
  assert.equal(loadConfig({ SIGNET_PORT: '', DATABASE_URL: '', SIGNET_HOME: '' }).SIGNET_PORT, 8080);
});

test('numbers are decimal digits and nothing else', () => {
  assert.equal(loadConfig({ SIGNET_PORT: '9090' }).SIGNET_PORT, 9090);
  for (const value of ['x', '80a', '1.5', '-1', '0x10', 'true', ' 80', '65536', '1e3']) {
    assert.equal(problemsOf({ SIGNET_PORT: value }).length, 1, value);
  }
});

test('all problems are told together, each by name, with what was given', () => {
  const problems = problemsOf({
    SIGNET_PORT: 'x',
    SIGNET_LOG_LEVEL: 'loud',
    SIGNET_WORKERS: '0',
    SIGNET_TLS_CERT: 'a.pem',
  });
  assert.deepEqual(
    problems.map((p) => p.split(' ')[0]),
    ['SIGNET_PORT', 'SIGNET_WORKERS', 'SIGNET_LOG_LEVEL', 'SIGNET_TLS_CERT'],
  );
  assert.match(problems.join(), /must be one of fatal, error.* \(it is "loud"\)/);
});

test('a _FILE names a file that holds the value, its last line break taken off', () => {
  const read = (path: string) => {
    assert.equal(path, '/run/secrets/db');
    return 'postgresql://u:p@db/signet\n';
  };
  assert.equal(
    loadConfig({ DATABASE_URL_FILE: '/run/secrets/db' }, read).DATABASE_URL,
    'postgresql://u:p@db/signet',
  );
});

test('a file that cannot be read, and a value given twice, are problems', () => {
  assert.match(
    problemsOf({ SIGNET_MASTER_KEY_FILE: '/nowhere/at/all' })[0] ?? '',
    /^SIGNET_MASTER_KEY_FILE cannot be read: ENOENT/,
  );
  const twice = problemsOf({ SIGNET_HOST: 'a', SIGNET_HOST_FILE: 'f' }, () => 'b');
  assert.deepEqual(twice, ['SIGNET_HOST and SIGNET_HOST_FILE are both set']);
});

test('a secret that is refused is not repeated', () => {
  const problems = problemsOf({ DATABASE_URL: 'mysql://root:hunter2@db/x' });
  assert.equal(problems.length, 1);
  assert.doesNotMatch(problems.join(), /hunter2/);
});

test('the public address is an http origin, with a path at most', () => {
  for (const good of ['https://signet.example.com', 'http://10.0.0.1:8080', 'https://example.com/signet/']) {
    assert.deepEqual(problemsOf({ SIGNET_PUBLIC_URL: good }), [], good);
  }
  for (const bad of [
    'signet.example.com',
    'ftp://example.com',
    'https://u:p@example.com',
    'https://example.com?a=b',
    'https://e/#x',
  ]) {
    assert.equal(problemsOf({ SIGNET_PUBLIC_URL: bad }).length, 1, bad);
  }
});

test('trusted proxies are addresses, networks and the three words', () => {
  const config = loadConfig({ SIGNET_TRUSTED_PROXIES: 'loopback, 10.0.0.0/8,2001:db8::/32, 192.0.2.1' });
  assert.deepEqual(trustedProxies(config), ['loopback', '10.0.0.0/8', '2001:db8::/32', '192.0.2.1']);
  assert.deepEqual(trustedProxies(loadConfig({ SIGNET_TRUSTED_PROXIES: 'none' })), []);
  for (const bad of ['everybody', '10.0.0.0/33', '10.0.0/8', '2001:db8::/129', '10.0.0.1/8/9']) {
    assert.equal(problemsOf({ SIGNET_TRUSTED_PROXIES: bad }).length, 1, bad);
  }
});

test('a slip in a name is found', () => {
  assert.deepEqual(unknownNames({ SIGNET_PROT: '1', SIGNET_PORT: '1', SIGNET_PORT_FILE: 'f', PATH: '' }), [
    'SIGNET_PROT',
  ]);
});

test('every name has a description', () => {
  for (const [name, { description }] of Object.entries(VARIABLES)) assert.ok(description, name);
});
