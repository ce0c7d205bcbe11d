import type { Services, Sql } from '#core/context.ts';
import { type AuditKeyJwk, type AuditRecord, type Checkpoint, START_HASH } from './chain.ts';
import * as store from './history-store.ts';
import { isOurs } from './keys.ts';
import { findKeys } from './seal-store.ts';

/**
 * The history of what happened, item by item: the same whether it comes from the database or from an export. First
 * `start` and the keys, then the events in the order of their sequence with each checkpoint behind the event it was
 * signed at, then the events that are not sealed (or not signed) yet, then `end`.
 */
export type AuditItem =
  | { kind: 'start'; sequence: number; hash: Buffer; through: number }
  /** `isOurs`: the one who stored it had the master key; null where that cannot be told. */
  | { kind: 'key'; kid: string; jwk: AuditKeyJwk; isOurs: boolean | null }
  /** `record` is null where the event itself is gone. `isOutside`: not asked for, but needed for the proof. */
  | {
      kind: 'event';
      sequence: number;
      eventId: number;
      hash: Buffer;
      record: AuditRecord | null;
      isOutside: boolean;
    }
  | { kind: 'checkpoint'; checkpoint: Checkpoint }
  | { kind: 'unsealed'; record: AuditRecord }
  /** `overlooked`: an event that is not in the chain though the sealer has passed it. */
  | { kind: 'end'; sequence: number; hash: Buffer; unsealed: number; overlooked: number | null }
  /** Of an export: a line that is none, and everything behind it. */
  | { kind: 'malformed'; message: string };

/** Of events with `after <= at < before`. */
export interface Period {
  after?: Date;
  before?: Date;
}

/** The whole history in the database, in one snapshot: to be read in a transaction that `store.beginSnapshot` began. */
export async function* liveHistory(services: Services, sql: Sql): AsyncGenerator<AuditItem> {
  const head = await store.findEnd(sql);
  yield { kind: 'start', sequence: 0, hash: START_HASH, through: head.sequence };
  yield* keysOf(services, sql);
  yield* sealedEvents(sql, { from: 0, through: Number.MAX_SAFE_INTEGER }, {});
  const { unsealed, overlooked } = await store.countUnsealed(sql);
  yield { kind: 'end', ...head, unsealed, overlooked };
}

export async function* keysOf(services: Services, sql: Sql): AsyncGenerator<AuditItem & { kind: 'key' }> {
  for (const key of await findKeys(sql)) {
    yield { kind: 'key', kid: key.kid, jwk: key.publicJwk, isOurs: isOurs(services, key) };
  }
}

/** The events behind sequence `from` up to `through`, and the checkpoints among them and, at the end, beyond. */
export async function* sealedEvents(
  sql: Sql,
  range: { from: number; through: number },
  period: Period,
): AsyncGenerator<AuditItem> {
  const checkpoints = pages((last: Checkpoint | undefined) =>
    store.findCheckpoints(sql, last?.sequence ?? range.from, range.through),
  );
  let next = await checkpoints.next();
  const events = pages((last: store.SealedRow | undefined) =>
    store.findSealed(
      sql,
      last ?? { sequence: range.from, eventId: Number.MAX_SAFE_INTEGER },
      range.through,
      period,
    ),
  );
  for await (const { sequence, eventId, hash, isOutside, ...columns } of events) {
    for (; !next.done && next.value.sequence < sequence; next = await checkpoints.next()) {
      yield { kind: 'checkpoint', checkpoint: next.value };
    }
    const record = columns.id === null ? null : (columns as unknown as AuditRecord);
    yield { kind: 'event', sequence, eventId, hash, record, isOutside };
  }
  for (; !next.done; next = await checkpoints.next()) yield { kind: 'checkpoint', checkpoint: next.value };
}

/** All rows of a query that gives them page by page, each after the last row of the one before. */
export async function* pages<Row>(page: (last: Row | undefined) => PromiseLike<Row[]>): AsyncGenerator<Row> {
  let last: Row | undefined;
  for (;;) {
    const rows = await page(last);
    if (rows.length === 0) return;
    yield* rows;
    last = rows.at(-1);
  }
}
