import assert from 'node:assert/strict';
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import {
  canonical,
  chainHash,
  isSignedBy,
  readAuditJwk,
  START_HASH,
  signCheckpoint,
  thumbprint,
} from './chain.ts';

suite('the canonical form', () => {
  test('has its members in the order of their names, without those that are null', () => {
    const event = { operation: 'person.added', id: 7, ip: null, actorName: 'Zoë "Z"\n', count: 1 };
    assert.equal(
      canonical(event),
      '{"actorName":"Zoë \\"Z\\"\\n","count":1,"id":7,"operation":"person.added"}',
    );
  });

  test('does not depend on the order in which the members were given', () => {
    const members = fc.dictionary(fc.string({ unit: 'binary' }), fc.oneof(fc.string(), fc.integer()));
    fc.assert(
      fc.property(members, (event) => {
        const reversed = Object.fromEntries(Object.entries(event).reverse());
        assert.equal(canonical(reversed), canonical(event));
      }),
    );
  });

  test('is never the same for two different events', () => {
    const tricky = fc.oneof(
      fc.constantFrom(
        '',
        'null',
        '"',
        '\\',
        '","ip":"',
        '\u0000',
        '\ud800',
        '\\ud800',
        '\u2028',
        'e\u0301',
        '\u00e9',
        '1',
        '{}',
      ),
      fc.string({ unit: 'binary' }),
    );
    const value = fc.oneof(fc.constant(null), tricky, fc.maxSafeInteger());
    const event = fc.record({ id: fc.nat(3), ip: value, message: value, details: value });
    const bytes = (e: Parameters<typeof canonical>[0]) => Buffer.from(canonical(e)).toString('hex');
    fc.assert(
      fc.property(event, event, (one, other) => {
        const areSame = JSON.stringify(one) === JSON.stringify(other);
        assert.equal(bytes(one) === bytes(other), areSame);
      }),
      { numRuns: 2_000 },
    );
  });

  test('tells a text from the number and the word that look like it', () => {
    const forms = ['1', 1, 'null', '', null].map((message) => canonical({ id: 1, message }));
    assert.equal(new Set(forms).size, 5);
  });

  test('can be read back, so nothing of the event is lost in it', () => {
    const value = fc.oneof(fc.string({ unit: 'binary' }), fc.maxSafeInteger());
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), value), (event) => {
        assert.deepEqual({ ...JSON.parse(canonical(event)) }, { ...event });
      }),
    );
  });
});

suite('the chain', () => {
  test('hashes the 32 bytes before and the canonical form in UTF-8', () => {
    const first = chainHash(START_HASH, '{"actorName":"Zoë","id":1}');
    // Computed with another implementation: printf '\0…(32)…\0{"actorName":"Zoë","id":1}' | sha256sum
    assert.equal(first.toString('hex'), 'd4e7f5323821b4f51cef401008f003944e9dcb18b0f36c8740589dc39ffc82e5');
    const second = createHash('sha256').update(first).update('{"id":2}').digest('hex');
    assert.equal(chainHash(first, '{"id":2}').toString('hex'), second);
  });
});

suite('checkpoints', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const unsigned = {
    sequence: 12,
    hash: chainHash(START_HASH, 'x'),
    at: '2026-01-02T03:04:05.678Z',
    kid: 'k',
  };
  const checkpoint = signCheckpoint(unsigned, privateKey);

  test('are good as they were signed', () => {
    assert.ok(isSignedBy(checkpoint, publicKey));
  });

  test('are bad when any member is another, or another key is said to have signed', () => {
    const changed = [
      { ...checkpoint, sequence: 13 },
      { ...checkpoint, hash: START_HASH },
      { ...checkpoint, at: '2026-01-02T03:04:05.679Z' },
      { ...checkpoint, kid: 'l' },
      { ...checkpoint, signature: Buffer.alloc(64) },
      { ...checkpoint, signature: Buffer.alloc(0) },
    ];
    for (const c of changed) assert.equal(isSignedBy(c, publicKey), false);
    assert.equal(isSignedBy(checkpoint, generateKeyPairSync('ed25519').publicKey), false);
  });

  test('a key is known by its thumbprint, RFC 8037 appendix A.3', () => {
    const x = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo';
    assert.equal(
      thumbprint({ kty: 'OKP', crv: 'Ed25519', x }),
      'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
    );
  });

  test('a private key or one of another curve is not read as the public key', () => {
    const jwk = createPublicKey(createPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' }))).export(
      { format: 'jwk' },
    );
    assert.deepEqual(readAuditJwk({ ...jwk, d: 'secret' }), jwk);
    assert.equal(readAuditJwk({ ...jwk, crv: 'X25519' }), undefined);
    assert.equal(readAuditJwk({ ...jwk, x: 'short' }), undefined);
    assert.equal(readAuditJwk(null), undefined);
  });
});
