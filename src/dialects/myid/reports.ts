import type { AuditReportRow } from '#core/audit/search.ts';
import { DomainError } from '#core/errors.ts';
import type { ReportId } from '#core/reports/report.ts';
import { listReports, type ReportRows, readReport } from '#core/reports/reports.ts';
import { type Call, guid } from './call.ts';
import { isGuid } from './fields.ts';
import type { Handler } from './handlers.ts';
import { nextPage } from './links.ts';
import { OPERATIONS, type OperationName } from './operations.ts';
import { pageNumber } from './paging.ts';
import { type Criterion, REPORTS, STATUSES, type WireReport } from './report-catalogue.ts';

/** The operations of the API that leave an event of core. */
const OP_OF: Partial<Record<string, OperationName>> = {
  'person.added': 'addPerson',
  'person.edited': 'editPerson',
  'person.enabled': 'enablePerson',
  'person.disabled': 'disablePerson',
  'person.removed': 'removePerson',
  'image.set': 'setImage',
  'group.added': 'addGroup',
  'group.edited': 'editGroup',
  'group.moved': 'moveGroup',
  'group.removed': 'removeGroup',
  'role.added': 'addRole',
  'role.edited': 'editRole',
  'role.removed': 'removeRole',
  'attribute.defined': 'defineAttribute',
  'attribute.removed': 'removeAttribute',
  'setting.changed': 'editSetting',
};

const STATUS_OF = Object.fromEntries(Object.entries(STATUSES).map(([word, core]) => [core, word]));
const TYPE_OF: Readonly<Record<AuditReportRow['type'], string>> = { audit: 'Audit', error: 'Error' };

const ROWS: { readonly [Id in ReportId]: (row: ReportRows[Id]) => object } = {
  /** Contract 6.10. */
  audit: (row) => {
    const op = OP_OF[row.operation];
    return {
      id: row.id,
      operation: row.title,
      opId: op ? OPERATIONS[op].op : '',
      operatorName: row.operatorName,
      operatorId: idOf(row.operatorId),
      targetName: row.targetName ?? '',
      targetId: idOf(row.targetId),
      UTCStartTime: row.at.toISOString(),
      UTCEndTime: row.endedAt.toISOString(),
      auditStatus: STATUS_OF[row.outcome] ?? row.outcome,
      auditType: TYPE_OF[row.type],
      message: row.message,
      count: row.count,
      clientIP: row.ip ?? '',
      clientIdentifier: row.clientIdentifier ?? '',
      values: row.values.map(({ name, from, to }) => ({ name, from: textOf(from), to: textOf(to) })),
    };
  },
  people: (row) => ({
    id: guid(row.id),
    logonName: row.logonName,
    firstName: row.firstName ?? '',
    surname: row.surname ?? '',
    groupName: row.groupName,
    emailAddress: row.email ?? '',
    Enabled: row.enabled ? 'Yes' : 'No',
    createdAt: row.createdAt.toISOString(),
    href: `people/${guid(row.id)}`,
  }),
};

/** Targets that are no objects with a GUID are named by their own ids. */
const idOf = (id: string | null): string => (id === null ? '' : isGuid(id) ? guid(id) : id);

const textOf = (value: unknown): string =>
  value === null || value === undefined
    ? ''
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value);

/** The column of core that a page is to be ordered by. */
function orderOf({ orders }: WireReport, given: string | undefined): string | undefined {
  const wanted = given?.trim() ?? '';
  if (wanted === '') return undefined;
  const sign = wanted.startsWith('-') ? '-' : '';
  const folded = wanted.slice(sign.length).toLowerCase();
  const column = Object.keys(orders).find((name) => name.toLowerCase() === folded);
  if (column === undefined) {
    const detail = `one of ${Object.keys(orders).join(', ')}`;
    throw new DomainError('report.order_unknown', { field: 'order_by', detail });
  }
  return sign + orders[column];
}

function orderWord({ orders }: WireReport, used: string): string {
  const sign = used.startsWith('-') ? '-' : '';
  return sign + (Object.keys(orders).find((name) => orders[name] === used.slice(sign.length)) ?? '');
}

/** What was asked, by the API's names: only the criteria of the report, other parameters mean nothing. */
const asked = (report: WireReport, call: Call): [criterion: Criterion, value: string][] =>
  report.criteria.flatMap((criterion) => {
    const value = call.query(criterion.name.toLowerCase());
    return value ? [[criterion, value] as const] : [];
  }) as [Criterion, string][];

function inCore({ values = {} }: Criterion, value: string): string {
  const word = Object.keys(values).find((name) => name.toLowerCase() === value.trim().toLowerCase());
  return word === undefined ? value : (values[word] as string);
}

export const reports = {
  async listReports(ctx) {
    const readable = new Set<string>(listReports(ctx).map(({ id }) => id));
    const entries = Object.entries(REPORTS).filter(([, report]) => readable.has(report.core));
    return {
      results: entries.map(([id, { name, desc }]) => ({ id, name, desc, href: `reports/${id}` })),
    };
  },

  async readReport(ctx, call) {
    const id = call.param('reportId');
    const report = Object.hasOwn(REPORTS, id) ? REPORTS[id] : undefined;
    if (!report) throw new DomainError('report.not_found');
    const page = pageNumber(call.query('page'));
    const criteria = asked(report, call);
    const found = await readReport(ctx, report.core, {
      page,
      orderBy: orderOf(report, call.query('order_by')),
      criteria: Object.fromEntries(criteria.map(([c, value]) => [c.core, inCore(c, value)])),
    });
    const results = found.rows.map(ROWS[report.core] as (row: unknown) => object);
    const parameters = {
      page: String(page + 1),
      order_by: orderWord(report, found.orderBy),
      ...Object.fromEntries(criteria.map(([{ name }, value]) => [name, value])),
    };
    return { results, links: found.hasNext ? [nextPage(`reports/${id}`, parameters)] : [] };
  },
} satisfies Record<string, Handler>;
