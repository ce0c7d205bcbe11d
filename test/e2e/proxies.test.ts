import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ask, askToken, call, clientFile, newSecret, token } from '../api.ts';
import { command, newHome, startSignet } from '../signet.ts';

const CLIENT = 'myid.mysystem';
const { secret, hash } = newSecret();
const newPreparedHome = () =>
  newHome({ [`web.oauth2/CustomClients/${CLIENT}.json`]: clientFile(CLIENT, 'api.external', hash) });
const addAccount = (home: string) =>
  command(
    home,
    ...['person', 'add', '--logon', 'api.external', '--first', 'External', '--last', 'API'],
    ...['--group', 'System Startup', '--role', 'Startup User:all'],
  );

/** What a proxy adds that ends TLS for https://signet.example.com. */
const FORWARDED = {
  'x-forwarded-for': '203.0.113.7',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'signet.example.com',
};

async function issuer(url: string, headers: Record<string, string> = {}): Promise<string> {
  const { body } = await ask(`${url}/web.oauth2/.well-known/openid-configuration`, { headers });
  return JSON.parse(body).issuer;
}

/** The newest row of the audit that tells of a call with this identifier. */
async function auditOf(url: string, bearer: string, identifier: string): Promise<{ clientIP: string }> {
  const { body } = await call(url, bearer, 'reports/290015?page=1');
  const rows = JSON.parse(body).results as { clientIdentifier: string; clientIP: string }[];
  const row = rows.find(({ clientIdentifier }) => clientIdentifier === identifier);
  assert.ok(row, `no row of ${identifier}`);
  return row;
}

suite('behind a proxy', () => {
  test('one on the same machine is believed: the address of the caller, and ours', async () => {
    const home = newPreparedHome();
    const { url, stop } = await startSignet(home);
    await addAccount(home);
    assert.equal(await issuer(url), `${url}/web.oauth2`);
    assert.equal(await issuer(url, FORWARDED), 'https://signet.example.com/web.oauth2');

    const headers = {
      ...FORWARDED,
      CLIENT_IDENTIFIER: 'PC-7',
      'x-forwarded-for': '198.51.100.1, 203.0.113.7',
    };
    assert.equal((await askToken(url, CLIENT, secret, { headers })).status, 200);
    const bearer = await token(url, CLIENT, secret);
    assert.equal(
      (await auditOf(url, bearer, 'PC-7')).clientIP,
      '203.0.113.7',
      'a caller names its own address',
    );
    assert.equal((await ask(`${url}/metrics`, { headers: FORWARDED })).status, 404);
    await stop();
  });

  test('one that is not trusted is not believed, nor is a caller who pretends to be one', async () => {
    const home = newPreparedHome();
    const { url, stop } = await startSignet(home, { SIGNET_TRUSTED_PROXIES: 'none' });
    await addAccount(home);
    assert.equal(await issuer(url, FORWARDED), `${url}/web.oauth2`);
    const headers = { ...FORWARDED, CLIENT_IDENTIFIER: 'PC-8' };
    assert.equal((await askToken(url, CLIENT, secret, { headers })).status, 200);
    const bearer = await token(url, CLIENT, secret);
    assert.equal((await auditOf(url, bearer, 'PC-8')).clientIP, '127.0.0.1');
    await stop();
  });

  test('with a public address that is set, everything absolute begins with it, whatever a caller says', async () => {
    const home = newPreparedHome();
    const publicUrl = 'https://id.example.com/signet';
    const { url, stop } = await startSignet(home, { SIGNET_PUBLIC_URL: publicUrl });
    await addAccount(home);
    const path = `${url}/web.oauth2/.well-known/openid-configuration`;
    const { body } = await ask(path, { headers: { ...FORWARDED, 'x-forwarded-host': 'evil.example' } });
    const addresses = Object.values(JSON.parse(body)).filter((value) => /^https?:/.test(String(value)));
    assert.ok(addresses.length > 3);
    assert.deepEqual(
      addresses.filter((address) => !String(address).startsWith(`${publicUrl}/web.oauth2`)),
      [],
    );
    const [, claims = ''] = (await token(url, CLIENT, secret)).split('.');
    assert.equal(JSON.parse(Buffer.from(claims, 'base64url').toString()).iss, `${publicUrl}/web.oauth2`);
    await stop();
  });
});

test('the metrics tell of all processes, to the machine itself and to whoever has the token', async () => {
  const env = { SIGNET_METRICS_TOKEN: 'a token of the metrics', SIGNET_WORKERS: '2' };
  const { url, stop } = await startSignet(newHome(), env);
  for (let i = 0; i < 8; i++) await ask(`${url}/rest.core/api/Groups`);
  const count = async () => {
    const { body } = await ask(`${url}/metrics`);
    const lines = body
      .split('\n')
      .filter((line) => /_seconds_count\{.*window="myid".*status="4xx"/.test(line));
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  };
  assert.deepEqual([await count(), await count(), await count()], [8, 8, 8]);

  const outside = { 'x-forwarded-for': '203.0.113.7' };
  const as = async (authorization?: string) => {
    const headers = { ...outside, ...(authorization && { authorization }) };
    return (await ask(`${url}/metrics`, { headers })).status;
  };
  assert.deepEqual(
    [await as(), await as('Bearer wrong'), await as('Bearer a token of the metrics')],
    [404, 404, 200],
  );
  assert.equal(await stop(), 0);
});
