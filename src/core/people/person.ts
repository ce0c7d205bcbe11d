import { DomainError } from '#core/errors.ts';
import { foldName } from '#core/fold.ts';
import { isPrintable, isVisible } from '#core/text.ts';

/** An e-mail address or a number; the one at position 0 is the main one. */
export interface Contact {
  kind: 'email' | 'phone' | 'mobile' | 'fax';
  value: string;
  label: string;
}

/** An id that another system knows the person by. */
export interface ExternalId {
  source: string;
  value: string;
}

/** The main address or number of each kind; null or '' for none. */
export type MainContacts = Partial<Record<Contact['kind'], string | null>>;

export interface HeldRole {
  name: string;
  scope: string;
}

/** What directories call the person. */
export const ACCOUNT_FIELDS = ['cn', 'dn', 'domain', 'ou', 'samAccountName', 'sysLogonName', 'upn'] as const;
export type AccountField = (typeof ACCOUNT_FIELDS)[number];

export type AttributeValue = string | number | boolean;

interface Facts extends Record<AccountField, string | null> {
  title: string | null;
  firstName: string | null;
  middleName: string | null;
  lastName: string | null;
  employeeId: string | null;
  /** `YYYY-MM-DD`. */
  dateOfBirth: string | null;
}

export interface Person extends Facts {
  id: string;
  tenantId: string;
  groupId: string;
  groupName: string;
  /** From Root down to the person's own group. */
  groupAncestors: string[];
  logonName: string;
  isEnabled: boolean;
  disabledReason: string | null;
  /** Custom attributes by the name of their definition. */
  attributes: Record<string, AttributeValue>;
  aliases: string[];
  contacts: Contact[];
  externalIds: ExternalId[];
  roles: HeldRole[];
  /** The images that are stored of the person: `photo`. */
  imageFields: string[];
  /** Raised by every change. */
  version: number;
  createdAt: Date;
  changedAt: Date;
}

/** What a list shows of a person. */
export interface PersonSummary {
  id: string;
  logonName: string;
  firstName: string | null;
  lastName: string | null;
  groupName: string;
  isEnabled: boolean;
}

/** Attributes as given: absent means unchanged (or none, for a new person), null and '' clear. Lists replace. */
export interface PersonInput extends Partial<Facts> {
  logonName?: string;
  groupId?: string;
  isEnabled?: boolean;
  disabledReason?: string | null;
  attributes?: Record<string, AttributeValue | null>;
  aliases?: readonly string[];
  contacts?: readonly Contact[];
  /** The main one of some kinds; those of other kinds stay. Read only where `contacts` is absent. */
  mainContacts?: MainContacts;
  /** All that are not the main one of their kind. Read only where `contacts` is absent. */
  furtherContacts?: readonly Contact[];
  externalIds?: readonly ExternalId[];
  roles?: readonly HeldRole[];
}

/** How each text stands in a refusal: the words an integrator knows, and the most characters it may have. */
const TEXTS: Record<Exclude<keyof Facts, 'dateOfBirth'>, { field: string; maxLength: number }> = {
  title: { field: 'name.title', maxLength: 50 },
  firstName: { field: 'name.first', maxLength: 150 },
  middleName: { field: 'name.middle', maxLength: 150 },
  lastName: { field: 'name.last', maxLength: 150 },
  employeeId: { field: 'employeeId', maxLength: 100 },
  cn: { field: 'account.cn', maxLength: 255 },
  dn: { field: 'account.dn', maxLength: 1024 },
  domain: { field: 'account.domain', maxLength: 255 },
  ou: { field: 'account.ou', maxLength: 1024 },
  samAccountName: { field: 'account.samAccountName', maxLength: 255 },
  sysLogonName: { field: 'account.sysLogonName', maxLength: 255 },
  upn: { field: 'account.upn', maxLength: 1024 },
};

const LONGEST_LOGON_NAME = 128;
const MOST_ENTRIES = 50;

/** The first name, a blank and the last name; whichever there are. */
export const fullName = (p: { firstName: string | null; lastName: string | null }): string =>
  [p.firstName, p.lastName].filter(Boolean).join(' ');

export const hasName = (p: { firstName?: string | null; lastName?: string | null }): boolean =>
  Boolean(p.firstName || p.lastName);

/** Trims, normalises (NFC) and checks every value; refuses `person.value_invalid` naming the field. */
export function checked(input: PersonInput): PersonInput {
  const out: PersonInput = { ...input };
  for (const [key, { field, maxLength }] of Object.entries(TEXTS) as [
    keyof typeof TEXTS,
    (typeof TEXTS)[keyof typeof TEXTS],
  ][]) {
    if (input[key] !== undefined) out[key] = checkedText(input[key], field, maxLength) || null;
  }
  if (input.logonName !== undefined) out.logonName = checkedLogonName(input.logonName, 'logonName');
  if (input.dateOfBirth !== undefined) out.dateOfBirth = checkedDate(input.dateOfBirth);
  if (input.disabledReason !== undefined)
    out.disabledReason = checkedText(input.disabledReason, 'disabledReason', 500) || null;
  if (input.aliases) {
    const aliases = fewEnough(input.aliases, 'aliases').map((a) => foldName(checkedLogonName(a, 'aliases')));
    out.aliases = [...new Set(aliases)];
  }
  if (input.contacts) out.contacts = fewEnough(input.contacts, 'contact').map(checkedContact);
  if (input.mainContacts) out.mainContacts = checkedMainContacts(input.mainContacts);
  if (input.furtherContacts)
    out.furtherContacts = fewEnough(input.furtherContacts, 'contact').map(checkedContact);
  if (input.externalIds) out.externalIds = fewEnough(input.externalIds, 'externalIds').map(checkedExternalId);
  return out;
}

function invalid(field: string, detail: string): DomainError {
  return new DomainError('person.value_invalid', { field, detail });
}

function checkedText(given: string | null, field: string, maxLength: number): string {
  const text = (given ?? '').trim().normalize('NFC');
  if (text.length > maxLength) throw invalid(field, `at most ${maxLength} characters`);
  if (!isPrintable(text)) throw invalid(field, 'no control characters');
  return text;
}

function checkedLogonName(given: string, field: string): string {
  const name = checkedText(given, field, LONGEST_LOGON_NAME);
  if (name === '') throw new DomainError('person.logon_name_required', { field });
  // `tenant\name` names a tenant at sign-in.
  if (name.includes('\\')) throw invalid(field, 'no backslash');
  if (!isVisible(name)) throw invalid(field, 'no invisible characters');
  return name;
}

function checkedDate(given: string | null): string | null {
  const text = (given ?? '').trim();
  if (text === '') return null;
  const [date] = /^\d{4}-\d{2}-\d{2}(?=$|T)/.exec(text) ?? [];
  const time = date === undefined ? Number.NaN : Date.parse(`${date}T00:00:00Z`);
  // Date.parse takes 30 February for 2 March: the text must come back as it went in.
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== date || date < '1800-01-01') {
    throw invalid('personal.dateOfBirth', 'a date such as 1970-01-31');
  }
  return date;
}

function checkedContact(given: Contact): Contact {
  const field = given.kind === 'email' ? 'contact.emailAddress' : `contact.${given.kind}`;
  const value = checkedText(given.value, field, given.kind === 'email' ? 254 : 50);
  if (value === '') throw invalid(field, 'not empty');
  // One @ with something before it and a dot-separated name behind: more than that only a mail can prove.
  if (given.kind === 'email' && !/^[^\s@]{1,64}@[^\s@.]+(\.[^\s@.]+)*$/u.test(value))
    throw invalid(field, 'an e-mail address');
  return { kind: given.kind, value, label: checkedText(given.label, field, 50) };
}

function checkedMainContacts(given: MainContacts): MainContacts {
  const out: MainContacts = {};
  for (const [kind, value] of Object.entries(given) as [Contact['kind'], string | null][]) {
    out[kind] =
      value === null || value.trim() === '' ? null : checkedContact({ kind, value, label: '' }).value;
  }
  return out;
}

/** A person's contacts after a change, by kind, the main one of each first. A main one that stays keeps its label. */
export function mergedContacts(before: readonly Contact[], given: PersonInput): Contact[] {
  if (given.contacts) return byKind(given.contacts);
  const mains = new Map<string, Contact>();
  for (const contact of before) if (!mains.has(contact.kind)) mains.set(contact.kind, contact);
  const further = given.furtherContacts ?? before.filter((c) => mains.get(c.kind) !== c);
  for (const [kind, value] of Object.entries(given.mainContacts ?? {}) as [
    Contact['kind'],
    string | null,
  ][]) {
    if (value === null) mains.delete(kind);
    else if (mains.get(kind)?.value !== value) mains.set(kind, { kind, value, label: '' });
  }
  return byKind(fewEnough([...mains.values(), ...further], 'contact'));
}

const byKind = (contacts: readonly Contact[]): Contact[] =>
  contacts.toSorted((a, b) => (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0));

function checkedExternalId(given: ExternalId): ExternalId {
  const source = checkedText(given.source, 'externalIds', 100);
  const value = checkedText(given.value, 'externalIds', 255);
  if (source === '' || value === '') throw invalid('externalIds', 'a source and a value');
  return { source, value };
}

function fewEnough<T>(list: readonly T[], field: string): readonly T[] {
  if (list.length > MOST_ENTRIES) throw invalid(field, `at most ${MOST_ENTRIES} entries`);
  return list;
}
