import type { Permission } from '#core/roles/permissions.ts';

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';
export type Category = 'People' | 'Groups' | 'Roles' | 'Settings' | 'Attributes' | 'Reports';
/** The kinds of things that carry links. */
export type Entity = 'person' | 'group' | 'role' | 'setting' | 'attribute';

export interface Operation {
  /** The operation id of the API. Never changed, never used again for something else. */
  op: string;
  desc: string;
  category: Category;
  method: Method;
  /** Below `/rest.core/api`. */
  path: string;
  /** What a caller must be allowed at all; how far is decided by core. Null: whoever is signed in. */
  permission: Permission | null;
  /** The kind of thing whose links tell of it. */
  linkOn?: Entity;
  /** Bytes of the body, where it may be larger than others. */
  bodyLimit?: number;
}

/** An image in base64, with room for the rest of its JSON. */
const IMAGE_BODY = 15 * 1024 * 1024;

/**
 * Every operation of the API: its routes, its links and its documentation all come from here. Ids below 190000 are those
 * that callers of the API know already; ours begin at 190001.
 */
export const OPERATIONS = {
  findPeople: {
    op: '190001',
    desc: 'Search for People',
    category: 'People',
    method: 'GET',
    path: '/People',
    permission: 'person.view',
  },
  addPerson: {
    op: '190002',
    desc: 'Add a Person',
    category: 'People',
    method: 'POST',
    path: '/People',
    permission: 'person.add',
  },
  getPerson: {
    op: '190003',
    desc: 'View a Person',
    category: 'People',
    method: 'GET',
    path: '/People/{id}',
    permission: 'person.view',
  },
  editPerson: {
    op: '190004',
    desc: 'Edit Person',
    category: 'People',
    method: 'PATCH',
    path: '/People/{id}',
    permission: 'person.edit',
    linkOn: 'person',
  },
  removePerson: {
    op: '190005',
    desc: 'Remove Person',
    category: 'People',
    method: 'DELETE',
    path: '/People/{id}',
    permission: 'person.remove',
    linkOn: 'person',
  },
  enablePerson: {
    op: '190006',
    desc: 'Enable Person',
    category: 'People',
    method: 'POST',
    path: '/People/{id}/enable',
    permission: 'person.enable',
    linkOn: 'person',
  },
  disablePerson: {
    op: '190007',
    desc: 'Disable Person',
    category: 'People',
    method: 'POST',
    path: '/People/{id}/disable',
    permission: 'person.enable',
    linkOn: 'person',
  },
  getImage: {
    op: '100109',
    desc: 'Retrieve an image that is associated with the Person',
    category: 'People',
    method: 'GET',
    path: '/People/{id}/images/{imageField}',
    permission: 'image.view',
    linkOn: 'person',
  },
  setImage: {
    op: '190008',
    desc: 'Upload an image of the Person',
    category: 'People',
    method: 'POST',
    path: '/People/{id}/images/{imageField}',
    permission: 'image.set',
    linkOn: 'person',
    bodyLimit: IMAGE_BODY,
  },
  listCredProfiles: {
    op: '100111',
    desc: 'Persons Available Credential Profiles',
    category: 'People',
    method: 'GET',
    path: '/People/{id}/credProfiles',
    permission: 'profile.view',
    linkOn: 'person',
  },
  findGroups: {
    op: '190101',
    desc: 'Search for Groups',
    category: 'Groups',
    method: 'GET',
    path: '/Groups',
    permission: 'group.view',
  },
  addGroup: {
    op: '190102',
    desc: 'Add a Group',
    category: 'Groups',
    method: 'POST',
    path: '/Groups',
    permission: 'group.add',
  },
  getGroup: {
    op: '190103',
    desc: 'View a Group',
    category: 'Groups',
    method: 'GET',
    path: '/Groups/{id}',
    permission: 'group.view',
  },
  editGroup: {
    op: '190104',
    desc: 'Edit Group',
    category: 'Groups',
    method: 'PATCH',
    path: '/Groups/{id}',
    permission: 'group.edit',
    linkOn: 'group',
  },
  removeGroup: {
    op: '190105',
    desc: 'Remove Group',
    category: 'Groups',
    method: 'DELETE',
    path: '/Groups/{id}',
    permission: 'group.remove',
    linkOn: 'group',
  },
  moveGroup: {
    op: '190106',
    desc: 'Move Group',
    category: 'Groups',
    method: 'POST',
    path: '/Groups/{id}/move',
    permission: 'group.edit',
    linkOn: 'group',
  },
  listRoles: {
    op: '190201',
    desc: 'List Roles',
    category: 'Roles',
    method: 'GET',
    path: '/Roles',
    permission: 'role.view',
  },
  addRole: {
    op: '190202',
    desc: 'Add a Role',
    category: 'Roles',
    method: 'POST',
    path: '/Roles',
    permission: 'role.edit',
  },
  listGrantableRoles: {
    op: '190203',
    desc: 'List the Roles the caller may give',
    category: 'Roles',
    method: 'GET',
    path: '/Roles/grantable',
    permission: 'role.view',
  },
  listOptions: {
    op: '190204',
    desc: 'List what a Role can hold',
    category: 'Roles',
    method: 'GET',
    path: '/Roles/options',
    permission: 'role.view',
  },
  getRole: {
    op: '190205',
    desc: 'View a Role',
    category: 'Roles',
    method: 'GET',
    path: '/Roles/{id}',
    permission: 'role.view',
  },
  editRole: {
    op: '190206',
    desc: 'Edit Role',
    category: 'Roles',
    method: 'PATCH',
    path: '/Roles/{id}',
    permission: 'role.edit',
    linkOn: 'role',
  },
  removeRole: {
    op: '190207',
    desc: 'Remove Role',
    category: 'Roles',
    method: 'DELETE',
    path: '/Roles/{id}',
    permission: 'role.edit',
    linkOn: 'role',
  },
  listSettings: {
    op: '190301',
    desc: 'List Settings',
    category: 'Settings',
    method: 'GET',
    path: '/Settings',
    permission: 'setting.view',
  },
  getSetting: {
    op: '190302',
    desc: 'View a Setting',
    category: 'Settings',
    method: 'GET',
    path: '/Settings/{name}',
    permission: 'setting.view',
  },
  editSetting: {
    op: '190303',
    desc: 'Change Setting',
    category: 'Settings',
    method: 'PATCH',
    path: '/Settings/{name}',
    permission: 'setting.edit',
    linkOn: 'setting',
  },
  listAttributes: {
    op: '190401',
    desc: 'List custom Attributes',
    category: 'Attributes',
    method: 'GET',
    path: '/Attributes',
    permission: null,
  },
  defineAttribute: {
    op: '190402',
    desc: 'Define a custom Attribute',
    category: 'Attributes',
    method: 'POST',
    path: '/Attributes',
    permission: 'attribute.edit',
  },
  removeAttribute: {
    op: '190403',
    desc: 'Remove Attribute',
    category: 'Attributes',
    method: 'DELETE',
    path: '/Attributes/{name}',
    permission: 'attribute.edit',
    linkOn: 'attribute',
  },
  listReports: {
    op: '190501',
    desc: 'List the Reports the caller may read',
    category: 'Reports',
    method: 'GET',
    path: '/Reports',
    permission: null,
  },
  readReport: {
    op: '190502',
    desc: 'Read a Report',
    category: 'Reports',
    method: 'GET',
    path: '/Reports/{reportId}',
    // Each report asks for its own.
    permission: null,
  },
} as const satisfies Record<string, Operation>;

export type OperationName = keyof typeof OPERATIONS;

export const OPERATION_NAMES = Object.keys(OPERATIONS) as OperationName[];
