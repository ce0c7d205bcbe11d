import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { LightMyRequestResponse as Response } from 'fastify';
import { DIALECTS, edge, PAGE, probePath } from '#test/edge.ts';
import { type Owner, SEGMENTS } from './segments.ts';
import { createServer, mount } from './server.ts';

const app = edge();
await app.ready();

/** How each owner says that there is nothing at a path. */
const NOT_FOUND: Record<Owner, (response: Response) => void> = {
  signet: (r) => assert.equal(r.body, '{"error":"Not found","code":"not_found","message":"Not found"}'),
  myid: (r) => {
    assert.match(String(r.headers['content-type']), /^application\/problem\+json/);
    assert.equal(r.json().title, 'Not Found');
    assert.match(r.json().traceId, /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  },
  oauth2: (r) => assert.equal(r.json().error, 'invalid_request'),
  privacyidea: (r) => assert.equal(r.body, '{"error":"Not found"}'),
  loginid: (r) => assert.equal(r.json().code, 'not_found'),
  authx: (r) => assert.deepEqual([r.json().response_code, r.json().response_subcode], [0, 100]),
  nevisidm: (r) => assert.equal(r.json().errors[0].code, 'errors.noRecord'),
};

/** How each owner says that a method is wrong. */
const WRONG_METHOD: Record<Owner, (response: Response) => void> = {
  signet: (r) => assert.equal(r.json().code, 'method_not_allowed'),
  myid: (r) => assert.equal(r.json().title, 'Method Not Allowed'),
  oauth2: (r) => assert.equal(r.json().error, 'invalid_request'),
  privacyidea: (r) => assert.match(r.body, /<title>405 Method Not Allowed<\/title>/),
  loginid: (r) => assert.equal(r.json().code, 'not_acceptable'),
  authx: (r) => assert.equal(r.json().response_subcode, 100),
  nevisidm: (r) => assert.equal(r.json().errors[0].code, 'errors.invalidData'),
};

/** Everything below these is answered, as no longer there. */
const NEVER_NOT_FOUND = ['push_authentication', 'add_authenticator'];

const preflight = (origin: string) => ({ origin, 'access-control-request-method': 'POST' });

for (const { name, cors } of DIALECTS) {
  for (const segment of Object.keys(SEGMENTS)) {
    const probe = probePath(segment, name);
    if (probe === undefined) continue;

    test(`/${segment} is ${name}'s in everything that the edge says`, async (t) => {
      const is404 = async () => {
        const response: Response = await app.inject({ url: `/${segment}/nothing/is/here/at/all` });
        assert.equal(response.statusCode, 404);
        NOT_FOUND[name](response);
      };
      if (!NEVER_NOT_FOUND.includes(segment)) await t.test('404 in its voice', is404);

      await t.test('405 in its voice, with Allow', async () => {
        const response: Response = await app.inject({ method: 'PUT', url: `${probe}/x` });
        assert.equal(response.statusCode, 405);
        const allowed = String(response.headers.allow).split(', ');
        assert.ok(allowed.includes('POST') && !allowed.includes('PUT'), response.headers.allow);
        WRONG_METHOD[name](response);
      });

      await t.test('any letter case, parameters keep theirs, and a slash at the end is nothing', async () => {
        const response: Response = await app.inject({ method: 'POST', url: `${probe.toUpperCase()}/CaSe/` });
        assert.equal(response.statusCode, 200);
        assert.equal(response.json().name, 'CaSe');
      });

      await t.test('an empty body is none, whatever its content type says', async () => {
        for (const type of ['application/json', 'text/xml', 'multipart/form-data', 'nonsense']) {
          const headers = { 'content-type': type };
          const response: Response = await app.inject({ method: 'POST', url: `${probe}/x`, headers });
          assert.deepEqual([response.statusCode, response.json().body], [200, 'none'], type);
        }
      });

      await t.test('a preflight of a listed page is answered with what it may send', async () => {
        const response: Response = await app.inject({
          method: 'OPTIONS',
          url: probe,
          headers: preflight(PAGE),
        });
        assert.equal(response.headers['access-control-allow-origin'], cors && PAGE);
        assert.equal(response.headers['access-control-allow-methods'], cors?.methods);
        assert.equal(response.headers['access-control-allow-headers'], cors?.headers);
        assert.equal(response.statusCode, cors ? 204 : 404);
        if (cors) assert.equal(response.headers.vary, 'Origin');
      });

      await t.test('a preflight of any other page gets no such headers', async () => {
        for (const origin of ['https://evil.example', 'null', `${PAGE}/`, `${PAGE}.evil.example`]) {
          const response: Response = await app.inject({
            method: 'OPTIONS',
            url: probe,
            headers: preflight(origin),
          });
          const names: string[] = Object.keys(response.headers).filter((n) =>
            n.startsWith('access-control-'),
          );
          assert.deepEqual(names, [], origin);
        }
      });
    });
  }
}

suite('paths that belong to the server itself, or to nobody', () => {
  for (const segment of [
    'nosuch',
    'account',
    'pki',
    'scim',
    'console',
    'api/v1',
    'favicon.ico',
    '__proto__',
  ]) {
    test(`/${segment} is not found in our own words`, async () => {
      const response: Response = await app.inject({ method: 'POST', url: `/${segment}/x`, payload: '{' });
      assert.equal(response.statusCode, 404);
      NOT_FOUND.signet(response);
    });
  }

  test('the start page names what is mounted and runs no script', async () => {
    const response: Response = await app.inject({ url: '/' });
    assert.equal(response.statusCode, 200);
    assert.match(response.body, /MyID Core API/);
    assert.doesNotMatch(response.body, /<script/);
    assert.match(String(response.headers['content-security-policy']), /default-src 'none'/);
  });

  test('HEAD is answered like GET, without the body', async () => {
    const response: Response = await app.inject({ method: 'HEAD', url: '/readyz' });
    assert.deepEqual([response.statusCode, response.body], [200, '']);
  });

  test('OPTIONS without a page behind it tells the methods', async () => {
    const response: Response = await app.inject({ method: 'OPTIONS', url: '/readyz' });
    assert.deepEqual([response.statusCode, response.headers.allow], [204, 'GET, HEAD']);
  });
});

suite('where two dialects share a first segment', () => {
  test('/register is privacyIDEA’s, what is below it LoginID’s', async () => {
    const itself = await app.inject({ method: 'POST', url: '/register' });
    assert.equal(itself.json().result.error.code, -501);
    const below = await app.inject({ method: 'POST', url: '/register/init' });
    assert.equal(below.json().code, 'endpoint_deprecated');
  });

  test('/api is LoginID’s but for /api/v1', async () => {
    NOT_FOUND.loginid(await app.inject({ url: '/api/native/nosuch' }));
    NOT_FOUND.signet(await app.inject({ url: '/api/v1/nosuch' }));
  });
});

suite('a request with an origin that is no preflight', () => {
  for (const [origin, allowed] of [
    [PAGE, PAGE],
    ['https://evil.example', undefined],
  ] as const) {
    test(`from ${origin} runs, and the page ${allowed ? 'may' : 'may not'} read the answer`, async () => {
      const url = '/rest.core/probe/x';
      const response: Response = await app.inject({ method: 'POST', url, headers: { origin } });
      assert.equal(response.statusCode, 200);
      assert.equal(response.headers['access-control-allow-origin'], allowed);
      assert.equal(response.headers['access-control-allow-credentials'], undefined);
    });
  }

  test('an error too can be read by a listed page', async () => {
    const response: Response = await app.inject({ url: '/rest.core/nosuch', headers: { origin: PAGE } });
    assert.equal(response.headers['access-control-allow-origin'], PAGE);
  });

  test('the sign-in pages of the authentication service are closed to pages of others', async () => {
    const response: Response = await app.inject({
      url: '/web.oauth2/Connect/%61uthorize',
      headers: { origin: PAGE },
    });
    assert.equal(response.headers['access-control-allow-origin'], undefined);
  });
});

test('a route outside the segments of its dialect stops the start', async () => {
  const strange = createServer();
  const [any] = DIALECTS;
  assert.ok(any);
  mount(strange, [{ ...any, prefixes: [''], routes: async (scope) => void scope.get('/auth/x', () => '') }]);
  await assert.rejects(async () => strange.ready(), /myid must not have \/auth\/x: privacyidea owns it/);
  await strange.close();
});
