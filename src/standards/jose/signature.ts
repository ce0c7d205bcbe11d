import { type KeyObject, sign, verify } from 'node:crypto';

/** The algorithms that tokens are signed with here (RFC 7518 3.3, 3.4). */
export type SigningAlgorithm = 'RS256' | 'ES256';

/** Signs on the thread pool, so that the event loop goes on. Gives the signature as JWS has it. */
export function signJws(
  algorithm: SigningAlgorithm,
  privateKey: KeyObject,
  data: Uint8Array,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    sign('sha256', data, privateKey, (error, signature) => {
      if (error) reject(error);
      else resolve(algorithm === 'ES256' ? concatenated(signature) : signature);
    });
  });
}

/** True when the signature over the data is this key's. The key must be of the algorithm's kind. */
export function verifyJws(
  algorithm: SigningAlgorithm,
  publicKey: KeyObject,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (algorithm === 'RS256') return verify('sha256', data, publicKey, signature);
  if (signature.length !== 64) return false;
  return verify('sha256', data, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature);
}

/**
 * An ECDSA signature over P-256 as JWS has it, R and S of 32 bytes each (RFC 7518 3.4), from OpenSSL's DER. Node can
 * make this form itself, at twice the cost of the signature.
 */
function concatenated(der: Buffer): Buffer {
  const signature = Buffer.alloc(64);
  let at = 2; // SEQUENCE and its length, which is below 128
  for (const end of [32, 64]) {
    const length = der[at + 1] as number;
    const integer = der.subarray(at + 2, at + 2 + length);
    // A leading zero keeps the integer positive; leading zeros of the value itself are left out.
    const value = integer.subarray(Math.max(0, length - 32));
    value.copy(signature, end - value.length);
    at += 2 + length;
  }
  return signature;
}
