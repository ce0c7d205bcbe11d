import type { Sql } from '#core/context.ts';
import { DomainError } from '#core/errors.ts';
import type { Reach } from '#core/roles/scope.ts';
import { containsPattern } from '#core/search.ts';
import { findPeopleRows, type PeopleReportRow } from './store.ts';

export type { PeopleReportRow };

export interface PeopleCriteria {
  /** A LIKE pattern for name and logon name together, lower-cased. */
  person: string | null;
  isEnabled: boolean | null;
}

const ANSWERS = new Map([
  ['yes', true],
  ['true', true],
  ['no', false],
  ['false', false],
]);

/** Reads the criteria `person` (part of a name, `*` standing for anything) and `enabled`. Refuses `report.criterion_invalid`. */
export function readPeopleCriteria(given: Readonly<Record<string, string | undefined>>): PeopleCriteria {
  for (const [name, value] of Object.entries(given)) {
    if ((name !== 'person' && name !== 'enabled') || (value ?? '').length > 256) refuse(name);
  }
  const enabled = given.enabled?.trim().toLowerCase() ?? '';
  return {
    person: containsPattern(given.person ?? ''),
    isEnabled: enabled === '' ? null : (ANSWERS.get(enabled) ?? refuse('enabled')),
  };
}

function refuse(field: string): never {
  throw new DomainError('report.criterion_invalid', { field });
}

export interface PeopleSearch {
  reach: Reach;
  criteria: PeopleCriteria;
  isDescending: boolean;
  from: readonly (string | number)[] | null;
  skip: number;
  /** Whoever was added later is not in this reading. */
  startedAt: Date;
}

/** A page of the people report, with where the next one begins. */
export async function readPeopleReport(sql: Sql, search: PeopleSearch) {
  const rows = await findPeopleRows(sql, search);
  return rows.map(({ sortKey, ...row }) => ({ row, key: [sortKey, row.id] }));
}
