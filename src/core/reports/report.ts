import { REPORT_CRITERIA } from '#core/audit/criteria.ts';
import { AUDIT_ORDERS } from '#core/audit/search-store.ts';
import type { Permission } from '#core/roles/permissions.ts';

/** What a report shows, and what may be asked of it. */
export interface Report {
  name: string;
  /** Its own permission; its reach cuts the report, unless it says otherwise. */
  permission: Permission;
  columns: readonly string[];
  criteria: readonly string[];
  /** The columns it may be ordered by. */
  orders: readonly string[];
  /** `-` first is descending. */
  defaultOrder: string;
}

export const REPORTS = {
  audit: {
    name: 'Unrestricted Audit Report',
    permission: 'report.audit',
    columns: [
      'id',
      'operation',
      'title',
      'operatorName',
      'operatorId',
      'targetName',
      'targetId',
      'at',
      'endedAt',
      'outcome',
      'refusal',
      'type',
      'message',
      'count',
      'ip',
      'clientIdentifier',
      'values',
    ],
    criteria: REPORT_CRITERIA,
    orders: Object.keys(AUDIT_ORDERS),
    defaultOrder: '-at',
  },
  people: {
    name: 'People',
    permission: 'report.people',
    columns: [
      'id',
      'logonName',
      'firstName',
      'surname',
      'groupId',
      'groupName',
      'email',
      'enabled',
      'createdAt',
    ],
    criteria: ['person', 'enabled'],
    orders: ['surname'],
    defaultOrder: 'surname',
  },
} as const satisfies Record<string, Report>;

export type ReportId = keyof typeof REPORTS;
export const REPORT_IDS = Object.keys(REPORTS) as ReportId[];
export const isReportId = (id: string): id is ReportId => Object.hasOwn(REPORTS, id);
