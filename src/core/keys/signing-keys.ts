import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { record } from '#core/audit/audit.ts';
import type { Context, Services, Sql } from '#core/context.ts';
import { systemActor } from '#core/roles/actor.ts';
import { settingValue } from '#core/settings/settings.ts';
import { type SigningAlgorithm, signJws } from '#standards/jose/signature.ts';
import { type PublicJwk, thumbprint } from '#standards/jose/thumbprint.ts';
import { nextTerm, type Term } from './rotation-plan.ts';
import * as store from './signing-key-store.ts';

export { SIGNING_KEYS_CHANNEL } from './signing-key-store.ts';

/** A key that tokens are signed with. Its id is its thumbprint (RFC 7638). */
export interface SigningKey {
  readonly kid: string;
  readonly alg: SigningAlgorithm;
  readonly publicJwk: PublicJwk;
  readonly publicKey: KeyObject;
  /** Signs on the thread pool; gives what stands in a JWS. Refuses `key.unknown` without the master key. */
  sign(data: Uint8Array): Promise<Buffer>;
}

/** The keys at one moment. Another object stands for it as soon as anything in it changes, and not before. */
export interface KeySet {
  /** Those that verify: the present ones, the next ones, and old ones while a token of theirs may live. */
  readonly published: readonly SigningKey[];
  /** The one of an algorithm that signs now. */
  readonly signing: ReadonlyMap<SigningAlgorithm, SigningKey>;
}

/** What the keys are needed for. */
export interface KeyNeeds {
  readonly algorithms: readonly SigningAlgorithm[];
  /** Seconds that a token signed now may live at most. */
  readonly longestLifetime: number;
}

export interface SigningKeys {
  /** The keys now, with one that signs for each algorithm needed; makes what is missing. */
  forSigning(needs: KeyNeeds): Promise<KeySet>;
  /** A published key by its id. One that is not known is looked for in the database, at most once a second. */
  find(kid: string): Promise<SigningKey | undefined>;
  /** Reads the keys again, unless that was done within so many milliseconds. */
  refresh(maxAge: number): Promise<void>;
  /** Makes the next keys in time, removes those that are over; to be run from time to time. */
  maintain(): Promise<void>;
}

const SOON_MS = 1_000;
/** Added to the life of the last token, for clocks that differ. */
const LEEWAY_SECONDS = 300;

const purposeOf = (kid: string) => `signing-key:${kid}`;
const generate = promisify(generateKeyPair);

type Held = SigningKey & Term & { publishedUntil: Date };

/** The signing keys of the installation, which all its processes share, as one process has them in memory. */
export function createSigningKeys(services: Services): SigningKeys {
  let held: readonly Held[] = [];
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;
  let needs: KeyNeeds = { algorithms: [], longestLifetime: 0 };
  let view: { set: KeySet; until: number } | undefined;

  async function read(): Promise<void> {
    const before = new Map(held.map((key) => [key.kid, key]));
    const began = performance.now();
    const rows = await store.findSigningKeys(services.sql);
    held = rows.map((row) => {
      const known = before.get(row.kid);
      return known ? { ...known, publishedUntil: row.publishedUntil } : holdKey(services, row);
    });
    readAt = began;
    const same = rows.length === before.size && rows.every((row) => before.has(row.kid));
    if (!same) view = undefined;
  }

  /** Whoever asks while a read is under way that began before takes part in the next one. */
  async function refresh(maxAge: number): Promise<void> {
    const asked = performance.now();
    while (readAt < asked - maxAge) {
      reading ??= read().finally(() => {
        reading = undefined;
      });
      await reading;
    }
  }

  function current(): KeySet {
    const time = services.now().getTime();
    if (view && time < view.until) return view.set;
    const set = setAt(held, time);
    const moments = held.flatMap((key) => [key.signsFrom, key.signsUntil, key.publishedUntil]);
    const until = Math.min(...moments.map((at) => at.getTime()).filter((at) => at > time));
    const kids = (keys: Iterable<SigningKey>) => Array.from(keys, (key) => key.kid).join();
    const isSame =
      view !== undefined &&
      kids(view.set.published) === kids(set.published) &&
      kids(view.set.signing.values()) === kids(set.signing.values());
    view = { set: isSame && view ? view.set : set, until };
    return view.set;
  }

  /** Makes one missing key. The pair is made before the transaction, which then finds out whether it is still missing. */
  async function make(alg: SigningAlgorithm): Promise<void> {
    const pair = await newPair(alg);
    await services.begin(async (sql) => {
      await store.lockSigningKeys(sql);
      const term = await missingTerm(sql, services.now(), alg);
      if (!term) return;
      await insert(services, sql, alg, pair, term, needs.longestLifetime);
    });
    await refresh(0);
  }

  const making = new Map<SigningAlgorithm, Promise<void>>();

  /** Many requests may find at once that a key is missing. */
  function makeMissing(alg: SigningAlgorithm): Promise<void> {
    const made =
      making.get(alg) ??
      (async () => {
        while (await missingTerm(services.sql, services.now(), alg)) await make(alg);
      })().finally(() => making.delete(alg));
    making.set(alg, made);
    return made;
  }

  async function extend(): Promise<void> {
    const seconds = needs.longestLifetime + LEEWAY_SECONDS;
    if (await store.extendPublication(services.sql, services.now(), seconds)) await refresh(0);
  }

  return {
    refresh,
    async forSigning(asked) {
      const grown = asked.longestLifetime > needs.longestLifetime;
      needs = {
        algorithms: [...new Set([...needs.algorithms, ...asked.algorithms])],
        longestLifetime: Math.max(needs.longestLifetime, asked.longestLifetime),
      };
      if (readAt === Number.NEGATIVE_INFINITY) await refresh(0);
      if (grown) await extend();
      const isMissing = (alg: SigningAlgorithm) => !current().signing.has(alg);
      if (asked.algorithms.some(isMissing)) await refresh(0); // another process may have made it
      for (const alg of asked.algorithms) if (isMissing(alg)) await makeMissing(alg);
      return current();
    },
    async find(kid) {
      const known = () => current().published.find((key) => key.kid === kid);
      const found = known();
      if (found) return found;
      await refresh(SOON_MS);
      return known();
    },
    async maintain() {
      await refresh(0);
      await extend();
      for (const alg of needs.algorithms) await makeMissing(alg);
      const time = services.now().getTime();
      if (held.every((key) => key.publishedUntil.getTime() > time)) return;
      await removeExpired(services);
      await refresh(0);
    },
  };
}

function setAt(held: readonly Held[], time: number): KeySet {
  const published = held.filter((key) => key.publishedUntil.getTime() > time);
  const signing = new Map<SigningAlgorithm, SigningKey>();
  for (const key of published)
    if (key.signsFrom.getTime() <= time && time < key.signsUntil.getTime()) signing.set(key.alg, key);
  return { published, signing };
}

async function missingTerm(sql: Sql, now: Date, alg: SigningAlgorithm): Promise<Term | undefined> {
  const keys = (await store.findSigningKeys(sql)).filter((key) => key.alg === alg);
  const days = {
    lifetime: Number(await settingValue(sql, 'Signing Key Lifetime')),
    overlap: Number(await settingValue(sql, 'Signing Key Overlap')),
  };
  // A next key is never made before its forerunner has signed: an overlap is at most half of a lifetime.
  return nextTerm(keys, now, { ...days, overlap: Math.min(days.overlap, days.lifetime / 2) });
}

/** A key of the database in memory. Its private part is opened at its first signature. */
function holdKey(services: Services, row: store.StoredSigningKey): Held {
  let privateKey: KeyObject | undefined;
  const open = () => {
    const pkcs8 = services.vault.unseal(row.sealedPrivate, purposeOf(row.kid));
    return createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
  };
  return {
    kid: row.kid,
    alg: row.alg,
    publicJwk: row.publicJwk,
    publicKey: createPublicKey({ key: { ...row.publicJwk }, format: 'jwk' }),
    signsFrom: row.signsFrom,
    signsUntil: row.signsUntil,
    publishedUntil: row.publishedUntil,
    sign(data) {
      privateKey ??= open();
      return signJws(row.alg, privateKey, data);
    },
  };
}

function newPair(alg: SigningAlgorithm): Promise<{ publicKey: KeyObject; privateKey: KeyObject }> {
  return alg === 'RS256' ? generate('rsa', { modulusLength: 2048 }) : generate('ec', { namedCurve: 'P-256' });
}

async function insert(
  services: Services,
  sql: Sql,
  alg: SigningAlgorithm,
  { publicKey, privateKey }: { publicKey: KeyObject; privateKey: KeyObject },
  term: Term,
  longestLifetime: number,
): Promise<void> {
  const publicJwk = publicKey.export({ format: 'jwk' }) as unknown as PublicJwk;
  const kid = thumbprint(publicJwk);
  const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' });
  const publishedFor = (longestLifetime + LEEWAY_SECONDS) * 1000;
  await store.insertSigningKey(sql, {
    kid,
    alg,
    publicJwk,
    sealedPrivate: Buffer.from(services.vault.seal(pkcs8, purposeOf(kid))),
    createdAt: services.now(),
    ...term,
    publishedUntil: new Date(term.signsUntil.getTime() + publishedFor),
  });
  await record(asKeeper(services, sql), {
    operation: 'key.created',
    target: { kind: 'key', id: kid },
    message: 'Signs tokens',
    details: { alg, signsFrom: term.signsFrom, signsUntil: term.signsUntil },
  });
  await store.tellOfSigningKeys(sql);
}

async function removeExpired(services: Services): Promise<void> {
  await services.begin(async (sql) => {
    for (const { kid, alg } of await store.removeExpiredKeys(sql, services.now()))
      await record(asKeeper(services, sql), {
        operation: 'key.retired',
        target: { kind: 'key', id: kid },
        details: { alg },
      });
  });
}

const asKeeper = (services: Services, sql: Sql): Context => ({
  sql,
  services,
  actor: systemActor('signing keys'),
  origin: { window: 'system', requestId: '-', ip: null, clientIdentifier: null },
  now: services.now(),
  inTransaction: true,
});
