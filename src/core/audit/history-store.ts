import type { Sql, SqlQuery } from '#core/context.ts';
import type { AuditRecord, Checkpoint } from './chain.ts';
import type { Period } from './history.ts';
import { checkpointColumns, sealedColumns } from './seal-store.ts';

/** Must be the first statement of a transaction: everything it reads is of one moment, however long it takes. */
export async function beginSnapshot(sql: Sql): Promise<void> {
  await sql`set transaction isolation level repeatable read read only`;
  // One statement goes through everything, and whoever takes what is read may pause.
  await sql`set local statement_timeout = 0`;
  await sql`set local idle_in_transaction_session_timeout = '10min'`;
}

export async function findEnd(sql: Sql): Promise<{ sequence: number; hash: Buffer }> {
  const [row] = await sql<{ sequence: number; hash: Buffer }>`select sequence, hash from audit_head`;
  return row as { sequence: number; hash: Buffer };
}

/** A row of the chain with its event; the event's columns are null where it is gone. */
export interface SealedRow {
  sequence: number;
  eventId: number;
  hash: Buffer;
  isOutside: boolean;
  id: number | null;
}

const isWithin = (sql: Sql, { after, before }: Period) => sql`
  e.at >= ${after?.toISOString() ?? '-infinity'}::timestamptz and e.at < ${before?.toISOString() ?? 'infinity'}::timestamptz`;

export function findSealed(
  sql: Sql,
  last: { sequence: number; eventId: number },
  through: number,
  period: Period,
): SqlQuery<SealedRow> {
  return sql<SealedRow>`
    select s.sequence, s.event_id, s.hash, not (${isWithin(sql, period)}) as is_outside, ${sealedColumns(sql)}
    from audit_seal s left join audit_event e on e.id = s.event_id
    where s.sequence >= ${last.sequence} and (s.sequence, s.event_id) > (${last.sequence}, ${last.eventId})
      and s.sequence <= ${through}
    order by s.sequence, s.event_id
    limit 1000`;
}

export function findCheckpoints(sql: Sql, after: number, through: number): SqlQuery<Checkpoint> {
  return sql<Checkpoint>`
    select ${checkpointColumns(sql)}
    from audit_checkpoint
    where sequence > ${after} and sequence <= ${through}
    order by sequence
    limit 1000`;
}

/** The events that are not in the chain: how many new ones, and the first that ought to be. */
export async function countUnsealed(sql: Sql): Promise<{ unsealed: number; overlooked: number | null }> {
  const [row] = await sql<{ unsealed: number; overlooked: number | null }>`
    select count(*) filter (where (e.txid, e.id) > (h.settled, h.event_id)) as unsealed,
      min(e.id) filter (where (e.txid, e.id) <= (h.settled, h.event_id)) as overlooked
    from audit_event e cross join audit_head h
    where not exists (select from audit_seal s where s.event_id = e.id)`;
  return row ?? { unsealed: 0, overlooked: null };
}

/** The part of the chain that holds the events of a period, and the first checkpoint that covers it. */
export interface Part {
  first: number | null;
  last: number | null;
  signedThrough: number;
  /** The last checkpoint of all. */
  lastSigned: number;
}

export async function findPart(sql: Sql, period: Period): Promise<Part> {
  const isAll = !period.after && !period.before;
  const [part] = isAll
    ? await sql<Part>`select min(sequence) as first, max(sequence) as last from audit_seal`
    : await sql<Part>`
        select min(s.sequence) as first, max(s.sequence) as last
        from audit_event e join audit_seal s on s.event_id = e.id
        where ${isWithin(sql, period)}`;
  const [signed] = await sql<Pick<Part, 'signedThrough' | 'lastSigned'>>`
    select coalesce(min(sequence) filter (where sequence >= ${part?.last}), max(sequence), 0) as signed_through,
      coalesce(max(sequence), 0) as last_signed
    from audit_checkpoint`;
  return { first: null, last: null, signedThrough: 0, lastSigned: 0, ...part, ...signed };
}

export async function findHashAt(sql: Sql, sequence: number): Promise<Buffer | undefined> {
  const [row] = await sql<{ hash: Buffer }>`select hash from audit_seal where sequence = ${sequence}`;
  return row?.hash;
}

/** The events that the sealer has not come to yet, in the order of their transactions. */
export function findUnsealed(
  sql: Sql,
  last: (AuditRecord & { txid: string }) | undefined,
  period: Period,
): SqlQuery<AuditRecord & { txid: string }> {
  const cursor = last
    ? sql`${last.txid}::xid8, ${last.id}`
    : sql`(select settled from audit_head), (select event_id from audit_head)`;
  return sql<AuditRecord & { txid: string }>`
    select ${sealedColumns(sql)}, e.txid
    from audit_event e
    where (e.txid, e.id) > (${cursor}) and (select s.sequence from audit_seal s where s.event_id = e.id) is null
      and ${isWithin(sql, period)}
    order by e.txid, e.id
    limit 1000`;
}
