import { MECHANISMS, type Mechanism } from './mechanisms.ts';
import { OPTION_NAMES, type OptionName } from './permissions.ts';

/** A role that every installation starts with. An administrator may edit it, not remove it. */
export interface BuiltInRole {
  name: string;
  description: string;
  operations: readonly OptionName[];
  mechanisms: readonly Mechanism[];
}

const byHand = MECHANISMS.filter((m) => m !== 'Client Credentials OAuth2 Logon');
const highAssurance: Mechanism[] = ['Smart Card', 'Windows Hello', 'FIDO High Assurance Logon'];

const people: OptionName[] = ['View Person', 'Add Person', 'Edit Person'];
const cards: OptionName[] = ['Request Card', 'Request Replacement Card', 'Cancel Request', 'Identify Card'];
const certificates: OptionName[] = [
  'Import Certificate',
  'Import Person Certificate',
  'Request Key Recovery',
];
const groups: OptionName[] = ['Add Group', 'Edit Group', 'Remove Group'];
const officer: OptionName[] = [
  ...people,
  'Remove Person',
  ...groups,
  ...cards,
  ...certificates,
  'Validate Request',
  'Reassign Device',
  'Reset Card PIN',
  'Unrestricted Audit Report',
  'Requests Report',
  'People Report',
];

function role(
  name: string,
  description: string,
  operations: readonly OptionName[],
  mechanisms: readonly Mechanism[] = byHand,
): BuiltInRole {
  return { name, description, operations: [...new Set(operations)], mechanisms };
}

/** The template that new roles derive from: nothing is allowed. */
export const ALLOW_NONE = 'Allow None';

export const BUILT_IN_ROLES: readonly BuiltInRole[] = [
  role(ALLOW_NONE, 'Template for new roles: allows nothing', [], []),
  role('Startup User', 'Sets an installation up', OPTION_NAMES, MECHANISMS),
  role('System', 'Runs the system', OPTION_NAMES, MECHANISMS),
  role(
    'Security Chief',
    'Sets the rules and sees everything',
    [...officer, 'Edit Roles', 'Security Settings', 'Recover Certificates'],
    highAssurance,
  ),
  role('Security Officer', 'Keeps the rules', [...officer, 'Recover Certificates'], highAssurance),
  role('Manager', 'Administers people, groups and directories', [
    ...officer,
    'Directory Management',
    'Operation Settings',
    'Custom Attributes',
    'Applications',
  ]),
  role('Operator', 'Looks after people and their devices', [
    ...people,
    ...cards,
    'Reset Card PIN',
    'Assisted Activation',
    'Requests Report',
  ]),
  role('Personnel', 'Keeps personal data', [...people, 'Add Group', 'Edit Group', 'People Report']),
  role('Registrar', 'Enrols people', [
    ...people,
    'Initial PIV Enrollment',
    'Update PIV Applicant',
    'Request Card',
  ]),
  role('Help Desk', 'Helps people who cannot get on', [
    'View Person',
    'Identify Card',
    'Request Replacement Card',
    'Reset Card PIN',
    'Assisted Activation',
  ]),
  role('PIV Applicant Editor', 'Edits applicants', [
    'View Person',
    'Edit PIV Applicant',
    'Update PIV Applicant',
  ]),
  role('Sponsor', 'Says who needs a credential', [
    'View Person',
    'Approve Person',
    'Unapprove Person',
    'Request Card',
  ]),
  role('Adjudicator', 'Decides on background checks', ['View Person', 'Approve Person', 'Unapprove Person']),
  role('Issuer', 'Issues credentials', [
    'View Person',
    'Identify Card',
    'Request Card',
    'Validate Request',
    'Assisted Activation',
  ]),
  role('Signatory', 'Approves requests', ['View Person', 'Validate Request', 'Approve Person']),
  role('Applicant', 'Asks for a credential', ['View Person']),
  role('Cardholder', 'Holds a credential', ['View Person']),
  role(
    'PasswordUser',
    'Signs in with a password',
    ['View Person'],
    ['Password Logon', 'Security Questions Logon'],
  ),
  role('SecurityGroupA', 'Free for the site to use', ['View Person']),
  role('SecurityGroupB', 'Free for the site to use', ['View Person']),
  role('SecurityGroupC', 'Free for the site to use', ['View Person']),
];
