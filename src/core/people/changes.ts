import { isDeepStrictEqual } from 'node:util';
import type { Person } from './person.ts';

/** Bookkeeping, not facts about the person. */
const SILENT = new Set<keyof Person>([
  'id',
  'tenantId',
  'groupAncestors',
  'imageFields',
  'version',
  'createdAt',
  'changedAt',
]);

/** What differs, for the audit: the value before and after, by attribute. */
export function changes(before: Person, after: Person): Record<string, { from: unknown; to: unknown }> {
  const told: Record<string, { from: unknown; to: unknown }> = {};
  for (const key of Object.keys(before) as (keyof Person)[]) {
    if (SILENT.has(key) || isDeepStrictEqual(canonical(before[key]), canonical(after[key]))) continue;
    told[key] = { from: before[key], to: after[key] };
  }
  return told;
}

/** Roles and ids are sets: another order is no change. The order of contacts and aliases says which is the main one. */
function canonical(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value.some(isOrdered) ? value : value.map((entry) => JSON.stringify(entry)).sort();
}

const isOrdered = (entry: unknown): boolean => typeof entry !== 'object' || entry === null || 'kind' in entry;
