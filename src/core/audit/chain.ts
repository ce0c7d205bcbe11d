import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

/**
 * An event as it is sealed: a flat object of texts, integers and nulls, one member per column of `audit_event` but
 * `txid`, which is a coordinate of one database server. `details` is the text of its JSON, so that no number in it is
 * ever rounded.
 */
export type AuditRecord = Readonly<Record<string, string | number | null>> & { readonly id: number };

/** What comes before the first event. */
export const START_HASH: Buffer = Buffer.alloc(32);

/**
 * The canonical form of an event: RFC 8785 (JSON Canonicalization Scheme) of its members that are not null. Members
 * that are null are left out, so a column added later does not change the form of older events. Two different events
 * never have the same form.
 */
export function canonical(record: Readonly<Record<string, string | number | null>>): string {
  let text = '{';
  for (const name of Object.keys(record).sort()) {
    const value = record[name];
    if (value === null || value === undefined) continue;
    text += `${text === '{' ? '' : ','}${JSON.stringify(name)}:${JSON.stringify(value)}`;
  }
  return `${text}}`;
}

/** The hash of an event in its place: SHA-256 over the 32 bytes of the hash before it and its canonical form in UTF-8. */
export function chainHash(previous: Uint8Array, canonicalEvent: string): Buffer {
  return createHash('sha256').update(previous).update(canonicalEvent, 'utf8').digest();
}

/** Says, with a signature, that the chain has this hash after this many events. */
export interface Checkpoint {
  readonly sequence: number;
  readonly hash: Buffer;
  /** UTC with milliseconds. */
  readonly at: string;
  readonly kid: string;
  readonly signature: Buffer;
}

/** The public half of a key that signs checkpoints (RFC 8037). */
export interface AuditKeyJwk {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
}

/** What a checkpoint's signature is over: RFC 8785 of these members, the hash in hex. */
function signedText(c: Omit<Checkpoint, 'signature'>): string {
  return canonical({
    at: c.at,
    format: 'signet-audit-checkpoint-1',
    hash: c.hash.toString('hex'),
    kid: c.kid,
    sequence: c.sequence,
  });
}

/** Signs with Ed25519 (RFC 8032). */
export function signCheckpoint(checkpoint: Omit<Checkpoint, 'signature'>, key: KeyObject): Checkpoint {
  return { ...checkpoint, signature: sign(null, Buffer.from(signedText(checkpoint)), key) };
}

export function isSignedBy(checkpoint: Checkpoint, key: KeyObject): boolean {
  return verify(null, Buffer.from(signedText(checkpoint)), key, checkpoint.signature);
}

/** The JWK thumbprint (RFC 7638), by which an audit key is known. */
export function thumbprint({ crv, kty, x }: AuditKeyJwk): string {
  return createHash('sha256').update(canonical({ crv, kty, x })).digest('base64url');
}

/** The members of a public Ed25519 key, of whatever is given; undefined when it is none. */
export function readAuditJwk(given: unknown): AuditKeyJwk | undefined {
  const { kty, crv, x } = (given ?? {}) as Record<string, unknown>;
  if (kty !== 'OKP' || crv !== 'Ed25519' || typeof x !== 'string') return undefined;
  return /^[\w-]{43}$/.test(x) ? { kty, crv, x } : undefined;
}

export function publicKeyOf(jwk: AuditKeyJwk): KeyObject {
  return createPublicKey({ key: { ...jwk }, format: 'jwk' });
}
