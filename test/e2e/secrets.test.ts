import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { test } from 'node:test';
import { type Answer, ask, askToken, call, clientFile, newSecret, type Request, token } from '../api.ts';
import { testDatabase } from '../database.ts';
import { newHome, put, type Signet, signet, startSignet } from '../signet.ts';

const CLIENT = 'myid.mysystem';

/** Everything that may be seen by somebody who should see no secret. */
class Seen {
  readonly #texts: [string, string][] = [];

  add(where: string, text: string): void {
    this.#texts.push([where, text]);
  }

  /** Only refusals: a granted token is in its answer. */
  answer(where: string, { status, headers, body }: Answer): void {
    if (status >= 400 || status === 0) this.add(where, `${body}\n${JSON.stringify([...headers])}`);
  }

  /** Where each secret shows, as itself or in another spelling. */
  find(secrets: Readonly<Record<string, string>>): string[] {
    return Object.entries(secrets).flatMap(([name, secret]) => {
      const spellings = [
        secret,
        encodeURIComponent(secret),
        Buffer.from(secret).toString('hex'),
        ...inBase64(secret),
      ];
      return this.#texts
        .filter(([, text]) => spellings.some((each) => text.includes(each)))
        .map(([where]) => `${name} in ${where}`);
    });
  }
}

/** A text as base64 has it, also in the middle of something longer: at each of three alignments. */
const inBase64 = (text: string) =>
  [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]).toString('base64');
    return encoded.slice(before && before + 1, Math.floor(((before + Buffer.byteLength(text)) * 8) / 6));
  });

/** A secret that nobody sends by chance. */
const planted = (what: string) => `planted-${what}-${randomBytes(9).toString('hex')}`;

test('no secret shows in logs, error answers, refusals of the command line or the audit', async () => {
  const { url: databaseUrl } = await testDatabase();
  const { secret, hash } = newSecret();
  const secrets: Record<string, string> = {
    'client secret': secret,
    'wrong client secret': planted('wrong'),
    'first password': planted('bootstrap'),
    password: planted('password'),
    'short password': 'pl4ntd',
    'master key': randomBytes(32).toString('base64'),
    'database password': decodeURIComponent(new URL(databaseUrl).password),
    'bad token': planted('token'),
    'secret in a broken file': planted('file'),
    pin: planted('pin'),
  };
  const env = {
    DATABASE_URL: databaseUrl,
    SIGNET_LOG_LEVEL: 'trace',
    SIGNET_MASTER_KEY: secrets['master key'],
    SIGNET_BOOTSTRAP_PASSWORD: secrets['first password'],
  };
  const seen = new Seen();
  const home = newHome({
    [`web.oauth2/CustomClients/${CLIENT}.json`]: clientFile(CLIENT, 'api.external', hash),
  });
  const server = await startSignet(home, env);
  const line = async (words: string[], input?: string) => {
    const { code, stdout, stderr } = await signet(home, words, input, env);
    seen.add(`signet ${words.join(' ')}`, stdout + stderr);
    return code;
  };

  const who = ['--first', 'External', '--last', 'API', '--group', 'System Startup'];
  assert.equal(
    await line(['person', 'add', '--logon', 'api.external', ...who, '--role', 'Startup User:all']),
    0,
  );
  const password = ['person', 'set-password', '--logon', 'api.external', '--password', '-'];
  assert.equal(await line(password, `${secrets.password}\n`), 0);
  assert.equal(await line(password, `${secrets['short password']}\n`), 1);

  const bearer = await token(server.url, CLIENT, secret);
  secrets['access token'] = bearer;
  secrets['signature of the token'] = bearer.split('.')[2] as string;
  assert.equal((await call(server.url, bearer, 'Groups?q=*')).status, 200);
  await misuse(server, secrets, seen);

  put(
    home,
    'web.oauth2/CustomClients/broken.json',
    `{ "ClientId": "myid.broken", "ClientSecrets": "${secrets['secret in a broken file']}" "x": 1 }`,
  );
  assert.equal(await line(['reload', 'web.oauth2']), 1);
  assert.equal(await line(['check-config']), 1);
  assert.equal(await line(['audit', 'export']), 0);
  assert.equal(await server.stop(), 0);
  seen.add('the log', server.log());

  assert.match(server.log(), /"msg":"request"/, 'the log tells little, so this proves little');
  assert.deepEqual(seen.find(secrets), []);
  // It would be found.
  seen.add('a leak', `authorization: Basic ${Buffer.from(`${CLIENT}:${secret}`).toString('base64')}`);
  seen.add('another leak', `{"client_secret":"${secret}"}`);
  assert.deepEqual(seen.find({ 'client secret': secret }), [
    'client secret in a leak',
    'client secret in another leak',
  ]);
});

/** Sends secrets to wherever they may come by mistake or malice. */
async function misuse(server: Signet, secrets: Record<string, string>, seen: Seen): Promise<void> {
  const {
    'wrong client secret': wrong = '',
    'bad token': bad = '',
    pin = '',
    'access token': good = '',
  } = secrets;
  const at = (path: string) => `${server.url}${path}`;
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const json = { 'content-type': 'application/json' };
  const tokenPath = '/web.oauth2/connect/token';
  const requests: [string, Request][] = [
    [
      `${tokenPath}?client_secret=${wrong}`,
      { method: 'POST', headers: form, body: 'grant_type=client_credentials' },
    ],
    [tokenPath, { method: 'POST', headers: json, body: `{"client_secret":"${wrong}"}` }],
    [
      tokenPath,
      {
        method: 'POST',
        headers: form,
        body: `client_id=${CLIENT}&client_secret=${wrong}&client_secret=${wrong}`,
      },
    ],
    [
      tokenPath,
      {
        method: 'POST',
        headers: { ...form, authorization: `Basic ${Buffer.from(`${CLIENT}:${wrong}`).toString('base64')}` },
      },
    ],
    [tokenPath, { method: 'POST', headers: { ...form, authorization: `Basic ${wrong}` }, body: 'x=y' }],
    ['/rest.core/api/Groups?q=*', { headers: { authorization: `Bearer ${bad}` } }],
    [`/rest.core/api/People?access_token=${good}`, {}],
    [
      '/rest.core/api/People',
      { method: 'POST', headers: { ...json, authorization: `Bearer ${good}` }, body: `{"password":"${pin}"` },
    ],
    [
      '/rest.core/api/People',
      {
        method: 'POST',
        headers: { ...json, authorization: `Bearer ${good}` },
        body: `{"logonName":{"pin":"${pin}"}}`,
      },
    ],
    [
      '/rest.core/api/People',
      { method: 'POST', headers: { ...json, authorization: `Bearer ${good}`, 'x-api-version': bad } },
    ],
    ['/auth', { method: 'POST', headers: form, body: `username=admin&password=${pin}` }],
    ['/validate/check', { method: 'POST', headers: form, body: `user=someone&pass=${pin}` }],
    ['/PublicApiAccessToken', { method: 'POST', headers: json, body: `{"applicationkey":"${pin}",` }],
    [
      '/api/native/register',
      { method: 'POST', headers: { ...json, authorization: `Bearer ${bad}` }, body: `{"pin":"${pin}"}` },
    ],
    ['/nevisidm/api/core/v1/users', { headers: { 'x-token': bad, authorization: `Basic ${bad}` } }],
    [`/web.oauth2/connect/authorize?client_id=${CLIENT}&code_verifier=${pin}`, {}],
  ];
  for (const [path, request] of requests)
    seen.answer(path.split('?')[0] as string, await ask(at(path), request));
  seen.answer('a wrong secret', await askToken(server.url, CLIENT, wrong));
  seen.answer('an unknown client', await askToken(server.url, randomUUID(), wrong));
  seen.add(
    'an answer to what is no HTTP',
    await sendRaw(server, `GET / HTTP/1.1\r\nAuthorization ${bad}\r\n\r\n`),
  );
}

function sendRaw({ url }: Signet, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(bytes));
    let text = '';
    socket.on('data', (chunk) => (text += chunk));
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
}
