import { DomainError } from '#core/errors.ts';

/** The members of a JSON object that a stranger sent. */
export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const invalid = (field: string, detail: string) =>
  new DomainError('request.value_invalid', { field, detail });

/** A member's value; only an object's own, whatever its name. */
export const member = (fields: Fields, key: string): unknown =>
  Object.hasOwn(fields, key) ? fields[key] : undefined;

/** A text, also where it was sent as a number; null clears. Refusals name `field`, the dotted name. */
export function text(fields: Fields, key: string, field = key): string | null | undefined {
  const value = member(fields, key);
  if (value === undefined || value === null || typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  throw invalid(field, 'a text');
}

/** A text that must be there. */
export function mandatory(fields: Fields, key: string, field = key): string {
  const value = text(fields, key, field)?.trim();
  if (!value) throw new DomainError('request.value_required', { field });
  return value;
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const isGuid = (value: string): boolean => GUID.test(value);

/** The GUID of something else, as core knows it: in lower case. What is none is simply not valid data. */
export function reference(fields: Fields, key: string, field = key): string | undefined {
  const value = text(fields, key, field)?.trim();
  if (!value) return undefined;
  if (!isGuid(value)) throw new DomainError('request.invalid', { field, detail: 'not a GUID' });
  return value.toLowerCase();
}

const YES = new Set<unknown>(['1', 'true', 'yes', true, 1]);
const NO = new Set<unknown>(['0', 'false', 'no', false, 0]);

/** Yes or no in any of its spellings: `"1"`, `"Yes"`, `true`. */
export function flag(fields: Fields, key: string, field = key): boolean | undefined {
  const sent = member(fields, key);
  const value = typeof sent === 'string' ? sent.trim().toLowerCase() : sent;
  if (value === undefined || value === null) return undefined;
  if (YES.has(value)) return true;
  if (NO.has(value)) return false;
  throw invalid(field, '1 or 0');
}

/** A whole number, also where it was sent as a text. */
export function whole(fields: Fields, key: string, field = key): number | undefined {
  const value = text(fields, key, field);
  if (value === undefined || value === null || value === '') return undefined;
  if (!/^\d{1,15}$/.test(value)) throw invalid(field, 'a whole number');
  return Number(value);
}

/** An object in an object; nothing in it where it is missing. */
export function group(fields: Fields, key: string): Fields {
  const value = member(fields, key);
  if (value === undefined || value === null) return {};
  if (!isFields(value)) throw invalid(key, 'an object');
  return value;
}

/** A list, each entry read by `read`. */
export function list<T>(
  fields: Fields,
  key: string,
  read: (entry: unknown, field: string) => T,
  field = key,
): T[] | undefined {
  const value = member(fields, key);
  if (value === undefined) return undefined;
  if (value === null) return [];
  if (!Array.isArray(value) || value.length > 1000) throw invalid(field, 'a list');
  return value.map((entry) => read(entry, field));
}

/** An entry of a list of texts. */
export function entryText(entry: unknown, field: string): string {
  if (typeof entry !== 'string') throw invalid(field, 'a list of texts');
  return entry;
}

/** An entry of a list of objects. */
export function entryFields(entry: unknown, field: string): Fields {
  if (!isFields(entry)) throw invalid(field, 'a list of objects');
  return entry;
}

/** An object without the members that were not given, so that "not given" stays apart from "given as nothing". */
export function given<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never;
}
