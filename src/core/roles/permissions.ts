/**
 * What may be allowed. A permission is what an operation of core asks for; an option is what an administrator ticks
 * in a role, and gives one or more permissions. Both lists are closed: the compiler knows every one.
 */
export type Permission =
  | 'person.view'
  | 'person.add'
  | 'person.edit'
  | 'person.enable'
  | 'person.approve'
  | 'person.remove'
  | 'image.view'
  | 'image.set'
  | 'group.view'
  | 'group.add'
  | 'group.edit'
  | 'group.remove'
  | 'role.view'
  | 'role.edit'
  | 'setting.view'
  | 'setting.edit'
  | 'attribute.edit'
  | 'application.view'
  | 'application.edit'
  | 'profile.view'
  | 'request.view'
  | 'request.add'
  | 'request.cancel'
  | 'request.validate'
  | 'device.view'
  | 'device.reassign'
  | 'device.read'
  | 'device.reset_pin'
  | 'device.activate'
  | 'certificate.view'
  | 'certificate.import'
  | 'certificate.import_for_person'
  | 'certificate.recover'
  | 'certificate.request_recovery'
  | 'directory.manage'
  | 'report.audit'
  | 'report.requests'
  | 'report.people';

interface Option {
  /** The heading it stands under in Edit Roles. */
  section: string;
  gives: readonly Permission[];
}

const seePeople = ['person.view', 'image.view', 'group.view'] as const;

/** The options, by the name that role files, `--operation` and the documentation use. */
export const OPTIONS = {
  'View Person': { section: 'People', gives: seePeople },
  'Add Person': { section: 'People', gives: [...seePeople, 'person.add', 'image.set', 'role.view'] },
  'Edit Person': {
    section: 'People',
    gives: [...seePeople, 'person.edit', 'person.enable', 'image.set', 'role.view'],
  },
  'Remove Person': { section: 'People', gives: ['person.view', 'group.view', 'person.remove'] },
  'Approve Person': { section: 'People', gives: [...seePeople, 'person.approve'] },
  'Unapprove Person': { section: 'People', gives: [...seePeople, 'person.approve'] },
  'Edit PIV Applicant': { section: 'People', gives: [...seePeople, 'person.edit', 'image.set'] },
  'Initial PIV Enrollment': { section: 'People', gives: [...seePeople, 'image.set'] },
  'Update PIV Applicant': { section: 'People', gives: [...seePeople, 'image.set'] },
  'Add Group': { section: 'Groups', gives: ['group.view', 'group.add'] },
  'Edit Group': { section: 'Groups', gives: ['group.view', 'group.edit', 'role.view'] },
  'Remove Group': { section: 'Groups', gives: ['group.view', 'group.remove'] },
  'Request Card': {
    section: 'Cards',
    gives: [...seePeople, 'device.view', 'request.view', 'request.add', 'profile.view'],
  },
  'Request Replacement Card': { section: 'Cards', gives: [...seePeople, 'device.view', 'request.view'] },
  'Validate Request': { section: 'Cards', gives: ['person.view', 'request.view', 'request.validate'] },
  'Cancel Request': {
    section: 'Cards',
    gives: ['person.view', 'group.view', 'request.view', 'request.cancel'],
  },
  'Identify Card': { section: 'Cards', gives: ['device.view', 'request.view', 'certificate.view'] },
  'Reassign Device': { section: 'Cards', gives: ['person.view', 'device.view', 'device.reassign'] },
  'Read Card (Authenticated)': { section: 'Cards', gives: ['device.read'] },
  'Reset Card PIN': { section: 'Cards', gives: ['device.view', 'device.reset_pin'] },
  'Assisted Activation': { section: 'Cards', gives: ['device.view', 'device.activate'] },
  'Import Certificate': { section: 'Certificates', gives: ['certificate.view', 'certificate.import'] },
  'Import Person Certificate': {
    section: 'Certificates',
    gives: ['certificate.view', 'certificate.import_for_person'],
  },
  'Recover Certificates': { section: 'Certificates', gives: ['certificate.view', 'certificate.recover'] },
  'Request Key Recovery': {
    section: 'Certificates',
    gives: ['certificate.view', 'certificate.request_recovery'],
  },
  'Edit Roles': { section: 'Configuration', gives: ['role.view', 'role.edit'] },
  'Security Settings': { section: 'Configuration', gives: ['setting.view', 'setting.edit'] },
  'Operation Settings': { section: 'Configuration', gives: ['setting.view', 'setting.edit'] },
  'Custom Attributes': { section: 'Configuration', gives: ['attribute.edit'] },
  Applications: { section: 'Configuration', gives: ['application.view', 'application.edit'] },
  'Directory Management': { section: 'Configuration', gives: ['directory.manage'] },
  'Unrestricted Audit Report': { section: 'Reports', gives: ['report.audit'] },
  'Requests Report': { section: 'Reports', gives: ['report.requests'] },
  'People Report': { section: 'Reports', gives: ['report.people'] },
} as const satisfies Record<string, Option>;

export type OptionName = keyof typeof OPTIONS;

export const OPTION_NAMES = Object.keys(OPTIONS) as OptionName[];

/** The options that give a permission: what the documentation shows as Granted By. */
export function grantedBy(permission: Permission): OptionName[] {
  return OPTION_NAMES.filter((name) => (OPTIONS[name].gives as readonly Permission[]).includes(permission));
}

const byFoldedName = new Map(OPTION_NAMES.map((name) => [name.toLowerCase(), name]));

/** An option by its name in any letter case. */
export function optionNamed(name: string): OptionName | undefined {
  return byFoldedName.get(name.trim().toLowerCase());
}
