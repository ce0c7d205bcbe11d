import { DomainError } from '#core/errors.ts';
import type { Call } from './call.ts';
import { isGuid } from './fields.ts';

/** Entries of a page of a plain list (contract 4.1). */
export const PAGE_SIZE = 200;

/** Pages of plain lists that can be asked for by number alone; whoever follows the links has no such limit. */
const LAST_BY_NUMBER = 100_000;

/** Where a page begins, as core tells it: a sort key and the id behind it. */
export interface Key {
  key: string;
  id: string;
}

/** Which page is asked for: by the key of the one before where the link tells it, else by its number. */
export function pageOf(call: Call): { page: number; after: Key | null; offset: number } {
  const page = pageNumber(call.query('page'));
  const after = call.query('after');
  if (after !== undefined) return { page, after: readKey(after), offset: 0 };
  if (page > LAST_BY_NUMBER) throw new DomainError('request.invalid', { field: 'page' });
  return { page, after: null, offset: (page - 1) * PAGE_SIZE };
}

/** A positive whole number; 1 when it is not given. */
export function pageNumber(given: string | undefined): number {
  if (given === undefined || given === '') return 1;
  if (!/^[1-9]\d{0,14}$/.test(given)) throw new DomainError('report.page_invalid', { field: 'page' });
  return Number(given);
}

export const writeKey = ({ key, id }: Key): string =>
  Buffer.from(JSON.stringify([key, id])).toString('base64url');

function readKey(text: string): Key {
  const invalid = new DomainError('request.invalid', { field: 'after' });
  let pair: unknown;
  try {
    pair = JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    throw invalid;
  }
  if (!Array.isArray(pair)) throw invalid;
  const [key, id] = pair;
  if (typeof key !== 'string' || typeof id !== 'string' || !isGuid(id) || key.includes('\0')) throw invalid;
  return { key, id };
}
