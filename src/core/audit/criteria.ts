import { DomainError } from '#core/errors.ts';
import { containsPattern } from '#core/search.ts';
import { AUDITED, type AuditOperation } from './event.ts';

/** Which events are asked for; null where it does not matter. */
export interface AuditCriteria {
  /** From this time on, and up to but without that: ISO 8601, UTC. */
  after: string | null;
  before: string | null;
  operations: readonly string[] | null;
  outcomes: readonly string[] | null;
  /** LIKE patterns for the lower-cased names of who did it and whom it was about. */
  operator: string | null;
  person: string | null;
  id: number | null;
  /** Exactly this actor, target or address. */
  operatorId: string | null;
  personId: string | null;
  ip: string | null;
}

/** What the reader of the report may give; an empty value is none. */
export const REPORT_CRITERIA = [
  'after',
  'before',
  'operation',
  'operator',
  'person',
  'status',
  'type',
  'id',
] as const;

/** What a search may be given. */
export const SEARCH_CRITERIA = [...REPORT_CRITERIA, 'operatorId', 'personId', 'ip'] as const;
export type AuditCriterion = (typeof SEARCH_CRITERIA)[number];

const LONGEST = 256;

/**
 * Reads criteria. Times are RFC 3339, or a date; without a zone they are UTC. An operation is named by its key or its
 * words, a status by `success`, `refused` or `failed`, a type by `audit`, `error` or `trace`; `operator` and `person`
 * are parts of a name, `*` standing for anything. Refuses `report.criterion_invalid` with the criterion as field.
 */
export function readAuditCriteria(
  given: Readonly<Record<string, string | undefined>>,
  known: readonly AuditCriterion[] = REPORT_CRITERIA,
): AuditCriteria {
  for (const [name, value] of Object.entries(given)) {
    if (!(known as readonly string[]).includes(name) || (value ?? '').length > LONGEST) refuse(name);
  }
  const read = <T>(name: AuditCriterion, parse: (text: string) => T | undefined): T | null => {
    const text = given[name]?.trim() ?? '';
    if (text === '') return null;
    return parse(text) ?? refuse(name);
  };
  const ofType = read('type', (text) => OUTCOMES_OF_TYPE.get(text.toLowerCase()));
  const ofStatus = read('status', (text) => OUTCOMES.filter((outcome) => outcome === text.toLowerCase()));
  if (ofStatus?.length === 0) refuse('status');
  return {
    after: read('after', readTime),
    before: read('before', readTime),
    operations: read('operation', operationsNamed),
    outcomes:
      ofType && ofStatus ? ofStatus.filter((outcome) => ofType.includes(outcome)) : (ofStatus ?? ofType),
    operator: read('operator', (text) => containsPattern(text) ?? '%'),
    person: read('person', (text) => containsPattern(text) ?? '%'),
    id: read('id', readId),
    operatorId: read('operatorId', readUuid),
    personId: read('personId', readUuid),
    ip: read('ip', (text) => text),
  };
}

function refuse(field: string): never {
  throw new DomainError('report.criterion_invalid', { field });
}

const OUTCOMES = ['success', 'refused', 'failed'] as const;

/** A refusal is a decision that was taken as it should be; only what went wrong is an error. Nothing is traced. */
const OUTCOMES_OF_TYPE = new Map<string, readonly string[]>([
  ['audit', ['success', 'refused']],
  ['error', ['failed']],
  ['trace', []],
]);

export type AuditType = 'audit' | 'error';
export const typeOf = (outcome: string): AuditType => (outcome === 'failed' ? 'error' : 'audit');

function operationsNamed(text: string): AuditOperation[] | undefined {
  const folded = text.toLowerCase();
  const found = (Object.keys(AUDITED) as AuditOperation[]).filter(
    (key) => key === folded || AUDITED[key].toLowerCase() === folded,
  );
  return found.length > 0 ? found : undefined;
}

const TIME = /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)?)?$/;

function readTime(text: string): string | undefined {
  const parts = TIME.exec(text);
  if (!parts) return undefined;
  const [, year, month, day, hour = '00', minute = '00', , zone] = parts;
  if (Number(day) > new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59) return undefined;
  const time = new Date(zone || !parts[4] ? text : `${text}Z`);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

function readId(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function readUuid(text: string): string | undefined {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text) ? text.toLowerCase() : undefined;
}
