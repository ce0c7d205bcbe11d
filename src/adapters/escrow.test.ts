import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { masterKey } from '#core/keys/vault.ts';
import { isProtected, readEscrow, writeEscrow } from './escrow.ts';

const keys = [masterKey(randomBytes(32)), masterKey(randomBytes(32))];
const now = new Date('2026-01-02T03:04:05Z');
const plain = await writeEscrow(keys, undefined, now);
const wrapped = await writeEscrow(keys, 'pässphrase', now);

test('a plain copy is read back without a passphrase', async () => {
  assert.equal(isProtected(plain), false);
  assert.deepEqual(await readEscrow(plain, undefined), keys);
});

test('a protected copy is read back with its passphrase, however its letters were composed', async () => {
  assert.equal(isProtected(wrapped), true);
  assert.deepEqual(await readEscrow(wrapped, 'pa\u0308ssphrase'), keys);
});

test('a protected copy does not show the key', () => {
  for (const key of keys) assert.ok(!wrapped.includes(Buffer.from(key.bytes).toString('base64url')));
});

test('a wrong passphrase is refused', async () => {
  await assert.rejects(readEscrow(wrapped, 'passphrase'), { code: 'escrow.passphrase_wrong' });
  await assert.rejects(readEscrow(wrapped, undefined), { code: 'escrow.passphrase_wrong' });
});

test('copies survive blank lines, indentation and Windows line ends', async () => {
  assert.deepEqual(await readEscrow(`\r\n   ${plain.replaceAll('\n', '\r\n   ')}`, undefined), keys);
});

test('text that is no copy is refused', async () => {
  for (const text of ['', '# nothing', 'hello', plain.slice(0, -20), plain.replace(':1:', ':2:')]) {
    await assert.rejects(readEscrow(text, undefined), { code: 'escrow.unreadable' });
  }
});

test('a plain copy with a letter changed is refused', async () => {
  const at = plain.indexOf(':plain:') + 8;
  const altered = plain.slice(0, at) + (plain[at] === 'A' ? 'B' : 'A') + plain.slice(at + 1);
  await assert.rejects(readEscrow(altered, undefined), { code: 'escrow.unreadable' });
});

test('a copy that asks for an endless computation is refused at once', async () => {
  for (const cost of ['9999999,3,4', '65536,99,4', '65536,3,99', '65536,0,4', '8,3,4', '65536,3,0']) {
    await assert.rejects(readEscrow(wrapped.replace('65536,3,4', cost), 'x'), { code: 'escrow.unreadable' });
  }
});
