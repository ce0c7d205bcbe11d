import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { DomainError, type ErrorCode } from '#core/errors.ts';
import { toRefusal, word } from '#http/refusals.ts';
import { succeeded } from './envelope.ts';
import { AUTHX_VOICE, AUTHX_WORDS } from './errors.ts';

const dialect = { voice: AUTHX_VOICE, words: AUTHX_WORDS };

function said(error: unknown, path = '/AddUser') {
  const answer = word(dialect, toRefusal(error, { method: 'POST', path, requestId: 'r1' }));
  return { ...answer, json: JSON.parse(answer.body) };
}

suite('the envelope', () => {
  test('has its six keys in order, the tokens null, and data as JSON in a string', () => {
    assert.equal(
      succeeded({ UniqueUserId: '1' }).body,
      '{"response_code":1,"response_subcode":0,"response_text":null,"response_data":"{\\"UniqueUserId\\":\\"1\\"}","accessToken":null,"refreshToken":null}',
    );
    assert.equal(JSON.parse(succeeded(null).body).response_data, null);
  });

  for (const [code, status, pair, text] of [
    ['actor.unauthenticated', 401, [0, 100], 'Authorization has been denied for this request.'],
    ['request.invalid', 200, [0, 100], 'Invalid request body'],
    ['person.not_found', 200, [8, 119], 'User not exists'],
    ['actor.out_of_scope', 200, [8, 119], 'User not exists'],
    ['person.logon_name_taken', 200, [0, 100], 'UserName already exists'],
    ['person.alias_taken', 200, [0, 100], 'AliasName already exists'],
    ['person.email_taken', 200, [0, 100], 'Email already exists'],
  ] as const satisfies readonly (readonly [ErrorCode, number, readonly number[], string])[]) {
    test(`says ${code} as ${pair.join('/')}`, () => {
      const { status: sent, json, headers } = said(new DomainError(code));
      assert.equal(sent, status);
      assert.deepEqual([json.response_code, json.response_subcode, json.response_text], [...pair, text]);
      assert.equal(headers?.['www-authenticate'], status === 401 ? 'Bearer realm="authx"' : undefined);
    });
  }

  test('says nothing of a bug, with status 200', () => {
    const { status, json } = said(new Error('inner'));
    assert.deepEqual([status, json.response_text], [200, 'An error occurred while processing the request']);
  });
});

test('the token call fails in the style of OAuth 2.0', () => {
  const { status, json } = said(new DomainError('actor.unauthenticated'), '/authx/publicapiaccesstoken/');
  assert.deepEqual([status, json.error], [401, 'invalid_client']);
});
