import { REPORTS as CORE, type ReportId } from '#core/reports/report.ts';
import { PAGE, type Parameter } from './documented.ts';

/** A report as the API knows it: its id, and its words for core's columns and criteria. */
export interface WireReport {
  core: ReportId;
  name: string;
  desc: string;
  permission: (typeof CORE)[ReportId]['permission'];
  /** The columns it can be ordered by, with core's name. */
  orders: Readonly<Record<string, string>>;
  criteria: readonly Criterion[];
}

export interface Criterion {
  name: string;
  core: string;
  description: string;
  /** The words of the API that core has others for. */
  values?: Readonly<Record<string, string>>;
}

/** How an event ended. */
export const STATUSES = { Successful: 'success', Failed: 'refused', Error: 'failed' } as const;

export const REPORTS: Readonly<Record<string, WireReport>> = {
  290015: {
    core: 'audit',
    name: CORE.audit.name,
    desc: 'Everything that was done or refused, whoever did it',
    permission: CORE.audit.permission,
    orders: {
      UTCStartTime: 'at',
      UTCEndTime: 'endedAt',
      id: 'id',
      operation: 'operation',
      auditStatus: 'outcome',
      operatorName: 'operatorName',
      targetName: 'targetName',
      clientIP: 'ip',
    },
    criteria: [
      { name: 'after', core: 'after', description: 'From this time on; ISO 8601, UTC without a zone' },
      { name: 'before', core: 'before', description: 'Up to this time' },
      { name: 'operation', core: 'operation', description: 'What was done, such as `Edit Person`' },
      { name: 'operator', core: 'operator', description: 'Part of the name of who did it' },
      { name: 'person', core: 'person', description: 'Part of the name of whom it was about' },
      {
        name: 'status',
        core: 'status',
        description: `How it ended: ${Object.keys(STATUSES).join(', ')}`,
        values: STATUSES,
      },
      { name: 'type', core: 'type', description: 'Audit, Error or Trace' },
      { name: 'auditId', core: 'id', description: 'One event' },
    ],
  },
  190503: {
    core: 'people',
    name: CORE.people.name,
    desc: 'The people in scope',
    permission: CORE.people.permission,
    orders: { surname: 'surname' },
    criteria: [
      { name: 'person', core: 'person', description: 'Part of a full name or logon name' },
      { name: 'enabled', core: 'enabled', description: 'Yes or No' },
    ],
  },
};

/** The query parameters of a report, for its documentation. */
export function parametersOf({ orders, criteria }: WireReport): Parameter[] {
  const columns = Object.keys(orders);
  const orderBy = {
    name: 'order_by',
    description: `One of ${columns.join(', ')}; \`-\` first is descending`,
    schema: { type: 'string' },
  };
  const asked = criteria.map(({ name, description }) => ({ name, description, schema: { type: 'string' } }));
  return [PAGE, orderBy, ...asked];
}
