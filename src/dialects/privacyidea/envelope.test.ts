import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { edge } from '#test/edge.ts';
import { NOT_BUILT } from './endpoints.ts';
import { failure, sortedJson, success } from './envelope.ts';

suite('the envelope', () => {
  test('of a success has its keys in order of their names, at every depth', () => {
    const { body, type } = success({ b: [{ d: 1, c: 2 }], a: null }, { id: 2, detail: { serial: 'S1' } });
    assert.equal(type, 'application/json');
    const shown = body.replace(/"threadid":\d+/, '"threadid":1').replace(/"time":[\d.]+/, '"time":2.5');
    assert.equal(
      shown,
      '{"detail":{"serial":"S1","threadid":1},"id":2,"jsonrpc":"2.0","result":{"status":true,"value":{"a":null,"b":[{"c":2,"d":1}]}},"time":2.5,"version":"privacyIDEA 3.13.3","versionnumber":"3.13.3"}',
    );
  });

  test('of a success without a detail has none', () => {
    assert.equal('detail' in JSON.parse(success(true).body), false);
  });

  test('of an error has a detail of null, no value and no versionnumber', () => {
    const body = JSON.parse(failure(400, 905, "Missing parameter: 'type'").body);
    assert.deepEqual(Object.keys(body), ['detail', 'id', 'jsonrpc', 'result', 'time', 'version']);
    assert.equal(body.detail, null);
    assert.deepEqual(body.result, {
      error: { code: 905, message: "ERR905: Missing parameter: 'type'" },
      status: false,
    });
  });

  test('tells authentication, policy and not-found errors without their number', () => {
    for (const status of [401, 403, 404]) {
      assert.equal(JSON.parse(failure(status, 4031, 'Bare.').body).result.error.message, 'Bare.');
    }
  });

  test('keeps an empty detail empty', () => {
    assert.deepEqual(JSON.parse(failure(401, 4031, 'Bare.', {}).body).detail, {});
  });

  test('sorts by code units, not by locale', () => {
    assert.equal(sortedJson({ b: 1, B: 2, a: 3, '2': 4 }), '{"2":4,"B":2,"a":3,"b":1}');
  });
});

suite('what is not built', () => {
  const app = edge();

  test('answers 501 in the envelope with method and path, below the prefix too', async () => {
    for (const prefix of ['', '/privacyidea']) {
      const response = await app.inject({ method: 'POST', url: `${prefix}/Token/init/?pass=secret` });
      assert.equal(response.statusCode, 501);
      const { code, message } = response.json().result.error;
      assert.equal(code, -501);
      assert.equal(message, `The function POST ${prefix}/Token/init/ is not available.`);
    }
  });

  test('is every endpoint of the contract, each with its methods', async () => {
    assert.ok(NOT_BUILT.length > 150);
    for (const [path, methods] of NOT_BUILT) {
      for (const method of methods.split(' ')) {
        const url = path.replace(/:\w+/g, 'x');
        const response = await app.inject({ method: method as 'GET', url });
        assert.equal(response.statusCode, 501, `${method} ${url}`);
      }
    }
  });

  test('still refuses a wrong method with 405', async () => {
    for (const url of ['/auth', '/privacyidea/auth/']) {
      const response = await app.inject(url);
      assert.deepEqual([response.statusCode, response.headers.allow], [405, 'POST']);
    }
  });

  test('has the methods of a path and of a pattern that fits it, too', async () => {
    const response = await app.inject({ method: 'PUT', url: '/token/challenges' });
    assert.deepEqual([response.statusCode, response.headers.allow], [405, 'GET, DELETE']);
  });

  test('is nothing else: other paths are not found', async () => {
    for (const url of ['/token/init/x', '/token/x/y/z', '/privacyidea', '/privacyidea/privacyidea/auth']) {
      const response = await app.inject({ method: 'POST', url });
      assert.equal(response.statusCode, 404, url);
    }
  });
});

suite('the probes', () => {
  for (const [path, value] of [
    ['/healthz/', { hsm: 'OK', status: 'ready' }],
    ['/healthz/livez', { status: 'OK' }],
    ['/healthz/startupz', { status: 'started' }],
    ['/healthz/readyz', { hsm: 'OK', status: 'ready' }],
  ] as const) {
    test(`${path} answers in the envelope`, async () => {
      const response = await edge().inject(path);
      assert.equal(response.statusCode, 200);
      assert.equal(response.headers['content-type'], 'application/json');
      assert.deepEqual(response.json().result, { status: true, value });
    });
  }
});
