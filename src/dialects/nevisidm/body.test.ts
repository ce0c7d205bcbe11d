import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { DomainError } from '#core/errors.ts';
import { edge } from '#test/edge.ts';
import { bodyOf } from './body.ts';

const app = edge(
  {},
  {
    nevisidm: async (scope) => {
      scope.patch('/nevisidm/api/echo', async (request) => bodyOf(request));
      scope.get<{ Params: { code: ConstructorParameters<typeof DomainError>[0] } }>(
        '/nevisidm/api/refuse/:code',
        (request) => {
          throw new DomainError(request.params.code);
        },
      );
    },
  },
);

async function send(payload: string, type = 'application/json') {
  const headers = { 'content-type': type };
  const response = await app.inject({ method: 'PATCH', url: '/nevisidm/api/echo', payload, headers });
  return [response.statusCode, response.json().errors?.[0].code ?? response.json()];
}

suite('a body of nevisIDM', () => {
  test('is a JSON object', async () => {
    assert.deepEqual(await send('{"name":{"firstName":"Max"}}'), [200, { name: { firstName: 'Max' } }]);
    assert.deepEqual(await send('{}'), [200, {}]);
  });

  test('that is broken, empty or no object is 400', async () => {
    for (const body of ['{', '', '[]', 'null'])
      assert.deepEqual(await send(body), [400, 'errors.invalidData'], body);
  });

  test('of another type is 415', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'nonsense']) {
      assert.deepEqual(await send('{}', type), [415, 'errors.invalidData'], type);
    }
  });
});

test('every 401 has a challenge, and no other status does', async () => {
  for (const [code, status, word] of [
    ['actor.unauthenticated', 401, 'errors.notAuthenticated'],
    ['actor.forbidden', 403, 'errors.accessDenied'],
    ['actor.out_of_scope', 404, 'errors.noRecord'],
    ['person.not_found', 404, 'errors.noRecord'],
    ['person.logon_name_taken', 422, 'errors.duplicateValue'],
    ['person.email_taken', 422, 'errors.duplicateEmail'],
    ['person.version_stale', 409, 'errors.optimisticLockingFailure'],
    ['person.value_invalid', 422, 'errors.invalidData'],
    ['group.not_empty', 422, 'errors.undeletedDependencies'],
    ['request.throttled', 429, 'errors.policyViolation'],
    ['storage.unavailable', 503, 'errors.unknownReason'],
  ] as const) {
    const response = await app.inject(`/nevisidm/api/refuse/${code}`);
    assert.deepEqual([response.statusCode, response.json().errors[0].code], [status, word]);
    assert.equal(
      response.headers['www-authenticate'],
      status === 401 ? 'Bearer realm="nevisidm"' : undefined,
    );
    assert.equal(response.headers['content-type'], 'application/json;charset=UTF-8');
    assert.equal(response.headers['retry-after'] !== undefined, status === 429 || status === 503);
  }
});
