import type { Sql, SqlQuery } from '#core/context.ts';
import type { AuditKeyJwk, AuditRecord, Checkpoint } from './chain.ts';

/** One sealer at a time over all processes, until the transaction ends. False when another one is at it. */
export async function tryLockSealing(sql: Sql): Promise<boolean> {
  const [row] = await sql<{ locked: boolean }>`select pg_try_advisory_xact_lock(7364641) as locked`;
  return row?.locked === true;
}

export async function lockSealing(sql: Sql): Promise<void> {
  await sql`select pg_advisory_xact_lock(7364641)`;
}

/** The events after the cursor whose transactions have all ended, so that nothing can come in between later. */
const isSettled = (sql: Sql) => sql`
  (e.txid, e.id) > ((select settled from audit_head), (select event_id from audit_head))
  and e.txid < pg_snapshot_xmin(pg_current_snapshot())`;

/** How far the chain goes and is signed, and whether there is more to seal: one cheap read for an idle sealer. */
export interface Standing {
  sequence: number;
  hash: Buffer;
  signedSequence: number | null;
  signedAt: Date | null;
  isBehind: boolean;
}

export async function findStanding(sql: Sql): Promise<Standing> {
  const [row] = await sql<Standing>`
    select h.sequence, h.hash, c.sequence as signed_sequence, c.at as signed_at,
      h.settled > pg_snapshot_xmax(pg_current_snapshot())
        or (select e.id from audit_event e where ${isSettled(sql)} order by e.txid, e.id limit 1) is not null as is_behind
    from audit_head h
    left join lateral (select sequence, at from audit_checkpoint order by sequence desc limit 1) c on true`;
  return row as Standing;
}

export interface Head {
  sequence: number;
  hash: Buffer;
  /** True on a database restored from a copy of another server's, whose transaction numbers were ahead of this one's. */
  isRestored: boolean;
  /** Every transaction before this one has ended. */
  xmin: string;
}

export async function findHead(sql: Sql): Promise<Head> {
  const [row] = await sql<Head>`
    select sequence, hash, settled > pg_snapshot_xmax(pg_current_snapshot()) as is_restored,
      pg_snapshot_xmin(pg_current_snapshot())::text as xmin
    from audit_head`;
  return row as Head;
}

/** A point in time as text: UTC, as precise as it is stored, whatever the connection is set to. */
export const instant = (sql: Sql, column: SqlQuery<object>) =>
  sql`to_json(${column} at time zone 'UTC') #>> '{}' || 'Z'`;

/** The columns of event `e` that are sealed. A column added to `audit_event` is added here. */
export const sealedColumns = (sql: Sql): SqlQuery<object> => sql`
  e.id, ${instant(sql, sql`e.at`)} as at, ${instant(sql, sql`e.ended_at`)} as ended_at, e.operation, e.outcome,
  e.refusal, e.count, e.actor_kind, e.actor_id, e.actor_name, e.target_kind, e.target_id, e.target_name, e.way_in,
  e.client_id, e.session_id, e.mechanism, e.ip, e.client_identifier, e.request_id, e.message, e.details::text`;

/** Stands in the SQL as a number, so that the planner sees how few are wanted. */
export const BATCH = 500;

/** The next events to seal, in the order of their transactions. One that is sealed already came with a restore. */
export function findSettled(sql: Sql): SqlQuery<AuditRecord & { txid: string; isSealed: boolean }> {
  return sql<AuditRecord & { txid: string; isSealed: boolean }>`
    select ${sealedColumns(sql)}, e.txid, (select s.sequence from audit_seal s where s.event_id = e.id) is not null as is_sealed
    from audit_event e
    where ${isSettled(sql)}
    order by e.txid, e.id
    limit 500`;
}

/** Events of a restored database whose transactions are ahead of this server's: all of them have ended elsewhere. */
export function findRestored(sql: Sql): SqlQuery<AuditRecord> {
  return sql<AuditRecord>`
    select ${sealedColumns(sql)}
    from audit_event e
    where e.txid >= pg_snapshot_xmax(pg_current_snapshot())
      and (select s.sequence from audit_seal s where s.event_id = e.id) is null
    order by e.txid, e.id
    limit 500`;
}

/** Starts a restored database over with this server's transaction numbers, once `findRestored` finds nothing more. */
export async function adoptRestored(sql: Sql): Promise<void> {
  await sql`
    update audit_head set settled = '0', event_id = 0,
      restored_id = (select coalesce(max(id), 0) from audit_event where txid >= pg_snapshot_xmax(pg_current_snapshot()))`;
}

export interface Batch {
  head: Head;
  eventIds: number[];
  hashes: Buffer[];
  /** The cursor after the batch; null leaves it as it is. */
  settled: { txid: string; eventId: number } | null;
}

/** Appends to the chain, if it still ends where the batch begins; gives how many events were written. */
export async function appendSeals(sql: Sql, b: Batch): Promise<number> {
  const [row] = await sql<{ count: number }>`
    with moved as (
      update audit_head set sequence = sequence + ${b.eventIds.length}, hash = coalesce(${b.hashes.at(-1)}, hash),
        settled = coalesce(${b.settled?.txid}::xid8, settled), event_id = coalesce(${b.settled?.eventId}, event_id)
      where sequence = ${b.head.sequence} and hash = ${b.head.hash}
      returning sequence
    ), sealed as (
      insert into audit_seal (sequence, event_id, hash)
      select ${b.head.sequence} + n, event_id, new.hash
      from moved, unnest(${b.eventIds}::bigint[], ${b.hashes}::bytea[]) with ordinality as new (event_id, hash, n)
      returning sequence
    )
    select count(*) from sealed`;
  return row?.count ?? 0;
}

/** The time as it was signed, whatever it was changed to. */
export const checkpointColumns = (sql: Sql): SqlQuery<object> => sql`
  sequence, hash, coalesce(to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), '') as at, kid, signature`;

export async function insertCheckpoint(sql: Sql, c: Checkpoint): Promise<boolean> {
  const rows = await sql`
    insert into audit_checkpoint (sequence, hash, at, kid, signature)
    values (${c.sequence}, ${c.hash}, ${c.at}, ${c.kid}, ${c.signature})
    on conflict (sequence) do nothing
    returning sequence`;
  return rows.length > 0;
}

export async function findLastCheckpoint(sql: Sql): Promise<Checkpoint | undefined> {
  const [row] = await sql<Checkpoint>`
    select ${checkpointColumns(sql)} from audit_checkpoint order by sequence desc limit 1`;
  return row;
}

export interface StoredKey {
  kid: string;
  publicJwk: AuditKeyJwk;
  sealedPrivate: Buffer;
  createdAt: Date;
}

/** The key that signs now. */
export async function findKeyInUse(sql: Sql): Promise<StoredKey | undefined> {
  const [row] = await sql<StoredKey>`
    select kid, public_jwk, sealed_private, created_at from audit_key where retired_at is null`;
  return row;
}

/** Every key there ever was. */
export async function findKeys(sql: Sql): Promise<StoredKey[]> {
  return sql<StoredKey>`select kid, public_jwk, sealed_private, created_at from audit_key order by created_at, kid`;
}

/** False when another process was first. */
export async function insertKey(sql: Sql, k: StoredKey): Promise<boolean> {
  const rows = await sql`
    insert into audit_key (kid, public_jwk, sealed_private, created_at)
    values (${k.kid}, ${sql.json(k.publicJwk)}, ${k.sealedPrivate}, ${k.createdAt})
    on conflict do nothing
    returning kid`;
  return rows.length > 0;
}
