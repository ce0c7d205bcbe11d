import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browser } from '#test/browser.ts';
import { account, oauth2Settings, oauthServer, signsIn } from '#test/oauth2.ts';

const REDIRECT = 'http://127.0.0.1:5500/';
const WEBSITE = {
  ClientId: 'myid.mywebsite',
  ClientName: 'My website',
  AllowedGrantTypes: ['authorization_code'],
  RequireClientSecret: false,
  RequirePkce: true,
  AllowedScopes: ['myid.rest.basic'],
  RedirectUris: [REDIRECT],
  AllowedCorsOrigins: ['http://127.0.0.1:5500'],
};
const settings = oauth2Settings([
  WEBSITE,
  {
    ...WEBSITE,
    ClientId: 'with.query',
    RedirectUris: ['https://app.example.com/back?tenant=7', 'com.example.app://back'],
  },
  { ...WEBSITE, ClientId: 'program', AllowedGrantTypes: ['operation'] },
  { ...WEBSITE, ClientId: 'nowhere', RedirectUris: [] },
]);
const who = { personId: '', denies: false };
const server = await oauthServer({ settings, interactions: signsIn(who) });
const bare = await oauthServer({ settings, database: server.database });
who.personId = await account(server.ctx, 'susan.smith');

const AUTHORIZE = '/web.oauth2/connect/authorize';
const U1 = {
  client_id: 'myid.mywebsite',
  scope: 'myid.rest.basic',
  redirect_uri: REDIRECT,
  response_type: 'code',
  code_challenge: 'lzKaVv4bWu06z_m0yFynJj6zttnU5gYpXah8tLYKzGg',
  code_challenge_method: 'S256',
};
const address = (parameters: Record<string, string>) => `${AUTHORIZE}?${new URLSearchParams(parameters)}`;
const without = (name: keyof typeof U1) => {
  const { [name]: _, ...rest } = U1;
  return rest;
};
/** Where a request that is at fault leads to: the error that is told to the client, or the page. */
async function faultOf(parameters: Record<string, string>) {
  const { response, left } = await browser(server.app).get(address(parameters));
  return left ? left.searchParams.get('error') : `page ${response.statusCode}`;
}

test('MYID-U1 a posted request leads to the sign-in page with the request in ReturnUrl', async () => {
  const { response, path } = await browser(bare.app).post(AUTHORIZE, U1);
  assert.equal(response.statusCode, 200);
  assert.match(response.body, /<title>MyID Authentication<\/title>/);
  assert.match(response.body, /How do you want to sign in\?/);
  assert.match(response.body, /No way to sign in is enabled/);
  assert.equal(path.length, 1);
  const page = new URL(path[0] ?? '', 'https://myserver.example.com');
  assert.equal(page.pathname, '/web.oauth2/Account/Login');
  assert.match(
    page.searchParams.get('ReturnUrl') ?? '',
    /code_challenge=lzKaVv4bWu06z_m0yFynJj6zttnU5gYpXah8tLYKzGg/,
  );
});

test('MYID-U1 after signing in the browser is sent back with a code, by 302', async () => {
  const { response, left } = await browser(server.app).post(AUTHORIZE, U1);
  assert.equal(response.statusCode, 302);
  assert.equal(`${left?.origin}${left?.pathname}`, REDIRECT);
  assert.match(left?.searchParams.get('code') ?? '', /^[\w-]{20,}$/);
});

test('MYID-U2 the state comes back unchanged', async () => {
  for (const state of ['abc', 'a b&c=d/ä?"<>', '{id}']) {
    const { left } = await browser(server.app).get(address({ ...U1, state }));
    assert.ok(left?.searchParams.get('code'));
    assert.equal(left?.searchParams.get('state'), state);
  }
});

test('the query that a redirect URI has already is kept, and other schemes work', async () => {
  const asked = { ...U1, client_id: 'with.query' };
  const web = await browser(server.app).get(
    address({ ...asked, redirect_uri: 'https://app.example.com/back?tenant=7' }),
  );
  assert.equal(web.left?.searchParams.get('tenant'), '7');
  assert.ok(web.left?.searchParams.get('code'));
  const app = await browser(server.app).get(address({ ...asked, redirect_uri: 'com.example.app://back' }));
  assert.match(app.left?.href ?? '', /^com\.example\.app:\/\/back\/?\?code=/);
});

test('MYID-U6 a redirect URI that is not registered to the letter gets a page and no redirect', async () => {
  const wrong = [
    'http://127.0.0.1:5500',
    'http://127.0.0.1:5500/x',
    'http://127.0.0.1:5501/',
    'https://evil.example/',
  ];
  for (const redirect_uri of wrong) assert.equal(await faultOf({ ...U1, redirect_uri }), 'page 400');
  assert.equal(await faultOf(without('redirect_uri')), 'page 400');
});

test('an unknown client gets a page and no redirect', async () => {
  assert.equal(await faultOf({ ...U1, client_id: 'nobody' }), 'page 400');
  assert.equal(await faultOf(without('client_id')), 'page 400');
  assert.equal(await faultOf({ ...U1, client_id: 'nowhere' }), 'page 400');
});

test('each fault is told to the client in the words of RFC 6749 4.1.2.1', async () => {
  assert.equal(await faultOf({ ...U1, response_type: 'token' }), 'unsupported_response_type');
  assert.equal(await faultOf({ ...U1, response_type: 'code id_token' }), 'unsupported_response_type');
  assert.equal(await faultOf({ ...U1, scope: 'other' }), 'invalid_scope');
  assert.equal(await faultOf({ ...U1, scope: 'myid.operation' }), 'invalid_scope');
  assert.equal(await faultOf(without('scope')), 'invalid_scope');
  assert.equal(await faultOf(without('code_challenge')), 'invalid_request');
  const { code_challenge: _, code_challenge_method: __, ...bareRequest } = U1;
  assert.equal(await faultOf(bareRequest), 'invalid_request');
  assert.equal(await faultOf({ ...U1, code_challenge_method: 'plain' }), 'invalid_request');
  assert.equal(await faultOf(without('code_challenge_method')), 'invalid_request');
  assert.equal(await faultOf({ ...U1, code_challenge: 'a'.repeat(42) }), 'invalid_request');
  assert.equal(await faultOf({ ...U1, code_challenge: 'a'.repeat(129) }), 'invalid_request');
  assert.equal(await faultOf({ ...U1, client_id: 'program' }), 'unauthorized_client');
  assert.equal(await faultOf({ ...U1, prompt: 'none' }), 'login_required');
});

test('MYID-F6 offline_access for a client that may not have it is an invalid scope', async () => {
  assert.equal(await faultOf({ ...U1, scope: 'myid.rest.basic offline_access' }), 'invalid_scope');
});

test('whoever does not sign in is sent back with access_denied and the state', async () => {
  who.denies = true;
  const { left } = await browser(server.app).get(address({ ...U1, state: 's' }));
  who.denies = false;
  assert.equal(left?.searchParams.get('error'), 'access_denied');
  assert.equal(left?.searchParams.get('state'), 's');
});

test('each request is signed in for anew, also in the same browser', async () => {
  const same = browser(server.app);
  for (let i = 0; i < 2; i++) {
    const { path } = await same.get(address(U1));
    assert.match(path[0] ?? '', /\/Account\/Login\?/);
  }
});

test('the way back can be gone once, and only by the browser that began', async () => {
  const { path } = await browser(server.app).get(address(U1));
  const back = path.find((step) => /\/connect\/authorize\/[\w-]+$/.test(step)) ?? '';
  assert.ok(back);
  const { response, left } = await browser(server.app).get(back);
  assert.equal(left, undefined);
  assert.equal(response.statusCode, 400);
});

test('without a sign-in under way its page says so', async () => {
  const { response } = await browser(bare.app).get('/web.oauth2/Account/Login?ReturnUrl=%2Fx');
  assert.equal(response.statusCode, 400);
  assert.match(response.body, /This sign-in is over/);
});

test('cookies are for the sign-in only, out of reach of scripts, and Secure over HTTPS', async () => {
  const response = await bare.app.inject(address(U1));
  assert.equal(response.cookies.length, 2);
  for (const cookie of response.cookies) {
    assert.deepEqual([cookie.httpOnly, cookie.secure, cookie.sameSite], [true, true, 'lax']);
    assert.match(cookie.path ?? '', /^\/web\.oauth2\/(Account$|connect\/authorize\/)/);
  }
});

test('what is stored of a sign-in does not open it', async () => {
  const response = await bare.app.inject(address(U1));
  const rows = await bare.ctx.sql<{ text: string }>`select oidc_artifact::text as text from oidc_artifact`;
  for (const { value } of response.cookies)
    for (const { text } of rows) assert.ok(!text.includes(value), 'the cookie stands in the database');
});

test('pages run no script, load nothing and are framed by nobody', async () => {
  const { response } = await browser(bare.app).get(address(U1));
  const policy = String(response.headers['content-security-policy']);
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.doesNotMatch(response.body, /<script/);
});

test('hostile parameters get a page, never an error of ours', async () => {
  const hostile = [
    'client_id=%00',
    `${new URLSearchParams(U1)}&state=%00`,
    `${new URLSearchParams(U1)}&scope=a&scope=b`,
    'client_id[]=a&client_id=__proto__',
    `${new URLSearchParams({ ...U1, client_id: '<script>alert(1)</script>' })}`,
    `${new URLSearchParams({ ...U1, resource: 'javascript:alert(1)' })}`,
    `${new URLSearchParams({ ...U1, claims: '{' })}`,
    `${new URLSearchParams({ ...U1, request: 'a.b.c' })}`,
    `${new URLSearchParams({ ...U1, response_mode: 'form_post' })}`,
    '%',
  ];
  for (const query of hostile) {
    const { response, left } = await browser(server.app).get(`${AUTHORIZE}?${query}`);
    assert.ok(left || response.statusCode === 400, query);
    assert.doesNotMatch(response.body, /<script>alert/);
  }
});
