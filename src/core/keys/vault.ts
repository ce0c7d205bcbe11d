import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import type { Vault } from '#core/context.ts';
import { DomainError } from '#core/errors.ts';

/** A key that wraps stored secrets: 32 bytes, known by its fingerprint. */
export interface MasterKey {
  /** The first 8 bytes of SHA-256 over a fixed prefix and the key, in hex. */
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** The master keys of this process. */
export interface Keyring {
  /** What new values are sealed under. */
  current(): MasterKey;
  /** Any key that may still have sealed something; may look again where keys are kept before it says undefined. */
  find(id: string): MasterKey | undefined;
}

export const KEY_BYTES = 32;
const ID_BYTES = 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = 1;
const HEADER_BYTES = 1 + ID_BYTES;
const SHORTEST = HEADER_BYTES + NONCE_BYTES + TAG_BYTES;

/** Where in a sealed value its key id stands, as SQL's `substring` counts. */
export const KEY_ID_IN_SEALED = { from: 2, length: ID_BYTES } as const;

/** Knows a key by its fingerprint. Refuses by a plain error what is not 32 bytes long. */
export function masterKey(bytes: Uint8Array): MasterKey {
  if (bytes.length !== KEY_BYTES) throw new Error(`a master key has ${KEY_BYTES} bytes, not ${bytes.length}`);
  const digest = createHash('sha256').update('signet master key\n').update(bytes).digest();
  return { id: digest.toString('hex', 0, ID_BYTES), bytes };
}

/**
 * Seals with AES-256-GCM (NIST SP 800-38D). The sealed form is: version 1 (one byte), key id (8), nonce (12, random),
 * ciphertext, tag (16). Version, key id and purpose are associated data, so a value cannot be passed off as another's.
 * With random nonces one key may seal 2^32 values (section 8.3): more than any installation has secrets.
 */
export function createVault(keyring: Keyring): Vault {
  return {
    seal: (plain, purpose) => sealWith(keyring.current(), plain, purpose, randomBytes(NONCE_BYTES)),
    unseal(sealed, purpose) {
      const id = keyIdOf(sealed);
      const key = keyring.find(id);
      if (!key) throw new DomainError('key.unknown', { detail: `key ${id}` });
      return unsealWith(key, sealed, purpose);
    },
  };
}

/** The id of the key that a value was sealed under. */
export function keyIdOf(sealed: Uint8Array): string {
  if (sealed.length < SHORTEST) throw new Error('a sealed value is too short');
  if (sealed[0] !== VERSION) throw new Error(`a sealed value has version ${sealed[0]}, which is not known`);
  return Buffer.from(sealed.subarray(1, HEADER_BYTES)).toString('hex');
}

/** `seal` with a nonce of the caller's choice; only tests choose one. */
export function sealWith(key: MasterKey, plain: Uint8Array, purpose: string, nonce: Uint8Array): Buffer {
  const header = Buffer.concat([Buffer.of(VERSION), Buffer.from(key.id, 'hex')]);
  const cipher = createCipheriv('aes-256-gcm', key.bytes, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.concat([header, Buffer.from(purpose, 'utf8')]));
  const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([header, nonce, ciphertext, cipher.getAuthTag()]);
}

export function unsealWith(key: MasterKey, sealed: Uint8Array, purpose: string): Buffer {
  const header = sealed.subarray(0, HEADER_BYTES);
  const nonce = sealed.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES);
  const tagAt = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', key.bytes, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.concat([header, Buffer.from(purpose, 'utf8')]));
  decipher.setAuthTag(sealed.subarray(tagAt));
  const plain = decipher.update(sealed.subarray(HEADER_BYTES + NONCE_BYTES, tagAt));
  return Buffer.concat([plain, decipher.final()]);
}
