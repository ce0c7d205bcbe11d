import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { edge } from '#test/edge.ts';
import type { ServerOptions } from './server.ts';

/** A server that says how it sees the caller and itself. */
function mirror(options: ServerOptions = {}) {
  const app = edge(options, {
    nevisidm: async (scope) => {
      scope.get('/nevisidm/seen', (request) => ({ origin: request.origin, publicUrl: request.publicUrl }));
    },
  });
  return async (remoteAddress: string, headers: Record<string, string> = {}) => {
    const seen = await app.inject({
      url: '/nevisidm/seen',
      remoteAddress,
      headers: { host: 'inside:8080', ...headers },
    });
    return { status: seen.statusCode, hsts: seen.headers['strict-transport-security'], ...seen.json() };
  };
}

const forwarded = {
  'x-forwarded-for': '203.0.113.7',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'id.example.com',
};

suite('forwarded headers', () => {
  test('of a trusted peer are believed: address, protocol, host', async () => {
    const seen = await mirror()('127.0.0.1', forwarded);
    assert.equal(seen.origin.ip, '203.0.113.7');
    assert.equal(seen.publicUrl, 'https://id.example.com');
    assert.match(seen.hsts, /max-age=\d+/);
  });

  test('of anybody else are not', async () => {
    const seen = await mirror()('198.51.100.9', forwarded);
    assert.equal(seen.origin.ip, '198.51.100.9');
    assert.equal(seen.publicUrl, 'http://inside:8080');
    assert.equal(seen.hsts, undefined);
  });

  test('are believed of nobody when nobody is trusted', async () => {
    const seen = await mirror({ trustedProxies: [] })('127.0.0.1', forwarded);
    assert.deepEqual([seen.origin.ip, seen.publicUrl], ['127.0.0.1', 'http://inside:8080']);
  });

  test('are believed only as far as the chain of trusted proxies goes', async () => {
    const ask = mirror({ trustedProxies: ['10.0.0.0/8'] });
    const chain = { 'x-forwarded-for': '1.1.1.1, 203.0.113.7, 10.0.0.2' };
    assert.equal((await ask('10.0.0.1', chain)).origin.ip, '203.0.113.7');
  });

  for (const [sent, ip] of [
    ['203.0.113.7:51234', '203.0.113.7'],
    ['[2001:db8::7]:51234', '2001:db8::7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['unknown', '127.0.0.1'],
    ["'; drop table audit_event; --", '127.0.0.1'],
    ['', '127.0.0.1'],
  ] as const) {
    test(`the caller ${JSON.stringify(sent)} is ${ip}`, async () => {
      assert.equal((await mirror()('127.0.0.1', { 'x-forwarded-for': sent })).origin.ip, ip);
    });
  }

  for (const [name, value] of [
    ['x-forwarded-host', 'evil.example/path'],
    ['x-forwarded-host', '"><script>'],
    ['x-forwarded-proto', 'javascript'],
  ] as const) {
    test(`${name}: ${value} of a trusted peer is a 400`, async () => {
      assert.equal((await mirror()('127.0.0.1', { [name]: value })).status, 400);
    });

    test(`${name}: ${value} of anybody else is nothing`, async () => {
      assert.equal((await mirror()('198.51.100.9', { [name]: value })).status, 200);
    });
  }
});

test('the configured address wins over whatever a request says', async () => {
  const seen = await mirror({ publicUrl: 'https://id.example.com/signet/' })('127.0.0.1', forwarded);
  assert.equal(seen.publicUrl, 'https://id.example.com/signet');
});

suite('the facts that the audit keeps', () => {
  test('the window is the owner of the path', async () => {
    assert.equal((await mirror()('127.0.0.1')).origin.window, 'nevisidm');
  });

  test('the client identifier is what the header of this name says, without control characters', async () => {
    const ask = mirror({ clientIdentifierHeader: () => 'Machine-Name' });
    assert.equal((await ask('127.0.0.1', { 'MACHINE-NAME': ' PC\t42 ' })).origin.clientIdentifier, 'PC42');
    assert.equal((await ask('127.0.0.1', { client_identifier: 'PC-42' })).origin.clientIdentifier, null);
    const long = await ask('127.0.0.1', { 'machine-name': 'x'.repeat(1000) });
    assert.equal(long.origin.clientIdentifier.length, 255);
  });

  test('CLIENT_IDENTIFIER is its name by default, in any letter case', async () => {
    assert.equal(
      (await mirror()('127.0.0.1', { client_identifier: 'PC-42' })).origin.clientIdentifier,
      'PC-42',
    );
  });
});

suite('the request id', () => {
  const idOf = async (app: FastifyInstance, sent?: string) => {
    const headers = sent === undefined ? {} : { 'x-request-id': sent };
    return String((await app.inject({ url: '/nosuch', headers })).headers['x-request-id']);
  };

  test('is made where none is sent, and differs', async () => {
    const app = edge();
    const [one, other] = [await idOf(app), await idOf(app)];
    assert.match(one, /^[0-9a-f-]{36}$/);
    assert.notEqual(one, other);
  });

  test('is kept where a well-formed one is sent, and only then', async () => {
    const app = edge();
    assert.equal(await idOf(app, 'trace:0123-abc.9_'), 'trace:0123-abc.9_');
    for (const bad of ['short', 'x'.repeat(65), 'has blanks in it', '{"json":true}', 'ünsafe-é']) {
      assert.notEqual(await idOf(app, bad), bad);
    }
  });

  test('of LoginID’s callers is echoed when it is a UUID', async () => {
    const app = edge();
    const id = '0b7c8f4e-5d0a-4f3c-9a57-1c2d3e4f5a6b';
    const ask = (sent: string) =>
      app.inject({ method: 'POST', url: '/register/init', headers: { 'request-id': sent } });
    assert.equal((await ask(id)).headers['request-id'], id);
    assert.match(String((await ask('nonsense')).headers['request-id']), /^[0-9a-f-]{36}$/);
  });
});
