import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { setSetting } from '#core/settings/settings.ts';
import { server } from '#test/server.ts';

const on = await server();
const id = await on.actor('pictured', { operations: [] });

async function post(path: string, payload: object, as = 'operator') {
  const answer = await on.app.inject({
    method: 'POST',
    url: `/rest.core/api/${path}`,
    headers: on.bearer(as),
    payload,
  });
  return { status: answer.statusCode, type: answer.headers['content-type'], body: answer.rawPayload };
}

const image = (bytes: Buffer) => ({ image: { data: bytes.toString('base64'), mimetype: 'image/png' } });

test('a picture of some megabytes comes back byte for byte', async () => {
  const bytes = randomBytes(5_000_000);
  const { status, type, body } = await post(`People/${id}/images/photo`, image(bytes));
  assert.equal(status, 200);
  assert.equal(type, 'image/png');
  assert.ok(body.equals(bytes));
});

test('a picture larger than the setting allows is too large, and the one before stays', async () => {
  await setSetting(on.ctx, 'Maximum Image Size', '10000');
  const { status, type } = await post(`People/${id}/images/photo`, image(randomBytes(10_001)));
  assert.deepEqual([status, type], [413, 'application/problem+json; charset=utf-8']);
  const stored = await on.services.sql<{ size: number }>`select length(bytes) as size from person_image`;
  assert.deepEqual(stored, [{ size: 5_000_000 }]);
});

test('a body larger than an operation takes is too large', async () => {
  const { status, type } = await post('People', { logonName: 'x'.repeat(1_100_000) });
  assert.deepEqual([status, type], [413, 'application/problem+json; charset=utf-8']);
});

test('base64 in lines, and without its padding, is base64; a character too many is not', async () => {
  const upload = async (data: string) => {
    const { status, body } = await post(`People/${id}/images/photo`, {
      image: { data, mimetype: 'image/gif' },
    });
    return status === 200 ? body.toString('latin1') : JSON.parse(body.toString()).code;
  };
  assert.equal(await upload('R0lG\r\nODlh\n'), 'GIF89a');
  assert.equal(await upload('R0lGOA'), 'GIF8');
  assert.equal(await upload('R0lGO'), 'WS39002');
  assert.equal(await upload('R0lG='), 'WS39002');
  assert.equal(await upload('R0lG-_'), 'WS39002');
});
