import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { suite, test } from 'node:test';
import { DomainError } from '#core/errors.ts';
import { edge } from '#test/edge.ts';
import { listen, sendRaw, until } from '#test/raw.ts';
import { patiently } from './readiness.ts';

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
const head = (path: string, more: string) => `POST ${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n\r\n`;

suite('a body that is too large', () => {
  const app = edge();
  const port = listen(app);
  const big = 'x'.repeat(64 * 1024 + 1);

  test('by its length is refused before it is read, in the owner’s voice', async () => {
    const reply = await sendRaw(await port, head('/AddUser/probe/x', `Content-Length: ${big.length}`));
    assert.deepEqual([reply.status, reply.closed], [413, true]);
    assert.equal(JSON.parse(reply.body).response_subcode, 100);
  });

  test('in chunks is refused when it has grown too large', async () => {
    const chunk = `${big.length.toString(16)}\r\n${big}\r\n`;
    const reply = await sendRaw(await port, head('/AddUser/probe/x', 'Transfer-Encoding: chunked'), chunk);
    assert.equal(reply.status, 413);
  });

  test('is none where the dialect takes more', async () => {
    const reply = await app.inject({ method: 'POST', url: '/token/probe/x', payload: big });
    assert.equal(reply.statusCode, 200);
  });
});

suite('a slow caller', () => {
  const app = edge({ limits: { headersTimeout: 200, requestTimeout: 400, checkInterval: 50 } });
  const port = listen(app);

  for (const [what, bytes] of [
    ['with half a request line', 'GET /rest.c'],
    ['with headers that do not end', 'GET /rest.core/x HTTP/1.1\r\nHost: a\r\n'],
    ['with a body that does not come', head('/token/probe/x', 'Content-Length: 10')],
  ] as const) {
    test(`${what} gets a 408, and the connection ends`, async () => {
      const reply = await sendRaw(await port, bytes);
      assert.deepEqual([reply.status, reply.closed], [408, true]);
      assert.match(reply.body, /^\{/);
    });
  }

  test('who says nothing is dropped', async () => {
    const quiet = edge({ limits: { idleTimeout: 100 } });
    const socket = connect(await listen(quiet), '127.0.0.1');
    let closed = false;
    socket.on('close', () => {
      closed = true;
    });
    await until(() => closed);
  });
});

suite('too many requests at once', () => {
  const held = Promise.withResolvers<string>();
  const app = edge(
    { limits: { requestsUnderWay: 1 } },
    {
      nevisidm: async (scope) => {
        scope.get('/nevisidm/held', () => held.promise);
      },
    },
  );

  test('are refused in the owner’s voice with Retry-After, probes are not, and then it goes on', async () => {
    const port = await listen(app);
    const first = sendRaw(port, get('/nevisidm/held'));
    const busy = await sendRaw(port, get('/rest.core/x')).then(async (reply) => {
      let last = reply;
      await until(async () => {
        last = await sendRaw(port, get('/rest.core/x'));
        return last.status === 503;
      });
      return last;
    });
    assert.equal(JSON.parse(busy.body).title, 'Service Unavailable');
    assert.match(String(busy.headers['retry-after']), /^[1-9]\d*$/);
    assert.equal((await sendRaw(port, get('/readyz'))).status, 200);
    assert.equal((await sendRaw(port, get('/healthz'))).status, 200);
    assert.match((await sendRaw(port, get('/metrics'))).body, /signet_http_overloaded_total [1-9]/);
    held.resolve('done');
    assert.equal((await first).status, 200);
    assert.equal((await sendRaw(port, get('/rest.core/x'))).status, 404);
  });

  test('do not stay counted when the callers go away', async () => {
    const forever = edge(
      { limits: { requestsUnderWay: 2 } },
      {
        nevisidm: async (scope) => {
          scope.get('/nevisidm/forever', () => new Promise(() => {}));
        },
      },
    );
    const port = await listen(forever);
    const sockets = [1, 2].map(() =>
      connect(port, '127.0.0.1', function (this: import('node:net').Socket) {
        this.write(get('/nevisidm/forever'));
      }),
    );
    await until(async () => (await sendRaw(port, get('/x'))).status === 503);
    for (const socket of sockets) socket.destroy();
    await until(async () => (await sendRaw(port, get('/x'))).status === 404);
  });

  test('a loop that lags behind refuses too', async () => {
    const late = edge({ limits: { eventLoopDelay: -1000 } });
    const port = await listen(late);
    await until(async () => (await sendRaw(port, get('/x'))).status === 503);
  });
});

suite('an operation that does not end', () => {
  const app = edge(
    { limits: { handlerTimeout: 50 } },
    {
      nevisidm: async (scope) => {
        scope.get('/nevisidm/forever', () => new Promise(() => {}));
      },
    },
  );

  test('is answered with 503 after its time', async () => {
    const reply = await sendRaw(await listen(app), get('/nevisidm/forever'));
    assert.equal(reply.status, 503);
    assert.equal(JSON.parse(reply.body).errors[0].code, 'errors.unknownReason');
  });
});

suite('a database that is away', () => {
  test('makes the server not ready, with Retry-After, and ready again when it is back', async () => {
    let there = false;
    const app = edge({
      ready: async () => {
        if (!there) throw new Error('connect ECONNREFUSED');
      },
    });
    const away = await app.inject('/readyz');
    assert.equal(away.statusCode, 503);
    assert.equal(away.json().code, 'unavailable');
    assert.ok(away.headers['retry-after']);
    assert.equal((await app.inject('/healthz')).statusCode, 200);
    there = true;
    assert.deepEqual((await app.inject('/readyz')).json(), { status: 'ready' });
  });

  test('and says nothing is not waited for, and asked once for all who wait', async () => {
    let asked = 0;
    const ask = patiently(() => {
      asked++;
      return new Promise(() => {});
    }, 20);
    const answers = await Promise.allSettled([ask(), ask()]);
    for (const answer of answers) {
      assert.ok(answer.status === 'rejected' && answer.reason instanceof DomainError);
      assert.equal(answer.reason.code, 'storage.unavailable');
    }
    assert.equal(asked, 1);
  });
});

test('who waits for an answer when the server stops gets it, and then the connection ends', async () => {
  const held = Promise.withResolvers<string>();
  const app = edge(
    {},
    {
      nevisidm: async (scope) => {
        scope.get('/nevisidm/held', () => held.promise);
      },
    },
  );
  const port = await listen(app);
  const started = sendRaw(port, get('/nevisidm/held'));
  await until(async () => /under_way 2/.test((await sendRaw(port, get('/metrics'))).body));
  const closed = app.close();
  await until(() => !app.server.listening);
  held.resolve('done');
  const reply = await started;
  assert.deepEqual([reply.status, reply.body, reply.headers.connection], [200, 'done', 'close']);
  await closed;
});

test('an answer that breaks off in the middle does not look whole, and the next request is served', async () => {
  const app = edge(
    {},
    {
      nevisidm: async (scope) => {
        scope.get('/nevisidm/half', async (_request, reply) => {
          reply.raw.writeHead(200);
          reply.raw.write('half');
          throw new Error('no more');
        });
      },
    },
  );
  const port = await listen(app);
  const reply = await sendRaw(port, get('/nevisidm/half'));
  assert.deepEqual([reply.status, reply.closed, reply.body.endsWith('0\r\n\r\n')], [200, true, false]);
  assert.equal((await sendRaw(port, get('/readyz'))).status, 200);
});
