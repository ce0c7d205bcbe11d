import { createHash } from 'node:crypto';
import { readAuditCriteria } from '#core/audit/criteria.ts';
import { type AuditReportRow, authorizeAudit, readAuditReport } from '#core/audit/search.ts';
import type { AuditOrder } from '#core/audit/search-store.ts';
import type { Context, Sql } from '#core/context.ts';
import { DomainError } from '#core/errors.ts';
import type { Actor } from '#core/roles/actor.ts';
import { authorize, can } from '#core/roles/authorize.ts';
import type { Reach } from '#core/roles/scope.ts';
import { type PeopleReportRow, readPeopleCriteria, readPeopleReport } from './people-report.ts';
import { isReportId, REPORT_IDS, REPORTS, type Report, type ReportId } from './report.ts';
import * as store from './store.ts';

export const PAGE_SIZE = 50;
/** Pages passed over at once on the way to one that no other led to: so few that an index is walked, never all sorted. */
const STRIDE = 40;
/** A reading that nobody went on with for so long may be removed; then a later page begins a new one. */
const KEPT_MS = 60 * 60_000;

export interface ReportRows {
  audit: AuditReportRow;
  people: PeopleReportRow;
}

export interface ReportQuery {
  /** From 1. Past the end there is an empty page. */
  page?: number;
  /** A column of the report's `orders`; `-` first is descending. */
  orderBy?: string | undefined;
  /** By their names; empty values are none. */
  criteria?: Readonly<Record<string, string | undefined>>;
}

export interface ReportPage<Row> {
  rows: Row[];
  page: number;
  hasNext: boolean;
  orderBy: string;
}

type Criteria = Readonly<Record<string, string | undefined>>;

interface Slice {
  reach: Reach;
  order: string;
  isDescending: boolean;
  from: store.PageKey | null;
  skip: number;
  snapshot: string;
  startedAt: Date;
}

/** How a report is read: its criteria are understood first, so that nothing is begun for a query that is refused. */
interface Source<Row> {
  authorize(actor: Actor): Reach;
  prepare(given: Criteria): {
    criteria: unknown;
    read(sql: Sql, slice: Slice): Promise<{ row: Row; key: store.PageKey }[]>;
  };
}

const SOURCES: { readonly [Id in ReportId]: Source<ReportRows[Id]> } = {
  audit: {
    authorize(actor) {
      authorizeAudit(actor);
      return { scope: 'all' };
    },
    prepare(given) {
      const criteria = readAuditCriteria(given);
      return {
        criteria,
        read: (sql, slice) => readAuditReport(sql, { ...slice, criteria, order: slice.order as AuditOrder }),
      };
    },
  },
  people: {
    authorize: (actor) => authorize(actor, REPORTS.people.permission),
    prepare(given) {
      const criteria = readPeopleCriteria(given);
      return { criteria, read: (sql, slice) => readPeopleReport(sql, { ...slice, criteria }) };
    },
  },
};

/** The reports that the actor may read. */
export function listReports(ctx: Context): (Report & { id: ReportId })[] {
  return REPORT_IDS.filter((id) => can(ctx.actor, REPORTS[id].permission)).map((id) => ({
    id,
    ...REPORTS[id],
  }));
}

/** The id of a report. Refuses `report.not_found`. */
export function reportNamed(id: string): ReportId {
  if (!isReportId(id)) throw new DomainError('report.not_found');
  return id;
}

/**
 * A page of a report. Its first page begins a reading: what is in it then stays in it, in its order, on every further
 * page, whatever is written meanwhile and whichever process answers; rows that are added later are not in it. Each
 * session has readings of its own, one per report, order and criteria. A page costs the same wherever it is, unless
 * the pages before it were never read. Refuses `report.page_invalid`, `report.order_unknown` and
 * `report.criterion_invalid`.
 */
export async function readReport<Id extends ReportId>(
  ctx: Context,
  id: Id,
  query: ReportQuery = {},
): Promise<ReportPage<ReportRows[Id]>> {
  const source: Source<ReportRows[Id]> = SOURCES[id];
  const reach = source.authorize(ctx.actor);
  const page = validPage(query.page ?? 1);
  const orderBy = validOrder(REPORTS[id], query.orderBy);
  const { criteria, read } = source.prepare(query.criteria ?? {});

  const isDescending = orderBy.startsWith('-');
  const order = isDescending ? orderBy.slice(1) : orderBy;

  const { reading, ...nearest } = await nearestTo(ctx, readingIds(ctx.actor, [id, orderBy, criteria]), page);
  const { snapshot, startedAt } = reading;
  let known: KnownPage | null = nearest.known;
  while (known) {
    const reached = Math.min(page, known.page + STRIDE);
    const skip = (reached - known.page) * PAGE_SIZE;
    const { from } = known;
    const found = await read(ctx.sql, { reach, order, isDescending, from, skip, snapshot, startedAt });
    const rows = found.slice(0, PAGE_SIZE).map(({ row }) => row);
    const next = found.length > PAGE_SIZE ? (found[PAGE_SIZE - 1]?.key ?? null) : null;
    await store.keepPage(ctx.sql, reading, rows.length > 0 ? reached + 1 : reached, next, ctx.now);
    if (reached === page) return { rows, page, hasNext: next !== null, orderBy };
    known = next && { page: reached + 1, from: next };
  }
  return { rows: [], page, hasNext: false, orderBy };
}

function validPage(page: number): number {
  if (!Number.isInteger(page) || page < 1 || page > Number.MAX_SAFE_INTEGER / PAGE_SIZE - 1) {
    throw new DomainError('report.page_invalid', { field: 'page' });
  }
  return page;
}

function validOrder({ orders, defaultOrder }: Report, given: string | undefined): string {
  const orderBy = given?.trim() || defaultOrder;
  if (!orders.includes(orderBy.replace(/^-/, ''))) {
    throw new DomainError('report.order_unknown', {
      field: 'orderBy',
      detail: `one of ${orders.join(', ')}`,
    });
  }
  return orderBy;
}

function readingIds({ kind, id, name, sessionId }: Actor, what: readonly unknown[]): store.ReadingIds {
  const hash = (...reader: unknown[]) =>
    createHash('sha256')
      .update(JSON.stringify([reader, what]))
      .digest('base64url');
  const family = hash(kind, id ?? name);
  return { family, id: sessionId ? hash(kind, id, sessionId) : family };
}

/** A page, and the row that it begins behind; null for the first. */
interface KnownPage {
  page: number;
  from: store.PageKey | null;
}

/** The reading, and its nearest page whose beginning is known; none where the report is known to end before the page. */
async function nearestTo(
  ctx: Context,
  ids: store.ReadingIds,
  page: number,
): Promise<{ reading: store.Reading; known: KnownPage | null }> {
  const idleSince = new Date(ctx.now.getTime() - KEPT_MS);
  const first = { page: 1, from: null };
  const begin = async () => ({
    reading: await store.beginReading(ctx.sql, ids, ctx.now, idleSince),
    known: first,
  });
  if (page === 1) return begin();
  let reading = await store.resumeReading(ctx.sql, ids.id, page);
  if (!reading) {
    await store.adoptReading(ctx.sql, ids, page, ctx.now, idleSince);
    reading = await store.resumeReading(ctx.sql, ids.id, page);
  }
  if (!reading) return begin();
  const { knownPage, key } = reading;
  if (knownPage === null) return { reading, known: first };
  return { reading, known: key && { page: knownPage, from: key } };
}
