import { DomainError } from '#core/errors.ts';
import {
  ACCOUNT_FIELDS,
  type AttributeValue,
  type Contact,
  fullName,
  type HeldRole,
  type MainContacts,
  type Person,
  type PersonInput,
  type PersonSummary,
} from '#core/people/person.ts';
import { guid } from './call.ts';
import {
  entryFields,
  entryText,
  type Fields,
  flag,
  given,
  group,
  isFields,
  list,
  member,
  text,
} from './fields.ts';

/** The members of a person that are not custom attributes, in any letter case. */
const OWN = new Set([
  'id',
  'href',
  'logonName',
  'name',
  'group',
  'roles',
  'account',
  'contact',
  'employeeId',
  'enabled',
  'disabledReason',
  'personal',
  'aliases',
  'externalIds',
  'version',
  'directory',
  'links',
  'warnings',
]);

/** The kinds of contact by the member that holds the main one. */
const MAIN_CONTACTS = [
  ['emailAddress', 'email'],
  ['phone', 'phone'],
  ['mobile', 'mobile'],
  ['fax', 'fax'],
] as const satisfies readonly (readonly [string, Contact['kind']])[];

const KINDS: ReadonlyMap<string, Contact['kind']> = new Map(MAIN_CONTACTS);

/** An entry of the list of people: keys and letter case as integrators know them (contract 4.3). */
export const toEntry = (p: PersonSummary) => ({
  id: guid(p.id),
  logonName: p.logonName,
  firstName: p.firstName ?? '',
  surname: p.lastName ?? '',
  groupName: p.groupName,
  Enabled: p.isEnabled ? 'Yes' : 'No',
  href: `people/${guid(p.id)}`,
});

/** A person, whole but for the links. What is not set is an empty text, never null. */
export function toPerson(p: Person) {
  const id = guid(p.id);
  return {
    id,
    href: `people/${id}`,
    logonName: p.logonName,
    name: {
      first: p.firstName ?? '',
      middle: p.middleName ?? '',
      last: p.lastName ?? '',
      title: p.title ?? '',
      fullName: fullName(p),
    },
    group: { id: guid(p.groupId), name: p.groupName, href: `groups/${guid(p.groupId)}` },
    roles: p.roles.map(({ name, scope }) => ({ id: name, name, scope })),
    account: {
      cn: p.cn ?? '',
      dn: p.dn ?? '',
      domain: p.domain ?? '',
      ou: p.ou ?? '',
      samAccountName: p.samAccountName ?? '',
      sysLogonName: p.sysLogonName ?? '',
      upn: p.upn ?? '',
    },
    contact: toContact(p.contacts),
    employeeId: p.employeeId ?? '',
    enabled: p.isEnabled ? '1' : '0',
    disabledReason: p.disabledReason ?? '',
    personal: { dateOfBirth: p.dateOfBirth ?? '' },
    ...p.attributes,
    aliases: p.aliases,
    externalIds: p.externalIds,
    version: p.version,
  };
}

function toContact(contacts: readonly Contact[]) {
  const main = (kind: Contact['kind']) => contacts.find((c) => c.kind === kind);
  const mains = new Set(MAIN_CONTACTS.map(([, kind]) => main(kind)));
  return {
    emailAddress: main('email')?.value ?? '',
    phone: main('phone')?.value ?? '',
    mobile: main('mobile')?.value ?? '',
    fax: main('fax')?.value ?? '',
    further: contacts
      .filter((contact) => !mains.has(contact))
      .map(({ kind, value, label }) => ({
        type: MAIN_CONTACTS.find(([, k]) => k === kind)?.[0] ?? kind,
        value,
        label,
      })),
  };
}

/** What was sent of a person, in core's words. Members that mean nothing here are custom attributes, or ignored. */
export function fromPerson(body: Fields): PersonInput {
  const name = group(body, 'name');
  const account = group(body, 'account');
  const contact = group(body, 'contact');
  const logonName = text(body, 'logonName');
  const groupId = text(group(body, 'group'), 'id', 'group.id');
  return given({
    // Cleared is as good as missing where there must be one.
    logonName: logonName === null ? '' : logonName,
    groupId: groupId === null ? undefined : groupId?.trim().toLowerCase(),
    firstName: text(name, 'first', 'name.first'),
    middleName: text(name, 'middle', 'name.middle'),
    lastName: text(name, 'last', 'name.last'),
    title: text(name, 'title', 'name.title'),
    employeeId: text(body, 'employeeId'),
    dateOfBirth: text(group(body, 'personal'), 'dateOfBirth', 'personal.dateOfBirth'),
    ...Object.fromEntries(ACCOUNT_FIELDS.map((key) => [key, text(account, key, `account.${key}`)])),
    isEnabled: flag(body, 'enabled'),
    disabledReason: text(body, 'disabledReason'),
    roles: list(body, 'roles', toRole),
    aliases: list(body, 'aliases', entryText),
    externalIds: list(body, 'externalIds', (entry, field) => {
      const fields = entryFields(entry, field);
      return { source: text(fields, 'source', field) ?? '', value: text(fields, 'value', field) ?? '' };
    }),
    mainContacts: mainContacts(contact),
    furtherContacts: list(contact, 'further', toFurther, 'contact.further'),
    attributes: Object.fromEntries(Object.entries(body).filter(([key]) => !OWN.has(key))) as Record<
      string,
      AttributeValue | null
    >,
  });
}

/** The scopes that this API knows by name. Any other is none, which core refuses. */
const SCOPES = new Set(['self', 'department', 'division', 'all']);

/** The id of a role is its name (contract 4.3). */
function toRole(entry: unknown): HeldRole {
  const fields = isFields(entry) ? entry : {};
  const [name, scope] = [member(fields, 'id') ?? member(fields, 'name'), member(fields, 'scope')];
  const folded = typeof scope === 'string' ? scope.trim().toLowerCase() : '';
  return { name: typeof name === 'string' ? name.trim() : '', scope: SCOPES.has(folded) ? folded : '' };
}

function mainContacts(contact: Fields): MainContacts | undefined {
  const mains = MAIN_CONTACTS.flatMap(([key, kind]) => {
    const value = text(contact, key, `contact.${key}`);
    return value === undefined ? [] : [[kind, value] as const];
  });
  return mains.length === 0 ? undefined : Object.fromEntries(mains);
}

function toFurther(entry: unknown, field: string): Contact {
  const fields = entryFields(entry, field);
  const kind = KINDS.get(text(fields, 'type', field) ?? '');
  if (!kind)
    throw new DomainError('request.value_invalid', {
      field,
      detail: `type: ${[...KINDS.keys()].join(', ')}`,
    });
  return {
    kind,
    value: text(fields, 'value', field) ?? '',
    label: text(fields, 'label', field) ?? '',
  };
}
