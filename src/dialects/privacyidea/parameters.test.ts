import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { edge } from '#test/edge.ts';
import { files, parameters } from './parameters.ts';

const app = edge(
  {},
  {
    privacyidea: async (scope) => {
      scope.route({
        method: ['GET', 'POST'],
        url: '/validate/params/:serial',
        handler: async (request) => ({
          ...parameters(request),
          files: Object.fromEntries(
            Object.entries(files(request)).map(([name, bytes]) => [name, bytes.toString()]),
          ),
        }),
      });
    },
  },
);

async function send(
  query: string,
  type: string | undefined,
  payload: string | Buffer,
  method: 'GET' | 'POST' = 'POST',
) {
  const url = `/validate/params/S1${query}`;
  const response = await app.inject({
    method,
    url,
    payload,
    headers: type === undefined ? {} : { 'content-type': type },
  });
  return response.statusCode === 200 ? response.json() : response.json().result.error.code;
}

const FORM = 'application/x-www-form-urlencoded';
const multipart = (...parts: string[]) =>
  `${parts.map((part) => `--x\r\nContent-Disposition: form-data; ${part}\r\n`).join('')}--x--\r\n`;

suite('parameters', () => {
  test('come from the path over JSON over the query over a form', async () => {
    const json = await send('?serial=q&a=q&b=q', 'application/json', '{"serial":"j","a":"j"}');
    assert.deepEqual(json, { serial: 'S1', a: 'j', b: 'q', files: {} });
    const form = await send('?serial=q&a=q', FORM, 'serial=f&a=f&b=f');
    assert.deepEqual(form, { serial: 'S1', a: 'q', b: 'f', files: {} });
  });

  test('of a repeated name are the first', async () => {
    assert.deepEqual(await send('?a=1&a=2', FORM, 'b=1&b=2'), { serial: 'S1', a: '1', b: '1', files: {} });
  });

  test('are decoded once: a percent sign and a plus in a password survive', async () => {
    assert.equal((await send('', FORM, `pass=${encodeURIComponent('50%25 off+1')}`)).pass, '50%25 off+1');
  });

  test('are read from JSON whatever the content type says, and from a form without one', async () => {
    for (const type of [undefined, FORM, 'text/plain', 'nonsense']) {
      assert.equal((await send('', type, '{"pass":"secret"}')).pass, 'secret', String(type));
    }
    assert.equal((await send('', undefined, 'pass=secret')).pass, 'secret');
  });

  test('can come with GET', async () => {
    assert.equal((await send('', 'application/json', '{"pass":"secret"}', 'GET')).pass, 'secret');
  });

  test('are read from multipart, with files beside them', async () => {
    const body = multipart(
      'name="user"\r\n\r\nhäns',
      'name="user"\r\n\r\nother',
      'name="file"; filename="t.csv"\r\nContent-Type: text/csv\r\n\r\na,b',
    );
    const got = await send('?pass=x', 'multipart/form-data; boundary=x', body);
    assert.deepEqual(got, { serial: 'S1', user: 'häns', pass: 'x', files: { file: 'a,b' } });
  });

  for (const [what, type, body] of [
    ['multipart without a boundary', 'multipart/form-data', multipart('name="a"\r\n\r\n1')],
    [
      'multipart that does not end',
      'multipart/form-data; boundary=x',
      '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1',
    ],
    ['a NUL in multipart', 'multipart/form-data; boundary=x', multipart('name="a"\r\n\r\n\0')],
    ['a NUL in JSON', 'application/json', '{"a":"\\u0000"}'],
    ['a NUL in a form', FORM, 'a=%00'],
    ['text that is no UTF-8', FORM, Buffer.from('a=ä', 'latin1')],
  ] as const) {
    test(`in ${what} are refused with 905`, async () => {
      assert.equal(await send('', type, body), 905);
    });
  }

  test('that are neither an object nor a form are none', async () => {
    for (const body of ['[1]', 'true', '{"a":', '"x"']) {
      assert.deepEqual(await send('', 'application/json', body), { serial: 'S1', files: {} });
    }
  });

  test('have names that are only names', async () => {
    const got = await send('?toString=1', 'application/json', '{"__proto__":{"admin":1},"constructor":"c"}');
    assert.deepEqual({ ...got }, { serial: 'S1', toString: '1', constructor: 'c', files: {} });
  });
});
