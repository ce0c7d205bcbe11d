import type { AttributeDefinition } from '#core/people/attributes.ts';
import { ATTRIBUTE_TYPES } from '#core/people/attributes.ts';
import { ACCOUNT_FIELDS } from '#core/people/person.ts';

/** A schema object of OpenAPI 3.0. */
export type Schema = { readonly [keyword: string]: unknown };

const text = (description: string, more: Schema = {}): Schema => ({ type: 'string', description, ...more });
const flag = (description: string): Schema => text(`${description}: \`1\` or \`0\``, { example: '1' });
const id = (of: string): Schema => ({
  type: 'string',
  format: 'uuid',
  description: `The id of the ${of}, in upper case`,
  example: 'EF84D588-8C0F-4476-BC85-C4A896970E44',
});
const href = text('Where it is, relative to `/rest.core/api/`');
const object = (properties: Schema, more: Schema = {}): Schema => ({ type: 'object', properties, ...more });
const list = (items: Schema): Schema => ({ type: 'array', items });
const version: Schema = {
  type: 'integer',
  description: 'Raised by every change. Sent with a change, that is refused when someone else was first',
};

export const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
/** A page of a list. */
export const results = (items: Schema): Schema =>
  object({ results: list(items), links: list(ref('Link')) }, { required: ['results'] });

const role = (scope: Schema): Schema =>
  object({ id: text('The name of the role', { example: 'Cardholder' }), name: text('The same name'), scope });
const scope = text('How far the role reaches', { enum: ['self', 'department', 'division', 'all'] });

const contacts = {
  emailAddress: text('The main e-mail address', { example: 'susan.smith@example.com' }),
  phone: text('The main telephone number'),
  mobile: text('The main mobile number'),
  fax: text('The main fax number'),
  further: list(
    object({
      type: text('Which kind', { enum: ['emailAddress', 'phone', 'mobile', 'fax'] }),
      value: text('The address or number'),
      label: text('What it is for'),
    }),
  ),
};

const nameParts = {
  first: text('First name; this or the last name is needed', { example: 'Susan' }),
  middle: text('Middle names'),
  last: text('Last name', { example: 'Smith' }),
  title: text('Title', { example: 'Ms' }),
};

/** What a person is given by; the custom attributes follow behind. */
const personInput = {
  logonName: text('Unique, in any letter case', { example: 'susan.smith' }),
  name: object(nameParts),
  group: object({ id: id('group') }),
  roles: list(role(scope)),
  account: object(Object.fromEntries(ACCOUNT_FIELDS.map((key) => [key, text('As the directory has it')]))),
  contact: object(contacts),
  employeeId: text('The number the organisation knows the person by', { example: '11223344' }),
  enabled: flag('Whether the person may sign in'),
  disabledReason: text('Why the person was disabled'),
  personal: object({ dateOfBirth: text('Date of birth', { example: '1970-01-01' }) }),
  aliases: list(text('Another name to sign in with')),
  externalIds: list(object({ source: text('The other system'), value: text('Its id of the person') })),
  version,
};

const groupInput = {
  name: text('Unique among the groups beside it', { example: 'Finance' }),
  desc: text('What it is for'),
  ou: text('The directory unit it stands for'),
  parent: object({ id: id('group above') }),
  rolesLimited: flag('Whether members may have only the roles below'),
  roles: list(
    object({ id: text('The name of the role'), defaultScope: text('Given to new members with this scope') }),
  ),
};

const groupEntry = {
  name: groupInput.name,
  desc: groupInput.desc,
  ou: groupInput.ou,
  parentName: text('The name of the group above'),
  id: id('group'),
  href,
};

const roleEntry = {
  id: text('Its name', { example: 'Cardholder' }),
  name: text('The same name'),
  desc: text('What it is for'),
  objectId: id('role'),
  href,
};

const roleInput = {
  name: text('Unique', { example: 'External API' }),
  desc: roleEntry.desc,
  operations: list(text('A role option', { example: 'View Person' })),
  mechanisms: list(text('A logon mechanism', { example: 'Client Credentials OAuth2 Logon' })),
};

const attributeInput = {
  name: text('A letter, then letters, digits and `_`: the member of the person', { example: 'costCentre' }),
  label: text('What people read'),
  desc: text('What it is for'),
  type: text('Which values it takes', { enum: ATTRIBUTE_TYPES }),
  required: flag('Whether every person needs it'),
  maxLength: { type: 'integer', description: 'For text: the most characters' },
  pattern: text('For text: a PostgreSQL regular expression for the whole value'),
  choices: list(text('For choice: a value')),
};

const links = { links: list(ref('Link')) };

/** The schemas of a system with these custom attributes: they are members of its people (contract 4.3). */
export function schemas(attributes: readonly AttributeDefinition[]): Record<string, Schema> {
  const custom = Object.fromEntries(attributes.map((a) => [a.name, ofAttribute(a)]));
  const required = attributes.filter((a) => a.required).map((a) => a.name);
  return {
    Link: object({
      op: text('Operation id'),
      cat: text('`control` for a call of this API, `page` for another page', { example: 'control' }),
      desc: text('What it does'),
      verb: text('Method', { example: 'GET' }),
      href,
    }),
    Error: object(
      {
        message: text('What is wrong'),
        code: text('Match on this', { example: 'WS40005' }),
        invalidField: text('The member at fault, as a dotted name'),
        invalidFieldReason: text('Why it is not good'),
      },
      { required: ['message', 'code'] },
    ),
    Problem: object({
      type: text('RFC 9457'),
      title: text('What is wrong'),
      status: { type: 'integer' },
      traceId: text('Names the request in the log'),
    }),
    Reference: object({ id: text('What was removed') }),
    PersonEntry: object({
      id: id('person'),
      logonName: personInput.logonName,
      firstName: text('First name'),
      surname: text('Last name'),
      groupName: text('The name of the group'),
      Enabled: text('Whether the person may sign in', { enum: ['Yes', 'No'] }),
      href,
    }),
    NewPerson: object(
      { ...personInput, ...custom },
      { required: ['logonName', 'name', 'group', ...required] },
    ),
    PersonChanges: object({ ...personInput, ...custom }),
    Person: object({
      id: id('person'),
      href,
      ...personInput,
      name: object({
        ...nameParts,
        fullName: text('First and last name', { example: 'Susan Smith' }),
      }),
      group: object({ id: id('group'), name: text('Its name'), href }),
      ...custom,
      ...links,
    }),
    Disabling: object({ reason: text('Why') }, { required: ['reason'] }),
    ImageUpload: object(
      {
        image: object({
          data: text('The image in base64', { format: 'byte' }),
          mimetype: text('Its type', { example: 'image/jpeg' }),
        }),
      },
      { required: ['image'] },
    ),
    CredProfileEntry: object({ id: id('credential profile'), name: text('Its name') }),
    GroupEntry: object(groupEntry),
    NewGroup: object(
      { ...groupInput, tenant: flag('Whether logon names are unique in it by themselves') },
      { required: ['name'] },
    ),
    GroupChanges: object(groupInput),
    GroupMove: object({ parent: groupInput.parent }, { required: ['parent'] }),
    Group: object({
      ...groupEntry,
      parent: object({ id: id('group above'), name: text('Its name') }),
      tenant: flag('Whether logon names are unique in it by themselves'),
      builtIn: flag('Whether every installation has it'),
      rolesLimited: groupInput.rolesLimited,
      roles: list(role(text('Given to new members with this scope'))),
      version,
      ...links,
    }),
    RoleEntry: object(roleEntry),
    GrantableRole: object({ ...roleEntry, scope: text('The widest scope the caller may give it with') }),
    RoleOptions: object({
      operations: list(object({ name: text('Role option'), section: text('Its heading') })),
      mechanisms: list(object({ name: text('Logon mechanism') })),
    }),
    NewRole: object(
      { ...roleInput, derivedFrom: object({ id: text('A role to start from', { example: 'Allow None' }) }) },
      { required: ['name'] },
    ),
    RoleChanges: object(roleInput),
    Role: object({
      ...roleEntry,
      operations: roleInput.operations,
      mechanisms: roleInput.mechanisms,
      builtIn: flag('Whether every installation has it'),
      ...links,
    }),
    SettingChange: object({ value: text('`Yes`, `No`, a number or a text') }, { required: ['value'] }),
    Setting: object({
      id: text('Its name'),
      name: text('The same name', { example: 'Client Credentials OAuth2 Logon' }),
      value: text('What it is set to'),
      default: text('What it is set to from the beginning'),
      section: text('Its heading'),
      type: text('Which values it takes', { enum: ['boolean', 'integer', 'choice', 'text'] }),
      desc: text('What it does'),
      changedBy: text('Who changed it last'),
      changedAt: text('When'),
      href,
      ...links,
    }),
    NewAttribute: object(attributeInput, { required: ['name', 'type'] }),
    Attribute: object({ id: text('Its name'), ...attributeInput, href, ...links }),
    ReportEntry: object({
      id: text('Its id', { example: '290015' }),
      name: text('Its name'),
      desc: text('What it tells'),
      href,
    }),
    ReportPage: object({
      results: list({ type: 'object', additionalProperties: true }),
      links: list(ref('Link')),
    }),
  };
}

function ofAttribute(a: AttributeDefinition): Schema {
  const description = [a.label, a.description, a.pattern && `Matches \`${a.pattern}\``]
    .filter(Boolean)
    .join('. ');
  switch (a.type) {
    case 'text':
      return { type: 'string', description, ...(a.maxLength !== null && { maxLength: a.maxLength }) };
    case 'number':
      return { type: 'number', description };
    case 'boolean':
      return { type: 'boolean', description };
    case 'date':
      return { type: 'string', format: 'date', description };
    case 'choice':
      return { type: 'string', description, enum: a.choices };
  }
}
