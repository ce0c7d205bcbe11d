import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { suite, test } from 'node:test';
import { DomainError } from '#core/errors.ts';
import {
  createVault,
  type Keyring,
  keyIdOf,
  type MasterKey,
  masterKey,
  sealWith,
  unsealWith,
} from './vault.ts';
import vectors from './vectors/sealed.json' with { type: 'json' };

const hex = (text: string) => Buffer.from(text, 'hex');

suite('the sealed form, against values made by the OpenSSL binding of another language (pyca/cryptography)', () => {
  for (const [i, v] of vectors.entries()) {
    const key = masterKey(hex(v.key));
    test(`vector ${i}: the key has its id, seals and unseals`, () => {
      assert.equal(key.id, v.id);
      assert.equal(sealWith(key, hex(v.plain), v.purpose, hex(v.nonce)).toString('hex'), v.sealed);
      assert.equal(unsealWith(key, hex(v.sealed), v.purpose).toString('hex'), v.plain);
    });
  }
});

const key = masterKey(randomBytes(32));
const other = masterKey(randomBytes(32));
const ring = (current: MasterKey, ...more: MasterKey[]): Keyring => ({
  current: () => current,
  find: (id) => [current, ...more].find((k) => k.id === id),
});

test('what was sealed is unsealed for the same purpose', () => {
  const vault = createVault(ring(key));
  const plain = Buffer.from('the seed of a token');
  const sealed = vault.seal(plain, 'otp-seed:1');
  assert.ok(!Buffer.from(sealed).includes(plain));
  assert.deepEqual(vault.unseal(sealed, 'otp-seed:1'), plain);
});

test('the same value sealed twice looks different', () => {
  const vault = createVault(ring(key));
  assert.notDeepEqual(vault.seal(Buffer.of(1), 'p'), vault.seal(Buffer.of(1), 'p'));
});

test('a value sealed for one purpose is refused for another', () => {
  const vault = createVault(ring(key));
  const sealed = vault.seal(Buffer.from('x'), 'signing-key:1');
  assert.throws(() => vault.unseal(sealed, 'signing-key:2'));
  assert.throws(() => vault.unseal(sealed, ''));
});

test('a change of any single bit is refused', () => {
  const vault = createVault(ring(key, other));
  const sealed = Buffer.from(vault.seal(Buffer.from('twelve bytes'), 'p'));
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const altered = Buffer.from(sealed);
    altered[bit >> 3] = (altered[bit >> 3] as number) ^ (1 << (bit & 7));
    assert.throws(() => vault.unseal(altered, 'p'), `bit ${bit}`);
  }
});

test('a value cut short or made longer is refused', () => {
  const vault = createVault(ring(key));
  const sealed = Buffer.from(vault.seal(Buffer.from('twelve bytes'), 'p'));
  for (let length = 0; length < sealed.length; length++) {
    assert.throws(() => vault.unseal(sealed.subarray(0, length), 'p'), `${length} bytes`);
  }
  assert.throws(() => vault.unseal(Buffer.concat([sealed, Buffer.of(0)]), 'p'));
});

test('a value passed off as sealed under another key is refused, though that key is at hand', () => {
  const vault = createVault(ring(key, other));
  const sealed = Buffer.from(vault.seal(Buffer.from('x'), 'p'));
  hex(other.id).copy(sealed, 1);
  assert.equal(keyIdOf(sealed), other.id);
  assert.throws(
    () => vault.unseal(sealed, 'p'),
    (error) => !(error instanceof DomainError),
  );
});

test('a value of a key that is not at hand is refused as key.unknown, with its id', () => {
  const sealed = createVault(ring(other)).seal(Buffer.from('x'), 'p');
  const refusal = { code: 'key.unknown', detail: `key ${other.id}` };
  assert.throws(() => createVault(ring(key)).unseal(sealed, 'p'), refusal);
});

test('new values are sealed under the current key, old ones still open', () => {
  const old = createVault(ring(key)).seal(Buffer.from('x'), 'p');
  const vault = createVault(ring(other, key));
  assert.equal(keyIdOf(vault.seal(Buffer.from('x'), 'p')), other.id);
  assert.equal(vault.unseal(old, 'p').toString(), 'x');
});

test('only 32 bytes are a master key', () => {
  assert.throws(() => masterKey(randomBytes(16)), /32 bytes/);
});
