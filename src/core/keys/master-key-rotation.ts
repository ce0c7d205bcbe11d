import { record } from '#core/audit/audit.ts';
import { type Context, transaction } from '#core/context.ts';
import { DomainError } from '#core/errors.ts';
import { type KeyStore, type MasterKeys, makeKey, proofOf } from './master-keys.ts';
import { SEALED_COLUMNS, type SealedColumn } from './sealed-columns.ts';
import {
  countSealed,
  findKnownKeys,
  findSealedUnderOthers,
  insertKnownKey,
  type KnownKey,
  lockMasterKeys,
  replaceSealed,
  retireKnownKeys,
} from './store.ts';
import type { MasterKey } from './vault.ts';

/** A master key and where it stands. */
export interface ListedKey {
  id: string;
  /** `spare`: at hand, but the database does not know it. `outgoing`: a rotation is replacing it. */
  state: 'current' | 'outgoing' | 'retired' | 'spare';
  isAtHand: boolean;
  createdAt: Date | null;
  retiredAt: Date | null;
  /** How many stored values are sealed under it. */
  values: number;
}

/** Every key that the database or the key store knows. */
export async function listMasterKeys(
  ctx: Context,
  store: KeyStore,
  columns: readonly SealedColumn[] = SEALED_COLUMNS,
): Promise<ListedKey[]> {
  const atHand = new Set(store.read().map((key) => key.id));
  const counts = await countByKey(ctx, columns);
  const known = await findKnownKeys(ctx.sql);
  const standing = known.filter((key) => key.retiredAt === null);
  const stateOf = (key: KnownKey) =>
    key.retiredAt ? 'retired' : key === standing[0] ? 'current' : 'outgoing';
  const listed = known.map(
    (key): ListedKey => ({
      id: key.id,
      state: stateOf(key),
      isAtHand: atHand.has(key.id),
      createdAt: key.createdAt,
      retiredAt: key.retiredAt,
      values: counts.get(key.id) ?? 0,
    }),
  );
  const spare = [...atHand].filter((id) => !known.some((key) => key.id === id));
  return [
    ...listed,
    ...spare.map(
      (id): ListedKey => ({
        id,
        state: 'spare',
        isAtHand: true,
        createdAt: null,
        retiredAt: null,
        values: counts.get(id) ?? 0,
      }),
    ),
  ];
}

async function countByKey(ctx: Context, columns: readonly SealedColumn[]): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const column of columns) {
    for (const { id, count } of await countSealed(ctx.sql, column))
      counts.set(id, (counts.get(id) ?? 0) + count);
  }
  return counts;
}

/** A rotation that has not ended yet. */
export interface Rotation {
  readonly to: MasterKey;
  /** True when an earlier run began it and this one goes on. */
  readonly isResumed: boolean;
}

/**
 * The key that a rotation goes to: of one that was begun and not ended, the same again; else a key of the store that
 * the database has never seen; else a new one. It is kept in the store, and nothing is sealed under it yet.
 * Refuses `master_key.none_new` where keys come from the environment and no new one is there.
 */
export async function prepareRotation(ctx: Context, keys: MasterKeys): Promise<Rotation> {
  const known = await findKnownKeys(ctx.sql);
  const standing = known.filter((key) => key.retiredAt === null);
  if (standing.length > 1) return { to: keys.current(), isResumed: true };
  const unseen = keys.store.readNew().find((key) => !known.some(({ id }) => id === key.id));
  if (unseen) return { to: unseen, isResumed: false };
  if (!keys.store.canChange) throw new DomainError('master_key.none_new', { detail: keys.store.place });
  return { to: makeKey(keys.store), isResumed: false };
}

/**
 * Makes the key of the rotation the current one for whoever asks from now on. Every running process must have it at
 * hand by then; whatever one still seals under the old key is found by `rewrapSealed`.
 */
export async function startRotation(ctx: Context, keys: MasterKeys, rotation: Rotation): Promise<void> {
  await transaction(ctx, async (tx) => {
    await lockMasterKeys(tx.sql);
    const standing = (await findKnownKeys(tx.sql)).filter((key) => key.retiredAt === null);
    if (standing.length > 1) return; // begun before, or by somebody else just now: that one is joined
    await insertKnownKey(tx.sql, rotation.to.id, proofOf(rotation.to), ctx.now);
  });
  await keys.refresh();
}

const BATCH = 200;

/**
 * Seals every stored value that stands under another key anew under the current one. Works in small batches, a
 * statement each, while servers go on reading and writing; a value changed meanwhile is left to the next round, and rounds
 * are made until one finds nothing. Whatever happens in the middle, starting again goes on with what is left.
 */
export async function rewrapSealed(
  ctx: Context,
  keys: MasterKeys,
  onProgress: (done: number, total: number) => void = () => {},
  columns: readonly SealedColumn[] = SEALED_COLUMNS,
): Promise<number> {
  const counts = await countByKey(ctx, columns);
  counts.delete(keys.current().id);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  let done = 0;
  for (let found = 1; found > 0; ) {
    found = 0;
    for (const column of columns) {
      found += await rewrapColumn(ctx, keys.current().id, column, (more) => {
        done += more;
        onProgress(Math.min(done, total), total);
      });
    }
  }
  return done;
}

async function rewrapColumn(
  ctx: Context,
  keyId: string,
  column: SealedColumn,
  onBatch: (count: number) => void,
): Promise<number> {
  const { vault } = ctx.services;
  let found = 0;
  let after: string[] | undefined;
  for (;;) {
    const batch = await findSealedUnderOthers(ctx.sql, column, keyId, after, BATCH);
    if (batch.length === 0) return found;
    const sealed = batch.map(({ sealed, purpose }) => vault.seal(vault.unseal(sealed, purpose), purpose));
    await replaceSealed(ctx.sql, column, batch, sealed);
    found += batch.length;
    onBatch(batch.length);
    after = batch.at(-1)?.key;
  }
}

/** Ends a rotation: the old keys are retired, which lets starts do without them. They stay at hand for old backups. */
export async function finishRotation(ctx: Context, keys: MasterKeys, values: number): Promise<string[]> {
  return transaction(ctx, async (tx) => {
    await lockMasterKeys(tx.sql);
    const current = keys.current().id;
    const outgoing = (await findKnownKeys(tx.sql))
      .filter((key) => key.retiredAt === null && key.id !== current)
      .map((key) => key.id);
    if (outgoing.length === 0) return outgoing; // another run has ended it
    await retireKnownKeys(tx.sql, outgoing, ctx.now);
    await record(tx, {
      operation: 'master_key.rotated',
      target: { kind: 'key', id: current },
      details: { from: outgoing, to: current, values },
    });
    return outgoing;
  });
}

/**
 * Takes a key out of the store for good. Refuses one that is in use: current, outgoing, or with values under it. The
 * database goes on knowing its id.
 */
export async function forgetMasterKey(ctx: Context, store: KeyStore, id: string): Promise<void> {
  const key = (await listMasterKeys(ctx, store)).find((listed) => listed.id === id);
  if (!key?.isAtHand) throw new DomainError('master_key.not_found', { detail: id });
  if (key.state === 'current' || key.state === 'outgoing' || key.values > 0)
    throw new DomainError('master_key.in_use', { detail: `${key.state}, ${key.values} stored values` });
  store.remove(id);
  await record(ctx, { operation: 'master_key.forgotten', target: { kind: 'key', id } });
}
