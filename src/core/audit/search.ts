import type { Context, Sql } from '#core/context.ts';
import { DomainError } from '#core/errors.ts';
import type { Actor } from '#core/roles/actor.ts';
import { authorize } from '#core/roles/authorize.ts';
import { type AuditType, readAuditCriteria, SEARCH_CRITERIA, typeOf } from './criteria.ts';
import { AUDITED } from './event.ts';
import * as store from './search-store.ts';

/** An event as it is read. */
export interface AuditReportRow {
  id: number;
  /** The key of what was done, and the words for it. */
  operation: string;
  title: string;
  operatorName: string;
  operatorId: string | null;
  operatorKind: string;
  targetName: string | null;
  targetId: string | null;
  targetKind: string | null;
  at: Date;
  endedAt: Date;
  outcome: 'success' | 'refused' | 'failed';
  /** The error code of a refusal. */
  refusal: string | null;
  type: AuditType;
  message: string;
  /** How many equal refusals the row stands for. */
  count: number;
  wayIn: string;
  mechanism: string | null;
  clientId: string | null;
  ip: string | null;
  clientIdentifier: string | null;
  /** What changed, or was told besides: `from` is null where there was nothing before. */
  values: { name: string; from: unknown; to: unknown }[];
}

/**
 * Refuses whoever may not read the audit. It knows no scope, but it holds the events of every tenant: only somebody of
 * the tenant of Root may read it.
 */
export function authorizeAudit(actor: Actor): void {
  authorize(actor, 'report.audit');
  if (!actor.inRootTenant)
    throw new DomainError('actor.forbidden', { detail: 'the audit is of all tenants' });
}

/**
 * Events by who did what to whom, when, from where and how it ended, the newest first, up to 50; `next` leads on.
 * Refuses `report.criterion_invalid`.
 */
export async function findEvents(
  ctx: Context,
  criteria: Readonly<Record<string, string | undefined>>,
  from: store.EventKey | null = null,
): Promise<{ events: AuditReportRow[]; next: store.EventKey | null }> {
  authorizeAudit(ctx.actor);
  const rows = await store.searchEvents(ctx.sql, {
    criteria: readAuditCriteria(criteria, SEARCH_CRITERIA),
    order: 'at',
    isDescending: true,
    from,
    skip: 0,
    snapshot: null,
  });
  const page = rows.slice(0, 50);
  const last = page.at(-1);
  return {
    events: page.map(toRow),
    next: rows.length > page.length && last ? store.AUDIT_ORDERS.at.key(last) : null,
  };
}

/** A page of the audit report, with where the next one begins. */
export async function readAuditReport(
  sql: Sql,
  search: store.EventSearch,
): Promise<{ row: AuditReportRow; key: store.EventKey }[]> {
  const events = await store.searchEvents(sql, search);
  const { key } = store.AUDIT_ORDERS[search.order];
  return events.map((event) => ({ row: toRow(event), key: key(event) }));
}

function toRow(e: store.FoundEvent): AuditReportRow {
  const { actorName, actorId, actorKind, at, endedAt, details, outcome, ...rest } = e;
  return {
    ...rest,
    outcome: outcome as AuditReportRow['outcome'],
    at: timeOf(at),
    endedAt: timeOf(endedAt),
    title: AUDITED[e.operation as keyof typeof AUDITED] ?? e.operation,
    operatorName: actorName,
    operatorId: actorId,
    operatorKind: actorKind,
    type: typeOf(outcome),
    values: Object.entries(details).map(([name, value]) => ({ name, ...change(value) })),
  };
}

/** A time that somebody changed to one that no event has, such as infinity, is shown as the last there is. */
function timeOf(text: string): Date {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? new Date(8.64e15) : time;
}

function change(value: unknown): { from: unknown; to: unknown } {
  const isChange = typeof value === 'object' && value !== null && 'from' in value && 'to' in value;
  return isChange ? { from: value.from, to: value.to } : { from: null, to: value };
}
