import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browser } from '#test/browser.ts';
import { account, oauth2Settings, oauthServer, signsIn } from '#test/oauth2.ts';
import { startProcess } from '#test/oauth2-process/start.ts';

const REDIRECT = 'http://127.0.0.1:5500/';
const website = (id: string, over: object = {}) => ({
  ClientId: id,
  AllowedGrantTypes: ['authorization_code'],
  RequireClientSecret: false,
  AllowOfflineAccess: true,
  AllowedScopes: ['myid.rest.basic'],
  RedirectUris: [REDIRECT],
  ...over,
});
const clients = [website('strict'), website('lenient', { RefreshTokenReuse: 'NewestSurvives' })];
const who = { personId: '' };
const server = await oauthServer({ settings: oauth2Settings(clients), interactions: signsIn(who) });
who.personId = await account(server.ctx, 'susan.smith');
const processes = await Promise.all([startProcess(server, clients), startProcess(server, clients)]);

/** Sends the same request to each process, several times at once. */
async function race(form: Record<string, string>) {
  const all = [...processes, ...processes, ...processes];
  return Promise.all(
    all.map(async (address) => {
      const response = await fetch(`${address}/web.oauth2/connect/token`, {
        method: 'POST',
        body: new URLSearchParams(form),
      });
      return { status: response.status, body: (await response.json()) as Record<string, string> };
    }),
  );
}

async function codeForm(client_id: string) {
  const { left } = await browser(server.app).post('/web.oauth2/connect/authorize', {
    client_id,
    scope: 'myid.rest.basic offline_access',
    redirect_uri: REDIRECT,
    response_type: 'code',
    code_challenge: 'lzKaVv4bWu06z_m0yFynJj6zttnU5gYpXah8tLYKzGg',
    code_challenge_method: 'S256',
  });
  return {
    client_id,
    grant_type: 'authorization_code',
    redirect_uri: REDIRECT,
    code_verifier: 'TiGVEDHIRkdTpif4zLw8v6tcdG2VJXvP4r0fuLhsXIj',
    code: left?.searchParams.get('code') ?? '',
  };
}

async function refreshForm(client_id: string) {
  const { refresh_token } = (await server.token(await codeForm(client_id))).json();
  return { client_id, grant_type: 'refresh_token', refresh_token };
}

const ROUNDS = 10;

test('of two processes that are sent the same code at once exactly one gives a token', async () => {
  for (let i = 0; i < ROUNDS; i++) {
    const answers = await race(await codeForm('strict'));
    const good = answers.filter((answer) => answer.status === 200);
    assert.equal(good.length, 1);
    for (const { status, body } of answers.filter((answer) => answer.status !== 200))
      assert.deepEqual([status, body], [400, { error: 'invalid_grant' }]);
    // Whoever it was: the code was used twice, so nothing that came of it lasts.
    assert.equal(await server.statusAtApi(good[0]?.body.access_token ?? ''), 401);
    const { refresh_token = '' } = good[0]?.body ?? {};
    const refreshed = await server.token({ client_id: 'strict', grant_type: 'refresh_token', refresh_token });
    assert.equal(refreshed.body, '{"error":"invalid_grant"}');
  }
});

test('of two processes that are sent the same refresh token at once exactly one gives a token', async () => {
  for (let i = 0; i < ROUNDS; i++) {
    const answers = await race(await refreshForm('strict'));
    const good = answers.filter((answer) => answer.status === 200);
    assert.equal(good.length, 1);
    assert.equal(await server.statusAtApi(good[0]?.body.access_token ?? ''), 401);
  }
});

test('where the newest refresh token survives a reuse, the one that won goes on', async () => {
  for (let i = 0; i < ROUNDS; i++) {
    const answers = await race(await refreshForm('lenient'));
    const good = answers.filter((answer) => answer.status === 200);
    assert.equal(good.length, 1);
    const { access_token = '', refresh_token = '' } = good[0]?.body ?? {};
    assert.equal(await server.statusAtApi(access_token), 200);
    const next = await server.token({ client_id: 'lenient', grant_type: 'refresh_token', refresh_token });
    assert.equal(next.statusCode, 200);
  }
});

test('a token of one process is good in the others, and revoked in all at once', async () => {
  const { access_token } = (await server.token(await codeForm('strict'))).json();
  assert.equal(await server.statusAtApi(access_token), 200);
  const response = await fetch(`${processes[0]}/web.oauth2/connect/revocation`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: 'strict', token: access_token }),
  });
  assert.equal(response.status, 200);
  const atOther = await fetch(`${processes[1]}/rest.core/api/Groups?q=*`, {
    headers: { authorization: `Bearer ${access_token}` },
  });
  assert.equal(atOther.status, 401);
  assert.equal(await server.statusAtApi(access_token), 401);
});
