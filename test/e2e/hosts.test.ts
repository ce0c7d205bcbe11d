import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, suite, test } from 'node:test';
import pg from 'pg';
import { askToken, call, clientFile, newSecret, token } from '../api.ts';
import { testDatabase } from '../database.ts';
import { commandWith, newHome, put, type Signet, signet, startSignet } from '../signet.ts';

const CLIENT = 'myid.mysystem';
const { secret, hash } = newSecret();
const files = {
  [`web.oauth2/CustomClients/${CLIENT}.json`]: clientFile(CLIENT, 'api.external', hash),
  'web.oauth2/CustomClients/second.json': clientFile('myid.second', 'api.second', hash),
};

suite('two hosts, one of them with two processes, on one database that is empty at first', () => {
  let database: { url: string; drop(): Promise<void> };
  let env: Record<string, string>;
  const [home, otherHome] = [newHome(files), newHome(files)];
  let one: Signet;
  let other: Signet;
  let run: (...words: string[]) => Promise<string>;

  before(async () => {
    database = await emptyDatabase();
    env = {
      DATABASE_URL: database.url,
      SIGNET_MASTER_KEY: randomBytes(32).toString('base64'),
      SIGNET_PUBLIC_URL: 'https://signet.example.com',
      SIGNET_LOG_LEVEL: 'debug',
    };
    [one, other] = await Promise.all([
      startSignet(home, env),
      startSignet(otherHome, env, ['--workers', '2']),
    ]);
    run = commandWith(home, env);
    for (const logon of ['api.external', 'api.second']) {
      const who = ['--logon', logon, '--first', 'External', '--last', 'API'];
      await run('person', 'add', ...who, '--group', 'System Startup', '--role', 'Startup User:all');
    }
  });
  after(async () => {
    await Promise.all([one?.stop(), other?.stop()]);
    await database?.drop();
  });

  test('both have come up, and the first account was made once', async () => {
    const people = JSON.parse(await run('person', 'list', '--json')) as { logonName: string }[];
    const names = people.map(({ logonName }) => logonName).sort();
    assert.deepEqual(names, ['api.external', 'api.second', 'startup']);
    const shown = `${one.log()}${other.log()}`.match(/^Password: /gm);
    assert.equal(shown?.length, 1);
  });

  test('a token from either is good at the other, in each of its processes', async () => {
    for (const [issuer, verifier] of [
      [one, other],
      [other, one],
    ] as const) {
      const bearer = await token(issuer.url, CLIENT, secret);
      for (let i = 0; i < 6; i++) {
        const { status, body } = await call(verifier.url, bearer, 'Groups?q=*');
        assert.equal(status, 200, body);
      }
    }
    const lines = other
      .log()
      .split('\n')
      .filter((line) => line.includes('/rest.core/api'));
    const processes = new Set(lines.map((line) => JSON.parse(line).pid));
    assert.equal(processes.size, 2, 'one of the two processes was never asked');
  });

  test('a person disabled at one is a 401 at the other at once, in each process, and gets no token', async () => {
    const bearer = await token(other.url, 'myid.second', secret);
    const find = await call(one.url, bearer, 'People?logonName=api.second');
    const path = `People/${JSON.parse(find.body).results[0].id}`;
    const everywhere = () =>
      Promise.all([one, other, other, other, other].map(({ url }) => call(url, bearer, path)));
    assert.deepEqual(statuses(await everywhere()), [200]);

    const operator = await token(one.url, CLIENT, secret);
    const disabled = await call(one.url, operator, `${path}?confirm=false`, {
      method: 'PATCH',
      send: { enabled: '0' },
    });
    assert.equal(disabled.status, 200, disabled.body);
    assert.deepEqual(statuses(await everywhere()), [401]);
    assert.equal(
      JSON.parse((await askToken(other.url, 'myid.second', secret)).body).error,
      'unauthorized_client',
    );

    await call(other.url, operator, `${path}?confirm=false`, { method: 'PATCH', send: { enabled: '1' } });
    assert.equal((await askToken(one.url, 'myid.second', secret)).status, 200);
  });

  test('a setting changed at one counts at the other at once', async () => {
    assert.equal((await askToken(other.url, CLIENT, secret)).status, 200);
    await run('setting', 'set', 'Client Credentials OAuth2 Logon', 'No');
    const refused = await Promise.all(
      [one, other, other, other].map(({ url }) => askToken(url, CLIENT, secret)),
    );
    await run('setting', 'set', 'Client Credentials OAuth2 Logon', 'Yes');
    assert.deepEqual(statuses(refused), [400]);
    const again = await Promise.all(
      [one, other, other, other].map(({ url }) => askToken(url, CLIENT, secret)),
    );
    assert.deepEqual(statuses(again), [200]);
  });

  test('a role changed at one counts at the other at once', async () => {
    await run('role', 'add', '--name', 'Looks', '--from', 'Startup User');
    await run('person', 'set', 'api.second', '--role', 'Looks:all');
    const bearer = await token(one.url, 'myid.second', secret);
    const look = () =>
      Promise.all([one, other, other, other].map(({ url }) => call(url, bearer, 'People?q=*')));
    assert.deepEqual(statuses(await look()), [200]);
    await run('role', 'set', '--name', 'Looks', '--operation', 'Directory Management');
    assert.deepEqual(statuses(await look()), [403]);
  });

  test('signet reload reaches every process of every host', async () => {
    const client = 'web.oauth2/CustomClients/third.json';
    for (const each of [home, otherHome]) put(each, client, clientFile('myid.third', 'api.external', hash));
    const said = await run('reload', 'web.oauth2');
    assert.match(said, /3 processes/);
    const all = await Promise.all(
      [one, other, other, other].map(({ url }) => askToken(url, 'myid.third', secret)),
    );
    assert.deepEqual(statuses(all), [200]);
  });

  test('a host with another master key is refused', async () => {
    const stranger = newHome(files);
    const key = randomBytes(32).toString('base64');
    const { code, stderr } = await signet(stranger, ['serve'], undefined, { ...env, SIGNET_MASTER_KEY: key });
    assert.equal(code, 1);
    assert.match(stderr, /master key/);
  });
});

/** The different statuses among these answers. */
const statuses = (answers: readonly { status: number }[]) => [
  ...new Set(answers.map(({ status }) => status)),
];

/** A database without anything in it, beside that of the tests. */
async function emptyDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const { url } = await testDatabase();
  const name = `empty_${randomBytes(8).toString('hex')}`;
  const onServer = new URL(url);
  onServer.pathname = '/postgres';
  const statement = async (text: string) => {
    const client = new pg.Client({ connectionString: onServer.href });
    await client.connect();
    await client.query(text).finally(() => client.end());
  };
  await statement(`create database ${name} template template0`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  return { url: own.href, drop: () => statement(`drop database ${name} with (force)`) };
}
