import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { pino } from 'pino';
import { DomainError } from '#core/errors.ts';
import { DIALECTS, edge } from '#test/edge.ts';

/** A server that logs all it can, and what it has logged. */
function logged(routes: Parameters<typeof edge>[1] = {}) {
  const lines: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  return { app: edge({ logger, accessLog: true }, routes), lines };
}

const SECRET = 'pL4nted-s3cret';

suite('secrets', () => {
  const { app, lines } = logged({
    privacyidea: async (scope) => {
      scope.post('/validate/fails', () => {
        const fault = Object.assign(new Error('no luck'), { detail: `Key (password)=(${SECRET}) exists.` });
        throw new Error('could not save', { cause: fault });
      });
      scope.post('/validate/tells', (request) => {
        request.log.info(
          { password: SECRET, body: { client_secret: SECRET, deep: { pin: SECRET } } },
          'told',
        );
        return 'ok';
      });
    },
  });

  const everywhere = (url: string) => ({
    method: 'POST' as const,
    url: `${url}?code=${SECRET}&password=${SECRET}&pass=${SECRET}&${SECRET}&token=${SECRET}`,
    headers: {
      authorization: `Bearer ${SECRET}`,
      'pi-authorization': SECRET,
      'x-token': SECRET,
      cookie: `session=${SECRET}`,
      authenticatehash: SECRET,
      'content-type': 'application/json',
    },
    payload: `{"password": "${SECRET}", "otp": ${SECRET}}`, // not JSON, so that a parser would quote it
  });

  for (const url of [
    ...['/rest.core/x', '/token/init', '/manage/users', '/AddUser', '/nevisidm/x', '/nobody', '/'],
    ...[
      '/validate/fails',
      '/validate/tells',
      '/validate/probe/x',
      '/rest.core/%zz',
      '/web.oauth2/connect/token',
    ],
  ]) {
    test(`sent to ${url} are in no log line and no answer`, async () => {
      const response = await app.inject(everywhere(url));
      assert.ok(lines.length > 0);
      assert.ok(
        !lines.join('').includes(SECRET),
        lines.find((line) => line.includes(SECRET)),
      );
      assert.ok(!(response.body + JSON.stringify(response.headers)).includes(SECRET), response.body);
    });
  }

  test('in a path are not logged where the path is known', async () => {
    await app.inject(`/token/getserial/${SECRET}`);
    assert.match(lines.at(-1) ?? '', /"path":"\/token\/getserial\/:otp"/);
  });
});

suite('a fault of ours', () => {
  for (const { name } of DIALECTS) {
    test(`is logged with its cause and told by ${name} without a word of it`, async () => {
      const { app, lines } = logged({
        [name]: async (scope: Parameters<(typeof DIALECTS)[number]['routes']>[0]) => {
          scope.get(`${SOME_PATH[name]}/fault`, () => {
            throw new Error('inner workings', { cause: new TypeError('deep inside') });
          });
        },
      });
      const response = await app.inject({
        url: `${SOME_PATH[name]}/fault`,
        headers: { 'x-request-id': 'fault-0001' },
      });
      assert.equal(response.statusCode, name === 'authx' ? 200 : 500);
      assert.doesNotMatch(response.body, /inner|deep|\.ts/);
      const line = JSON.parse(lines.find((l) => l.includes('request failed')) ?? '{}');
      assert.equal(line.err.message, 'inner workings');
      assert.equal(line.err.cause.message, 'deep inside');
      assert.match(line.err.stack, /log\.test\.ts/);
      assert.equal(line.reqId, 'fault-0001');
      assert.match(
        (await app.inject('/metrics')).body,
        new RegExp(`signet_http_faults_total\\{window="${name}"\\} 1`),
      );
    });
  }

  test('that is thrown as something else than an error is one too', async () => {
    const { app } = logged({
      nevisidm: async (scope) => {
        scope.get('/nevisidm/fault', async () => {
          throw 'a text';
        });
      },
    });
    assert.equal((await app.inject('/nevisidm/fault')).statusCode, 500);
  });
});

const SOME_PATH = {
  myid: '/rest.core',
  oauth2: '/web.oauth2',
  nevisidm: '/nevisidm',
  authx: '/authx',
  loginid: '/manage',
  privacyidea: '/validate',
};

test('an outage is logged once a second, however many meet it', async () => {
  const { app, lines } = logged({
    nevisidm: async (scope) => {
      scope.get('/nevisidm/away', () => {
        throw new DomainError('storage.unavailable', { cause: new Error('connect ECONNREFUSED') });
      });
    },
  });
  for (let i = 0; i < 20; i++) assert.equal((await app.inject('/nevisidm/away')).statusCode, 503);
  const warnings = lines.filter((line) => line.includes('not available'));
  assert.ok(warnings.length >= 1 && warnings.length < 20, `${warnings.length}`);
  assert.match(warnings[0] ?? '', /ECONNREFUSED/);
});

test('what a caller does wrong is not logged, unless every request is', async () => {
  const lines: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const app = edge({ logger });
  await app.inject('/nobody');
  await app.inject({ method: 'PUT', url: '/AddUser', payload: '{' });
  assert.deepEqual(lines, []);
});
