import { randomBytes } from 'node:crypto';
import type { Services } from '#core/context.ts';
import { DomainError } from '#core/errors.ts';
import { findKnownKeys, insertKnownKey, type KnownKey, lockMasterKeys } from './store.ts';
import { KEY_BYTES, type Keyring, type MasterKey, masterKey, sealWith, unsealWith } from './vault.ts';

/** Where an installation keeps its master keys: a file of the home, or the environment. */
export interface KeyStore {
  /** For messages: the path of the file, or the name of the variable. */
  readonly place: string;
  /** False where only an operator can put a key: the environment. */
  readonly canChange: boolean;
  /** All keys there are; one to begin with comes first. */
  read(): MasterKey[];
  /** Those that may become the current one by a rotation: never one that an escrow copy brought. */
  readNew(): MasterKey[];
  /** Keeps the key for good before it returns. */
  add(key: MasterKey, from: 'made' | 'escrow'): void;
  remove(id: string): void;
}

/** The master keys of a process, as the database wants them used. */
export interface MasterKeys extends Keyring {
  readonly store: KeyStore;
  /** Learns anew which key is current and which there are. Refuses as `openMasterKeys`; then all stays as it was. */
  refresh(): Promise<void>;
}

export type KeyDatabase = Pick<Services, 'sql' | 'begin' | 'now'>;

/** A key that was missed is looked for again after this long: that is how a running process meets a new one. */
const LOOK_AGAIN_MS = 1_000;

/**
 * Opens the master keys of an installation. The database says which one is current, so that all processes and hosts
 * seal under the same. Only for a database that knows none yet is one chosen or made; where the one that it needs is
 * not at hand the start is refused (`master_key.missing`) with what is needed, what there is and what to do.
 */
export async function openMasterKeys(database: KeyDatabase, store: KeyStore): Promise<MasterKeys> {
  let { current, keys } = await look(database, store);
  const missed = { id: '', at: 0 };

  return {
    store,
    current: () => current,
    find(id) {
      const isFresh = missed.id === id && Date.now() < missed.at + LOOK_AGAIN_MS;
      if (!keys.has(id) && !isFresh) {
        keys = byId(store.read());
        if (!keys.has(id)) Object.assign(missed, { id, at: Date.now() });
      }
      return keys.get(id);
    },
    async refresh() {
      ({ current, keys } = await look(database, store));
    },
  };
}

const byId = (keys: readonly MasterKey[]) => new Map(keys.map((key) => [key.id, key]));

async function look(database: KeyDatabase, store: KeyStore) {
  let known = await findKnownKeys(database.sql);
  if (known.length === 0) known = await begin(database, store);
  const keys = byId(store.read());
  const needed = known.filter((key) => key.retiredAt === null);
  for (const { id, proof } of needed) {
    const key = keys.get(id);
    if (!key) throw missingKey(id, [...keys.keys()], store);
    check(key, proof, store);
  }
  return { current: keys.get(needed[0]?.id ?? '') as MasterKey, keys };
}

/** The first start on an empty database, settled between processes by a lock. */
async function begin(database: KeyDatabase, store: KeyStore): Promise<KnownKey[]> {
  return database.begin(async (sql) => {
    await lockMasterKeys(sql);
    const known = await findKnownKeys(sql);
    if (known.length > 0) return known;
    const key = store.read()[0] ?? makeKey(store);
    await insertKnownKey(sql, key.id, proofOf(key), database.now());
    return findKnownKeys(sql);
  });
}

/** A new random key, kept in the store before anybody uses it. */
export function makeKey(store: KeyStore): MasterKey {
  const key = masterKey(randomBytes(KEY_BYTES));
  store.add(key, 'made');
  return key;
}

const proofPurpose = (id: string) => `master-key:${id}`;
const PROOF = Buffer.from('signet');

/** What lets a database tell the right key from another: a known text sealed under it. */
export const proofOf = (key: MasterKey): Buffer =>
  sealWith(key, PROOF, proofPurpose(key.id), randomBytes(12));

function check(key: MasterKey, proof: Uint8Array, store: KeyStore): void {
  try {
    if (unsealWith(key, proof, proofPurpose(key.id)).equals(PROOF)) return;
  } catch {}
  throw new DomainError('master_key.wrong', {
    detail: `Key ${key.id} in ${store.place} does not open the proof that the database keeps of it.`,
  });
}

function missingKey(id: string, found: string[], store: KeyStore): DomainError {
  const there = found.length === 0 ? 'holds none' : `holds ${found.join(', ')}`;
  const remedy = store.canChange
    ? 'Bring its escrow copy: signet keys import FILE.'
    : `Add that key to ${store.place} (several keys are separated by commas).`;
  return new DomainError('master_key.missing', {
    detail: `The database needs key ${id}; ${store.place} ${there}. ${remedy}`,
  });
}
