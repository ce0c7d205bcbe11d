import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { compactVerify } from 'jose';
import { signJws, verifyJws } from './signature.ts';

const pairs = {
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
} as const;
const algorithms = ['RS256', 'ES256'] as const;
const header = (alg: string) => Buffer.from(JSON.stringify({ alg })).toString('base64url');

for (const algorithm of algorithms) {
  test(`an ${algorithm} signature is good for another implementation, whatever its leading zeros`, async () => {
    const { publicKey, privateKey } = pairs[algorithm];
    // About one ECDSA signature in 128 has an integer with a leading zero byte.
    for (let i = 0; i < (algorithm === 'ES256' ? 600 : 3); i++) {
      const input = `${header(algorithm)}.${Buffer.from(`${i}`).toString('base64url')}`;
      const signature = await signJws(algorithm, privateKey, Buffer.from(input));
      await compactVerify(`${input}.${signature.toString('base64url')}`, publicKey);
      assert.equal(verifyJws(algorithm, publicKey, Buffer.from(input), signature), true);
    }
  });

  test(`an ${algorithm} signature over other data, by another key or of another length is refused`, async () => {
    const { publicKey, privateKey } = pairs[algorithm];
    const other =
      algorithm === 'RS256'
        ? generateKeyPairSync('rsa', { modulusLength: 2048 })
        : generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const data = Buffer.from('data');
    const signature = await signJws(algorithm, privateKey, data);
    assert.equal(verifyJws(algorithm, publicKey, Buffer.from('date'), signature), false);
    assert.equal(verifyJws(algorithm, other.publicKey, data, signature), false);
    assert.equal(verifyJws(algorithm, publicKey, data, signature.subarray(1)), false);
    assert.equal(verifyJws(algorithm, publicKey, data, Buffer.alloc(0)), false);
  });
}

test('the ES256 signature of RFC 7515 A.3 is good', () => {
  const key = createPublicKey({
    format: 'jwk',
    key: {
      kty: 'EC',
      crv: 'P-256',
      x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
      y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
    },
  });
  const data = Buffer.from(
    'eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ',
  );
  const signature = Buffer.from(
    'DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q',
    'base64url',
  );
  assert.equal(verifyJws('ES256', key, data, signature), true);
});
