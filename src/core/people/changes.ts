import { isDeepStrictEqual } from 'node:util';
import type { Person } from './person.ts';

/** Bookkeeping, not facts about the person. */
const SILENT = new Set<keyof Person>([
  'id',
  'tenantId',
  'groupId',
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
    if (SILENT.has(key) || isDeepStrictEqual(before[key], after[key])) continue;
    told[key] = { from: before[key], to: after[key] };
  }
  return told;
}
