import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { edge } from '#test/edge.ts';
import { bodyOf } from './body.ts';

const app = edge(
  {},
  {
    loginid: async (scope) => {
      scope.route({
        method: ['POST', 'PUT', 'DELETE'],
        url: '/manage/echo',
        handler: async (request) => bodyOf(request),
      });
    },
  },
);

async function send(payload: string, type: string | undefined = 'application/json') {
  const headers = type === '' ? {} : { 'content-type': type };
  const response = await app.inject({ method: 'POST', url: '/manage/echo', payload, headers });
  return [response.statusCode, response.json().code ?? response.json()];
}

suite('a body of LoginID', () => {
  test('is a JSON object, also without a content type', async () => {
    assert.deepEqual(await send('{"a":1}'), [200, { a: 1 }]);
    assert.deepEqual(await send('{"a":1}', ''), [200, { a: 1 }]);
    assert.deepEqual(await send('{"a":1}', 'application/json; charset=UTF-8'), [200, { a: 1 }]);
  });

  test('that is missing is missing_body', async () => {
    assert.deepEqual(await send(''), [400, 'missing_body']);
  });

  test('that is broken, or no object, is bad_request', async () => {
    for (const body of ['{"username":', '[]', '"x"', 'null', '{"a":"\\u0000"}']) {
      assert.deepEqual(await send(body), [400, 'bad_request'], body);
    }
  });

  test('of another type is not_acceptable', async () => {
    assert.deepEqual(await send('a=1', 'application/x-www-form-urlencoded'), [415, 'not_acceptable']);
  });

  for (const method of ['PUT', 'DELETE'] as const) {
    test(`may be empty with ${method} and a content type, under each of the three prefixes`, async () => {
      for (const prefix of ['', '/api', '/api/native']) {
        const headers = { 'content-type': 'application/json' };
        const response = await app.inject({ method, url: `${prefix}/manage/users/x/activate`, headers });
        assert.deepEqual([response.statusCode, response.json().code], [404, 'not_found'], prefix);
      }
    });
  }
});
