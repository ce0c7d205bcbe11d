import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { ask, askToken, call, clientFile, newSecret, token } from '../api.ts';
import { testDatabase } from '../database.ts';
import { commandWith, eventually, newHome, type Signet, startSignet } from '../signet.ts';

const CLIENT = 'myid.mysystem';
const { secret, hash } = newSecret();
const files = { [`web.oauth2/CustomClients/${CLIENT}.json`]: clientFile(CLIENT, 'api.external', hash) };

async function addAccount(home: string, env: Record<string, string> = {}): Promise<void> {
  await commandWith(home, env)(
    ...['person', 'add', '--logon', 'api.external', '--first', 'External', '--last', 'API'],
    ...['--group', 'System Startup', '--role', 'Startup User:all'],
  );
}

/** A request whose body is on its way. */
interface Slow {
  finish(): void;
  /** All that came back. */
  readonly answer: Promise<string>;
}

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';

/** Sends a request up to the middle of its body, once the server has said that it has the head. */
function begin(server: Signet, head: string, body: string): Promise<Slow> {
  const half = Math.floor(body.length / 2);
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    const more = ['Connection: close', 'Expect: 100-continue', `Content-Length: ${body.length}`];
    let text = '';
    const answer = new Promise<string>((done) => socket.on('close', () => done(text.replace(CONTINUE, ''))));
    socket.on('data', (chunk) => {
      text += chunk;
      if (text !== CONTINUE) return;
      socket.write(body.slice(0, half));
      resolve({ answer, finish: () => void socket.write(body.slice(half)) });
    });
    socket.on('error', reject);
    socket.write([head, `Host: ${new URL(server.url).host}`, ...more, '', ''].join('\r\n'));
  });
}

/** A connection that is taken, and then not served, is no readiness either. */
const isReady = async ({ url }: Signet) =>
  (await ask(`${url}/readyz`, { patient: false, within: 3_000 })).status === 200;

test('SIGTERM lets a request finish that is under way, and takes no new ones', async () => {
  for (const workers of ['1', '2']) {
    const home = newHome(files);
    const server = await startSignet(home, { SIGNET_DRAIN_SECONDS: '120' }, ['--workers', workers]);
    await addAccount(home);
    const bearer = await token(server.url, CLIENT, secret);
    const { results } = JSON.parse((await call(server.url, bearer, 'Groups?q=MasterAdmin')).body);
    const person = JSON.stringify({
      logonName: 'slow.sam',
      name: { first: 'Slow', last: 'Sam' },
      group: { id: results[0].id },
    });
    const head = `POST /rest.core/api/People HTTP/1.1\r\nAuthorization: Bearer ${bearer}\r\nContent-Type: application/json`;
    const slow = await begin(server, head, person);
    server.signal('SIGTERM');
    await eventually('no new requests are taken', async () => !(await isReady(server)));
    slow.finish();
    const answer = await slow.answer;
    assert.match(answer, /^HTTP\/1\.1 200 /);
    assert.match(answer, /"logonName":"slow\.sam"/);
    assert.equal(await server.exited, 0);
    assert.match(await commandWith(home, {})('person', 'list'), /slow\.sam/);
  }
});

test('more requests than the server takes: 503 with Retry-After in the words of each window, and then it goes on', async () => {
  const home = newHome(files);
  const server = await startSignet(home);
  await addAccount(home);
  const bearer = await token(server.url, CLIENT, secret);
  const body = 'grant_type=client_credentials';
  const head = 'POST /web.oauth2/connect/token HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded';
  const slow: Slow[] = [];
  for (let i = 0; i < 1_000; i++) slow.push(await begin(server, head, body));

  const groups = () => call(server.url, bearer, 'Groups?q=*', { patient: false });
  let refused = await groups();
  await eventually('it says that it is busy', async () => {
    refused = await groups();
    return refused.status !== 200;
  });
  assert.equal(refused.status, 503, refused.body);
  assert.match(refused.headers.get('retry-after') ?? '', /^\d+$/);
  assert.equal(JSON.parse(refused.body).title, 'Service Unavailable');
  for (const path of [
    '/web.oauth2/connect/token',
    '/validate/check',
    '/nevisidm/api/core/v1/users',
    '/AddUser',
  ]) {
    const { status, headers } = await ask(`${server.url}${path}`, { method: 'POST', patient: false });
    assert.equal(status, 503, path);
    assert.match(headers.get('retry-after') ?? '', /^\d+$/, path);
  }

  for (const each of slow) each.finish();
  const answers = await Promise.all(slow.map(({ answer }) => answer));
  assert.deepEqual(
    [...new Set(answers.map((answer) => answer.split('\r\n')[0]))],
    ['HTTP/1.1 400 Bad Request'],
  );
  await eventually(
    'it serves again',
    async () => (await call(server.url, bearer, 'Groups?q=*')).status === 200,
  );
  assert.equal((await askToken(server.url, CLIENT, secret)).status, 200);
  assert.equal(await server.stop(), 0);
});

/** A way to a database that can be cut. */
class Cable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  constructor(to: URL) {
    const folder = to.searchParams.get('host');
    this.#server = createServer((near) => {
      if (this.#isCut) return void near.destroy();
      const far = folder
        ? connect(`${folder}/.s.PGSQL.${to.port || 5432}`)
        : connect(Number(to.port), to.hostname);
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(socket);
        socket.on('error', () => {});
        socket.on('close', () => {
          this.#sockets.delete(socket);
          other.destroy();
        });
        socket.pipe(other);
      }
    });
  }

  listen(): Promise<number> {
    return new Promise((resolve) => {
      this.#server.listen(0, '127.0.0.1', () => {
        const address = this.#server.address();
        resolve(typeof address === 'object' && address ? address.port : 0);
      });
    });
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  close(): void {
    this.cut();
    this.#server.close();
  }
}

test('a database that goes away gives clear 503s, and comes back without a restart', async () => {
  const { url } = await testDatabase();
  const address = new URL(url);
  const cable = new Cable(new URL(url));
  after(() => cable.close());
  address.search = '';
  address.host = `127.0.0.1:${await cable.listen()}`;
  const env = { DATABASE_URL: address.href };
  const home = newHome(files);
  const server = await startSignet(home, env, ['--workers', '2']);
  await addAccount(home, env);
  const bearer = await token(server.url, CLIENT, secret);
  const groups = () => call(server.url, bearer, 'Groups?q=*', { patient: false });
  assert.equal((await groups()).status, 200);

  cable.cut();
  for (let i = 0; i < 6; i++) {
    const refused = await groups();
    assert.equal(refused.status, 503, refused.body);
    assert.match(refused.headers.get('retry-after') ?? '', /^\d+$/);
    assert.equal(JSON.parse(refused.body).title, 'Service Unavailable');
    const noToken = await askToken(server.url, CLIENT, secret, { patient: false });
    assert.equal(noToken.status, 503, noToken.body);
    assert.doesNotMatch(noToken.body + refused.body, /ECONN|postgres|127\.0\.0\.1| at /);
    assert.equal(await isReady(server), false);
  }
  const person = { logonName: 'never', name: { first: 'Never' }, group: { id: randomUUID() } };
  const change = await call(server.url, bearer, 'People', { send: person, patient: false });
  assert.equal(change.status, 503, change.body);

  cable.mend();
  await eventually('it serves again', async () => (await groups()).status === 200);
  await eventually('it is ready again', () => isReady(server));
  assert.equal((await askToken(server.url, CLIENT, secret)).status, 200);
  assert.doesNotMatch(server.log(), /"msg":"a bug/);
  assert.equal(await server.stop(), 0);
});
