import type { KeyObject } from 'node:crypto';
import { ExternalSigningKey } from 'oidc-provider';
import type { SigningKey } from '#core/keys/signing-keys.ts';

/** A signing key as oidc-provider takes it: the private part never enters it, and signing is on the thread pool. */
class HeldKey extends ExternalSigningKey {
  readonly #key: SigningKey;

  constructor(key: SigningKey) {
    super();
    this.#key = key;
    Object.assign(this, { kid: key.kid, alg: key.alg });
  }

  override keyObject(): KeyObject {
    return this.#key.publicKey;
  }

  override sign(data: Uint8Array): Promise<Buffer> {
    return this.#key.sign(data);
  }
}

/** In this order: the first of its algorithm is the one that ID tokens are signed with. */
export function heldKeys(published: readonly SigningKey[], signing: Iterable<SigningKey>): HeldKey[] {
  return [...new Set([...signing, ...published])].map((key) => new HeldKey(key));
}
