import type { Sql, SqlQuery, SqlValue } from '#core/context.ts';
import type { AuditCriteria } from './criteria.ts';
import { instant } from './seal-store.ts';

/** An event as a search finds it. */
export interface FoundEvent {
  id: number;
  at: string;
  endedAt: string;
  operation: string;
  outcome: string;
  refusal: string | null;
  count: number;
  actorKind: string;
  actorId: string | null;
  actorName: string;
  targetKind: string | null;
  targetId: string | null;
  targetName: string | null;
  wayIn: string;
  clientId: string | null;
  mechanism: string | null;
  ip: string | null;
  clientIdentifier: string | null;
  message: string;
  details: Record<string, unknown>;
}

/** Where a page begins: behind the event that has these values in the columns of the order. */
export type EventKey = readonly (string | number)[];

interface Order {
  columns: (sql: Sql) => SqlQuery<object>[];
  key: (e: FoundEvent) => EventKey;
}

/** By a column of text or time first. Each has an index, in which time and id follow. */
const by = (column: (sql: Sql) => SqlQuery<object>, value: (e: FoundEvent) => string): Order => ({
  columns: (sql) => [column(sql), sql`e.at`, sql`e.id`],
  key: (e) => [value(e), e.at, e.id],
});

/** What events may be ordered by. */
export const AUDIT_ORDERS = {
  at: { columns: (sql) => [sql`e.at`, sql`e.id`], key: (e) => [e.at, e.id] },
  id: { columns: (sql) => [sql`e.id`], key: (e) => [e.id] },
  endedAt: by(
    (sql) => sql`e.ended_at`,
    (e) => e.endedAt,
  ),
  operation: by(
    (sql) => sql`e.operation`,
    (e) => e.operation,
  ),
  outcome: by(
    (sql) => sql`e.outcome`,
    (e) => e.outcome,
  ),
  operatorName: by(
    (sql) => sql`e.actor_name`,
    (e) => e.actorName,
  ),
  targetName: by(
    (sql) => sql`coalesce(e.target_name, '')`,
    (e) => e.targetName ?? '',
  ),
  ip: by(
    (sql) => sql`coalesce(e.ip, '')`,
    (e) => e.ip ?? '',
  ),
} as const satisfies Record<string, Order>;
export type AuditOrder = keyof typeof AUDIT_ORDERS;

export interface EventSearch {
  criteria: AuditCriteria;
  order: AuditOrder;
  isDescending: boolean;
  from: EventKey | null;
  /** Events to pass over, for a page that was asked for out of order. */
  skip: number;
  /** A snapshot of PostgreSQL: only what was there then. */
  snapshot: string | null;
}

/** The next 51 events: a page, and one that tells whether there are more. */
export function searchEvents(sql: Sql, s: EventSearch): SqlQuery<FoundEvent> {
  const columns: SqlQuery<object>[] = AUDIT_ORDERS[s.order].columns(sql);
  const comparison = s.isDescending ? sql`<` : sql`>`;
  const directed = columns.map((column) => (s.isDescending ? sql`${column} desc` : column));
  return sql<FoundEvent>`
    select e.id, ${instant(sql, sql`e.at`)} as at, ${instant(sql, sql`e.ended_at`)} as ended_at, e.operation, e.outcome,
      e.refusal, e.count, e.actor_kind, e.actor_id, e.actor_name, e.target_kind, e.target_id, e.target_name, e.way_in,
      e.client_id, e.mechanism, e.ip, e.client_identifier, e.message, e.details
    from audit_event e
    where ${inPeriod(sql, s)} and ${matches(sql, s.criteria)}
      and ${s.from ? sql`(${list(sql, columns)}) ${comparison} (${list(sql, s.from)})` : sql`true`}
      and ${s.snapshot === null ? sql`true` : isIn(sql, s.snapshot)}
    order by ${list(sql, directed)}
    limit 51 ${s.skip > 0 ? sql`offset ${s.skip}` : sql``}`;
}

const list = (sql: Sql, parts: readonly (SqlQuery<object> | SqlValue)[]): SqlQuery<object> =>
  parts.slice(1).reduce<SqlQuery<object>>((all, part) => sql`${all}, ${part}`, sql`${parts[0]}`);

/** True for what was committed when the snapshot was taken, whatever has been committed since. */
const isIn = (sql: Sql, snapshot: string) => sql`
  (pg_visible_in_snapshot(e.txid, ${snapshot}::pg_snapshot) or e.id <= (select restored_id from audit_head))`;

/**
 * The period that is asked for. In order of time the bound that the page begins behind stands for one end of it:
 * given both, PostgreSQL would walk the index from that end to the page.
 */
function inPeriod(sql: Sql, { criteria: { after, before }, order, from, isDescending }: EventSearch) {
  const lower = sql`e.at >= ${after ?? '-infinity'}::timestamptz`;
  const upper = sql`e.at < ${before ?? 'infinity'}::timestamptz`;
  if (order !== 'at' || !from) return sql`${lower} and ${upper}`;
  return isDescending ? lower : upper;
}

/**
 * A pattern in lower case, in upper case, and with its words' initials in upper case: what `ilike` itself makes of letters
 * beyond ASCII depends on the locale of the database.
 */
function spellings(pattern: string | null): string[] | null {
  if (pattern === null) return null;
  const titled = pattern.replace(/(?<!\p{L})\p{L}/gu, (initial) => initial.toUpperCase());
  return [...new Set([pattern, pattern.toUpperCase(), titled])];
}

/** What has an index stands in the statement only where it is asked for; the rest is always there, as parameters. */
function matches(sql: Sql, c: AuditCriteria) {
  return sql`
    ${oneOf(sql, sql`e.operation`, c.operations)} and ${oneOf(sql, sql`e.outcome`, c.outcomes)}
    and (${spellings(c.operator)}::text[] is null or e.actor_name collate "default" ilike any (${spellings(c.operator)}))
    and (${spellings(c.person)}::text[] is null or e.target_name collate "default" ilike any (${spellings(c.person)}))
    and ${c.id === null ? sql`true` : sql`e.id = ${c.id}`}
    and ${c.operatorId === null ? sql`true` : sql`e.actor_id = ${c.operatorId}`}
    and ${c.personId === null ? sql`true` : sql`e.target_id = ${c.personId}`}
    and ${c.ip === null ? sql`true` : sql`coalesce(e.ip, '') = ${c.ip}`}`;
}

function oneOf(sql: Sql, column: SqlQuery<object>, values: readonly string[] | null): SqlQuery<object> {
  if (values === null) return sql`true`;
  return values.length === 1 ? sql`${column} = ${values[0]}` : sql`${column} = any (${values}::text[])`;
}
