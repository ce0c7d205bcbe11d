import type { Context } from '#core/context.ts';
import { DomainError } from '#core/errors.ts';
import { findGroup } from '#core/groups/groups.ts';
import { findPersonNamed, getPerson } from '#core/people/people.ts';
import type { Contact, ExternalId, HeldRole, Person, PersonInput } from '#core/people/person.ts';
import { type Given, Misuse } from './command.ts';

export const HELD_ROLE =
  'role, with how far it reaches after a colon: none, self (when nothing is said), department, division or all';

/** `Startup User:all`; the last colon counts, so that a role whose name has one can be given with a scope. */
export function heldRole(text: string): HeldRole {
  const colon = text.lastIndexOf(':');
  return colon < 0
    ? { name: text.trim(), scope: 'self' }
    : { name: text.slice(0, colon).trim(), scope: text.slice(colon + 1).trim() };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A person by logon name or alias, in the tenant of Root or as `tenant\name`, or by id. */
export async function personNamed(ctx: Context, given: string): Promise<Person> {
  const [tenant, name] = given.includes('\\')
    ? (given.split('\\', 2) as [string, string])
    : [undefined, given];
  const tenantId = tenant === undefined ? ctx.actor.tenantId : (await findGroup(ctx, tenant)).tenantId;
  const person = await findPersonNamed({ ...ctx, actor: { ...ctx.actor, tenantId } }, name);
  if (person) return person;
  if (UUID.test(given)) return getPerson(ctx, given);
  throw new DomainError('person.not_found', { detail: given });
}

/** The options that say what a person is; `person add` and `person set` share them. */
export const PERSON_OPTIONS = {
  first: { value: 'NAME', help: 'first name' },
  last: { value: 'NAME', help: 'last name; one of the two must be there' },
  middle: { value: 'NAME', help: 'middle name' },
  title: { value: 'TEXT', help: 'title, such as Dr.' },
  'employee-id': { value: 'ID', help: 'the number that personnel knows them by' },
  'date-of-birth': { value: 'DATE', help: 'such as 1970-01-31' },
  email: { value: 'ADDRESS', many: true, help: 'e-mail address; the first is the main one' },
  phone: { value: 'NUMBER', many: true, help: 'telephone number' },
  mobile: { value: 'NUMBER', many: true, help: 'mobile telephone number' },
  dn: { value: 'DN', help: 'distinguished name in the directory' },
  upn: { value: 'UPN', help: 'user principal name' },
  sam: { value: 'NAME', help: 'SAM account name' },
  domain: { value: 'NAME', help: 'Windows domain' },
  alias: { value: 'NAME', many: true, help: 'another name to sign in with' },
  'external-id': { value: 'SOURCE=ID', many: true, help: 'how another system knows them' },
  attribute: {
    value: 'NAME=VALUE',
    many: true,
    help: 'a custom attribute; signet attribute list names them',
  },
  role: { value: 'ROLE[:SCOPE]', many: true, help: HELD_ROLE },
} as const;

/** The input of core from those options: what was not given is absent, and an empty text clears. */
export function personInput(given: Given<typeof PERSON_OPTIONS>): PersonInput {
  const { first, last, middle, title, employeeId, dateOfBirth, dn, upn, sam, domain } = given;
  const texts = {
    firstName: first,
    lastName: last,
    middleName: middle,
    title,
    employeeId,
    dateOfBirth,
    dn,
    upn,
    domain,
  };
  return {
    ...defined({ ...texts, samAccountName: sam }),
    ...(givenKinds(given).length > 0 && { contacts: contactsOf(given) }),
    ...(given.alias.length > 0 && { aliases: given.alias }),
    ...(given.externalId.length > 0 && { externalIds: given.externalId.map(externalId) }),
    ...(given.attribute.length > 0 && {
      attributes: Object.fromEntries(given.attribute.map((text) => pair(text, '--attribute NAME=VALUE'))),
    }),
    ...(given.role.length > 0 && { roles: given.role.map(heldRole) }),
  };
}

type GivenContacts = Pick<Given<typeof PERSON_OPTIONS>, 'email' | 'phone' | 'mobile'>;

/** The kinds of contact that were given; those of other kinds stay as they are. */
export const givenKinds = (given: GivenContacts): Contact['kind'][] =>
  (['email', 'phone', 'mobile'] as const).filter((kind) => given[kind].length > 0);

/** An empty text takes those of its kind away. */
const contactsOf = (given: GivenContacts): Contact[] =>
  givenKinds(given).flatMap((kind) =>
    given[kind as keyof GivenContacts]
      .filter((value) => value !== '')
      .map((value) => ({ kind, value, label: '' })),
  );

function defined<T extends Record<string, string | undefined>>(texts: T): { [K in keyof T]?: string } {
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== undefined)) as {
    [K in keyof T]?: string;
  };
}

function externalId(text: string): ExternalId {
  const [source, value] = pair(text, '--external-id SOURCE=ID');
  return { source, value };
}

function pair(text: string, form: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new Misuse(`"${text}" is not of the form ${form}`);
  return [text.slice(0, at), text.slice(at + 1)];
}
