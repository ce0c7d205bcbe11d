import type { WsCode } from './codes.ts';
import type { OperationName } from './operations.ts';
import { ref, results, type Schema } from './schemas.ts';

/** What the documentation tells of an operation beyond its row in the table. */
export interface Documented {
  query?: readonly Parameter[];
  body?: Schema;
  /** A schema of JSON, or the types of an image. */
  answer: Schema | 'image';
  /** The codes that the operation can refuse with, beyond the ones that all share. */
  codes?: readonly WsCode[];
}

export interface Parameter {
  name: string;
  description: string;
  schema: Schema;
}

const TEXT: Schema = { type: 'string' };
const BOOLEAN: Schema = { type: 'boolean', default: false };

const SEARCH: Parameter = {
  name: 'q',
  description: 'Words to search for; `*` stands for anything. Everything in scope without it',
  schema: TEXT,
};
export const PAGE: Parameter = {
  name: 'page',
  description: 'From 1',
  schema: { type: 'integer', minimum: 1, default: 1 },
};
const AFTER: Parameter = {
  name: 'after',
  description: 'Where the page begins; taken from the `nextPage` link',
  schema: TEXT,
};
const CONFIRM: Parameter = {
  name: 'confirm',
  description: '`true` asks what would be saved, and saves nothing',
  schema: BOOLEAN,
};

const PERSON_CODES: readonly WsCode[] = ['WS30004', 'WS30015', 'WS30017', 'WS39001', 'WS39003', 'WS40005'];

export const DOCUMENTED: Record<OperationName, Documented> = {
  findPeople: {
    query: [
      {
        ...SEARCH,
        description: `${SEARCH.description}. Each word begins a word of the full name or logon name`,
      },
      { name: 'logonName', description: 'The exact logon name; one result, or none', schema: TEXT },
      PAGE,
      AFTER,
    ],
    answer: results(ref('PersonEntry')),
  },
  addPerson: { query: [CONFIRM], body: ref('NewPerson'), answer: ref('Person'), codes: PERSON_CODES },
  getPerson: {
    query: [
      { name: 'dirInfo', description: 'Whether to include what the linked directory knows', schema: BOOLEAN },
    ],
    answer: ref('Person'),
    codes: ['WS40005'],
  },
  editPerson: {
    query: [CONFIRM],
    body: ref('PersonChanges'),
    answer: ref('Person'),
    codes: [...PERSON_CODES, 'WS59005'],
  },
  removePerson: { answer: ref('Reference'), codes: ['WS40005'] },
  enablePerson: { answer: ref('Person'), codes: ['WS40005'] },
  disablePerson: { body: ref('Disabling'), answer: ref('Person'), codes: ['WS30015', 'WS40005'] },
  getImage: { answer: 'image', codes: ['WS40005'] },
  setImage: { body: ref('ImageUpload'), answer: 'image', codes: ['WS39002', 'WS40005'] },
  listCredProfiles: {
    query: [
      { name: 'canReceive', description: '`true`: only profiles the person may receive', schema: TEXT },
      { name: 'canRequest', description: '`me`: only profiles the caller may request', schema: TEXT },
    ],
    answer: results(ref('CredProfileEntry')),
    codes: ['WS40005'],
  },
  findGroups: { query: [SEARCH, PAGE, AFTER], answer: results(ref('GroupEntry')) },
  addGroup: {
    body: ref('NewGroup'),
    answer: ref('Group'),
    codes: ['WS30004', 'WS30015', 'WS39001', 'WS39003', 'WS40005'],
  },
  getGroup: { answer: ref('Group'), codes: ['WS40005'] },
  editGroup: {
    body: ref('GroupChanges'),
    answer: ref('Group'),
    codes: ['WS30004', 'WS30015', 'WS39001', 'WS39003', 'WS40005'],
  },
  removeGroup: { answer: ref('Reference'), codes: ['WS40005', 'WS59007', 'WS59009'] },
  moveGroup: {
    body: ref('GroupMove'),
    answer: ref('Group'),
    codes: ['WS30015', 'WS39001', 'WS40005', 'WS59009', 'WS59010'],
  },
  listRoles: { answer: results(ref('RoleEntry')) },
  addRole: {
    body: ref('NewRole'),
    answer: ref('Role'),
    codes: ['WS30004', 'WS30015', 'WS39001', 'WS39003', 'WS40005'],
  },
  listGrantableRoles: { answer: results(ref('GrantableRole')) },
  listOptions: { answer: ref('RoleOptions') },
  getRole: { answer: ref('Role'), codes: ['WS40005'] },
  editRole: {
    body: ref('RoleChanges'),
    answer: ref('Role'),
    codes: ['WS30004', 'WS30015', 'WS39001', 'WS39003', 'WS40005'],
  },
  removeRole: { answer: ref('Reference'), codes: ['WS40005', 'WS59008', 'WS59009'] },
  listSettings: { answer: results(ref('Setting')) },
  getSetting: { answer: ref('Setting'), codes: ['WS40005'] },
  editSetting: {
    body: ref('SettingChange'),
    answer: ref('Setting'),
    codes: ['WS30015', 'WS39003', 'WS40005'],
  },
  listAttributes: { answer: results(ref('Attribute')) },
  defineAttribute: {
    body: ref('NewAttribute'),
    answer: ref('Attribute'),
    codes: ['WS30015', 'WS39001', 'WS39003'],
  },
  removeAttribute: { answer: ref('Reference'), codes: ['WS40005'] },
  listReports: { answer: results(ref('ReportEntry')) },
  readReport: { query: [PAGE], answer: ref('ReportPage'), codes: ['WS39003', 'WS40005'] },
};
