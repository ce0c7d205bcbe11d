import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import { ask, askToken, call, clientFile, newSecret, token } from '../api.ts';
import { command, eventually, newHome, put, type Signet, signet, startSignet } from '../signet.ts';

const CLIENT = 'myid.mysystem';
const PAGE = 'HTTP Error 500.30 - ANCM In-Process Start Failure';
const { secret, hash } = newSecret();
const file = (name: string) => `web.oauth2/CustomClients/${name}.json`;
const good = JSON.stringify(clientFile(CLIENT, 'api.external', hash), null, 2);
const addAccount = (home: string) =>
  command(
    home,
    ...['person', 'add', '--logon', 'api.external', '--first', 'External', '--last', 'API'],
    ...['--group', 'System Startup', '--role', 'Startup User:all'],
  );

/** Every way in to web.oauth2 that a caller may try. */
const WAYS_IN = [
  '',
  '/',
  '/connect/token',
  '/.well-known/openid-configuration',
  '/no/such/thing',
  '/CONNECT/Token',
];

async function assertBroken(url: string, base: string, ways: readonly string[]): Promise<void> {
  for (const way of ways) {
    for (const method of ['GET', 'POST']) {
      const { status, body } = await ask(`${url}${base}${way}`, { method });
      assert.equal(status, 500, `${method} ${base}${way}: ${body}`);
      assert.ok(body.includes(PAGE), body);
      assert.doesNotMatch(body, /\bat .*:\d+:\d+|CustomClients|ClientId/, 'it shows what is inside');
    }
  }
}

suite('a service that starts with a broken file', () => {
  test('MYID-C6 a missing comma: web.oauth2 gives its error page, rest.core answers, a reload of the mended file helps', async () => {
    const broken = good.replace('"ClientName": "My External System",', '"ClientName": "My External System"');
    const home = newHome({ [file('broken')]: broken });
    const server = await startSignet(home);
    await assertBroken(server.url, '/web.oauth2', WAYS_IN);
    const { status, body } = await ask(`${server.url}/rest.core/api/Groups?q=*`);
    assert.deepEqual([status, body], [401, '']);
    assert.equal((await ask(`${server.url}/readyz`)).status, 200);

    const log = server.log();
    assert.match(log, /Could not parse the JSON file\./);
    assert.match(log, /is invalid after a value\. Expected either ',', '}', or ']'\./);
    assert.match(log, /LineNumber: 3 \| BytePositionInLine: 2\./);
    assert.match(log, /broken\.json/);

    put(home, file('broken'), good);
    await addAccount(home);
    await command(home, 'reload', 'web.oauth2');
    const bearer = await token(server.url, CLIENT, secret);
    assert.equal((await call(server.url, bearer, 'Groups?q=*')).status, 200);
    assert.equal(await server.stop(), 0);
  });

  test('MYID-C7 a no-break space at the start of a line: the same, and the log names the byte', async () => {
    const home = newHome({ [file('copied')]: good.replace('  "ClientName"', '\u00a0 "ClientName"') });
    const server = await startSignet(home);
    await assertBroken(server.url, '/web.oauth2', ['/connect/token']);
    assert.match(server.log(), /'0xC2' is an invalid start of a property name\. Expected a '\\?"'\./);
    assert.match(server.log(), /LineNumber: 2 \| BytePositionInLine: 0\./);
    const { code, stdout, stderr } = await signet(home, ['check-config']);
    assert.equal(code, 1);
    assert.match(`${stdout}${stderr}`, /copied\.json.*3/s);
    await server.stop();
  });

  test('the other way round: rest.core gives its error page, web.oauth2 gives tokens', async () => {
    const home = newHome({
      [file(CLIENT)]: good,
      'rest.core/appsettings.Production.json': '{ "MyID": { "Cors": { "AllowedOrigins": [ } } }',
    });
    const server = await startSignet(home);
    await addAccount(home);
    const ways = ['', '/api/Groups', '/api/People', '/swagger/index.html', '/swagger/v1/swagger.json'];
    await assertBroken(server.url, '/rest.core', ways);
    const bearer = await token(server.url, CLIENT, secret);
    assert.equal((await call(server.url, bearer, 'Groups?q=*')).status, 500);

    rmSync(join(home, 'rest.core/appsettings.Production.json'));
    await command(home, 'reload', 'rest.core');
    assert.equal((await call(server.url, bearer, 'Groups?q=*')).status, 200);
    await server.stop();
  });
});

suite('a running server', () => {
  const home = newHome({ [file(CLIENT)]: good });
  let server: Signet;
  before(async () => {
    server = await startSignet(home);
    await addAccount(home);
  });
  const status = async (client: string) => (await askToken(server.url, client, secret)).status;

  test('takes up a new client by signet reload, and lets go of one whose file is gone', async () => {
    const bearer = await token(server.url, CLIENT, secret);
    put(home, file('added'), clientFile('myid.added', 'api.external', hash));
    assert.equal(await status('myid.added'), 400, 'it reads its files without being told to');
    assert.match(await command(home, 'reload', 'web.oauth2'), /one process/);
    assert.equal(await status('myid.added'), 200);

    rmSync(join(home, file('added')));
    await command(home, 'reload', 'WEB.OAUTH2');
    const { body } = await askToken(server.url, 'myid.added', secret);
    assert.equal(body, '{"error":"invalid_client"}');
    assert.equal(
      (await call(server.url, bearer, 'Groups?q=*')).status,
      200,
      'a token has not outlived a reload',
    );
  });

  test('keeps what it has when a reload finds a broken file, and says so', async () => {
    put(home, file('added'), clientFile('myid.added', 'api.external', hash));
    put(home, file('broken'), '{ "ClientId": "myid.broken" "ClientName": "no comma" }');
    const { code, stdout, stderr } = await signet(home, ['reload', 'web.oauth2']);
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /broken\.json/);
    assert.match(stderr, /stays in use/);
    assert.equal(await status(CLIENT), 200);
    assert.equal(await status('myid.added'), 400, 'half of the new configuration is in use');
    assert.match(server.log(), /LineNumber: 0 \| BytePositionInLine: 28\./);

    rmSync(join(home, file('broken')));
    await command(home, 'reload', 'web.oauth2');
    assert.equal(await status('myid.added'), 200);
  });

  test('reads both services again on SIGHUP, and keeps what it has when that is broken', async () => {
    const origin = 'https://console.example.com';
    const preflight = async () => {
      const { headers } = await ask(`${server.url}/rest.core/api/Groups`, { headers: { origin } });
      return headers.get('access-control-allow-origin');
    };
    assert.equal(await preflight(), null);
    put(home, file('hup'), clientFile('myid.hup', 'api.external', hash));
    put(home, 'rest.core/appsettings.Production.json', { MyID: { Cors: { AllowedOrigins: [origin] } } });
    server.signal('SIGHUP');
    await eventually('both are read again', async () => (await status('myid.hup')) === 200);
    await eventually('both are read again', async () => (await preflight()) === origin);

    const said = server.log().length;
    put(home, file('hup'), '{');
    put(home, 'rest.core/appsettings.Production.json', { MyID: { Cors: { AllowedOrigins: [] } } });
    server.signal('SIGHUP');
    await eventually('it says what is broken', () => server.log().slice(said).includes('hup.json'));
    await eventually('the service that is not broken goes on', async () => (await preflight()) === null);
    assert.equal(await status('myid.hup'), 200);
    rmSync(join(home, file('hup')));
  });

  test('a reload without a server is refused with a hint', async () => {
    assert.equal(await server.stop(), 0);
    const { code, stderr } = await signet(home, ['reload', 'web.oauth2']);
    assert.equal(code, 1);
    assert.match(stderr, /No server is running/);
  });
});
