import type { Sql } from '#core/context.ts';
import type { SigningAlgorithm } from '#standards/jose/signature.ts';
import type { PublicJwk } from '#standards/jose/thumbprint.ts';

export interface StoredSigningKey {
  kid: string;
  alg: SigningAlgorithm;
  publicJwk: PublicJwk;
  sealedPrivate: Buffer;
  createdAt: Date;
  signsFrom: Date;
  signsUntil: Date;
  publishedUntil: Date;
}

/** The channel on which the processes tell each other that the keys have changed. */
export const SIGNING_KEYS_CHANNEL = 'signet_signing_keys';

/** In the order in which they sign. */
export async function findSigningKeys(sql: Sql): Promise<StoredSigningKey[]> {
  return sql<StoredSigningKey>`
    select kid, alg, public_jwk, sealed_private, created_at, signs_from, signs_until, published_until
    from signing_key order by signs_from, kid`;
}

/** One process at a time changes the keys, until its transaction ends. */
export async function lockSigningKeys(sql: Sql): Promise<void> {
  await sql`select pg_advisory_xact_lock(7364642)`;
}

export async function insertSigningKey(sql: Sql, key: StoredSigningKey): Promise<void> {
  await sql`
    insert into signing_key (kid, alg, public_jwk, sealed_private, created_at, signs_from, signs_until, published_until)
    values (${key.kid}, ${key.alg}, ${sql.json(key.publicJwk)}, ${key.sealedPrivate}, ${key.createdAt}, ${key.signsFrom},
      ${key.signsUntil}, ${key.publishedUntil})`;
}

/** Keeps every key that still signs published for this many seconds after it has ended to. True when one was not. */
export async function extendPublication(sql: Sql, now: Date, seconds: number): Promise<boolean> {
  const rows = await sql`
    update signing_key set published_until = signs_until + make_interval(secs => ${seconds})
    where signs_until > ${now} and published_until < signs_until + make_interval(secs => ${seconds})
    returning kid`;
  return rows.length > 0;
}

/** Removes the keys whose last token has expired; their private parts are gone for good then. */
export async function removeExpiredKeys(sql: Sql, now: Date): Promise<{ kid: string; alg: string }[]> {
  return sql<{ kid: string; alg: string }>`
    delete from signing_key where published_until <= ${now} returning kid, alg`;
}

/** Tells every process when the transaction commits. */
export async function tellOfSigningKeys(sql: Sql): Promise<void> {
  await sql`select pg_notify(${SIGNING_KEYS_CHANNEL}, '')`;
}
