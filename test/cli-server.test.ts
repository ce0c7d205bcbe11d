import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { command, newHome, put, run, signet, startSignet, temporaryFolder } from './signet.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** What a token request of this client is answered with. */
async function token(
  url: string,
  clientId: string,
  secret: string,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${url}/web.oauth2/connect/token`, {
    method: 'POST',
    signal: AbortSignal.timeout(30_000),
    headers: { authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'myid.rest.basic' }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

suite('commands and a server on one home', () => {
  const home = newHome();

  test('the server makes the installation at its first start, and shows the first password once', async () => {
    const first = await startSignet(home);
    assert.match(
      first.log(),
      /^First account: startup\nPassword: +(\w{4}-){5}\w{4} {3}\(shown this once\)$/m,
    );
    await command(home, 'group', 'add', '--name', 'Added beside');
    assert.match(await command(home, 'group', 'list'), /^Root\/Added beside /m);
    assert.equal(await first.stop(), 0);

    const second = await startSignet(home);
    assert.doesNotMatch(second.log(), /First account/);
    assert.equal(await second.stop(), 0);
  });

  test('without a server a command starts the database for itself, and leaves nothing running', async () => {
    await command(home, 'group', 'add', '--name', 'Added alone');
    assert.match(await command(home, 'group', 'list'), /^Root\/Added alone .*\n(.*\n)*Root\/Added beside /m);
    await Promise.all(['a', 'b', 'c'].map((name) => command(home, 'group', 'add', '--name', name)));
    const groups = JSON.parse(await command(home, 'group', 'list', '--json')) as { name: string }[];
    for (const name of ['a', 'b', 'c']) assert.ok(groups.some((group) => group.name === name));
  });

  test('what a command changes counts at once in every process of a running server', async () => {
    const server = await startSignet(home, {}, ['--workers', '2']);
    const demo = JSON.parse(await command(home, 'demo', '--json')) as {
      clientId: string;
      secret: string;
      url: string;
    };
    assert.equal(demo.url, server.url, 'the demonstration is tried where the server is');
    assert.equal((await token(server.url, demo.clientId, demo.secret)).status, 200);
    await command(home, 'person', 'disable', 'demo.api', '--reason', 'test');
    for (let i = 0; i < 4; i++)
      assert.equal((await token(server.url, demo.clientId, demo.secret)).status, 400);
    await command(home, 'person', 'enable', 'demo.api');
    assert.equal((await token(server.url, demo.clientId, demo.secret)).status, 200);

    await command(home, 'keys', 'rotate');
    const { body } = await token(server.url, demo.clientId, demo.secret);
    const people = await fetch(`${server.url}/rest.core/api/People?q=astrid`, {
      signal: AbortSignal.timeout(30_000),
      headers: { authorization: `Bearer ${body.access_token}` },
    });
    assert.equal(people.status, 200, 'tokens are made and accepted after a rotation');
    assert.match(await command(home, 'audit', 'verify'), /^Audit +good$/m);
    assert.equal(await server.stop(), 0);
  });

  test('a reload takes up sound files in every process, and leaves broken ones alone', async () => {
    const server = await startSignet(home, {}, ['--workers', '2']);
    const { secret, hash } = JSON.parse(await command(home, 'client-secret', '--json')) as Record<
      string,
      string
    >;
    const client = {
      ClientId: 'test.system',
      AllowedGrantTypes: ['client_credentials'],
      ClientSecrets: [{ Value: hash }],
      AllowedScopes: ['myid.rest.basic'],
      Properties: { MyIDLogonName: 'demo.api' },
    };
    put(home, 'web.oauth2/CustomClients/test.system.json', client);
    assert.equal((await token(server.url, 'test.system', secret as string)).status, 401);
    assert.equal(await command(home, 'reload', 'web.oauth2'), 'web.oauth2 was read again by 2 processes\n');
    for (let i = 0; i < 4; i++)
      assert.equal((await token(server.url, 'test.system', secret as string)).status, 200);

    put(home, 'web.oauth2/CustomClients/broken.json', '{ "ClientId": "x" "ClientName": "y" }');
    const refused = await signet(home, ['reload', 'web.oauth2']);
    assert.equal(refused.code, 1);
    assert.equal(refused.stdout, '');
    assert.match(
      refused.stderr,
      /broken\.json.*'"' is invalid after a value.*\nsignet: web\.oauth2 is broken; the configuration before stays in use\n/,
    );
    const checked = await signet(home, ['check-config']);
    assert.equal(checked.code, 1);
    assert.match(checked.stdout, /broken\.json:1:18: '"' is invalid after a value/);
    assert.equal((await token(server.url, 'test.system', secret as string)).status, 200);
    rmSync(join(home, 'web.oauth2/CustomClients/broken.json'));
    assert.equal(await server.stop(), 0);
  });

  test('a reload without a server says so', async () => {
    const refused = await signet(home, ['reload', 'rest.core']);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /^signet: No server is running here\.\n/);
  });

  test('a server whose master key is gone refuses to start, says which it needs, and starts with the escrow copy', async () => {
    const copy = await command(home, 'keys', 'export', '--plain');
    rmSync(join(home, 'keys', 'master.key'));
    const refused = await signet(home, ['serve']);
    assert.equal(refused.code, 1);
    assert.match(
      refused.stderr,
      /The database needs key \w{16}; .*master\.key holds none\. Bring its escrow copy: signet keys import FILE\.\n/,
    );
    assert.doesNotMatch(refused.stderr, /\n {4}at /);
    assert.equal((await signet(home, ['keys', 'import', '-'], copy)).code, 0);
    const server = await startSignet(home);
    assert.equal(await server.stop(), 0);
  });
});

test('npx finds the command of a clone, without the network', async () => {
  const env = {
    ...process.env,
    npm_config_registry: 'http://127.0.0.1:9',
    npm_config_cache: temporaryFolder(),
  };
  const { code, stdout, stderr } = await run('npx', ['signet', 'client-secret'], { cwd: ROOT, env });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^client secret: [0-9a-f-]{36}\nSHA256\+base64: [\w+/]{43}=\n$/);
});
