import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Context, Services } from '#core/context.ts';
import { systemActor } from '#core/roles/actor.ts';
import { record } from './audit.ts';
import { type AuditKeyJwk, publicKeyOf, readAuditJwk, thumbprint } from './chain.ts';
import { findKeyInUse, insertKey, type StoredKey } from './seal-store.ts';

const purposeOf = (kid: string) => `audit-key:${kid}`;

/** The key that signs checkpoints now. Refuses `key.unknown` when its master key is not at hand. */
export async function signingKey(services: Services): Promise<{ kid: string; privateKey: KeyObject }> {
  const stored = (await findKeyInUse(services.sql)) ?? (await create(services));
  return { kid: stored.kid, privateKey: unseal(services, stored) };
}

/** True when whoever stored the key had the master key: nobody can slip in a key of their own. */
export function isOurs(services: Services, stored: StoredKey): boolean {
  const jwk = readAuditJwk(stored.publicJwk);
  if (!jwk || thumbprint(jwk) !== stored.kid) return false;
  try {
    return createPublicKey(unseal(services, stored)).equals(publicKeyOf(jwk));
  } catch (error) {
    if ((error as { code?: unknown }).code === 'key.unknown') throw error;
    return false;
  }
}

function unseal(services: Services, stored: StoredKey): KeyObject {
  const pkcs8 = services.vault.unseal(stored.sealedPrivate, purposeOf(stored.kid));
  return createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
}

/** Makes the first key; of several processes at once one does, and the others take what it made. */
async function create(services: Services): Promise<StoredKey> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const publicJwk = readAuditJwk(publicKey.export({ format: 'jwk' })) as AuditKeyJwk;
  const kid = thumbprint(publicJwk);
  const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' });
  const key: StoredKey = {
    kid,
    publicJwk,
    sealedPrivate: Buffer.from(services.vault.seal(pkcs8, purposeOf(kid))),
    createdAt: services.now(),
  };
  const isMade = await services.begin(async (sql) => {
    if (!(await insertKey(sql, key))) return false;
    await record(asSealer(services, sql), {
      operation: 'key.created',
      target: { kind: 'key', id: kid },
      message: 'Signs the checkpoints of the audit',
    });
    return true;
  });
  return isMade ? key : ((await findKeyInUse(services.sql)) as StoredKey);
}

const asSealer = (services: Services, sql: Context['sql']): Context => ({
  sql,
  services,
  actor: systemActor('audit'),
  origin: { window: 'system', requestId: '-', ip: null, clientIdentifier: null },
  now: services.now(),
  inTransaction: true,
});
