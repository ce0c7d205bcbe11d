import { MECHANISMS, type Mechanism } from '#core/roles/mechanisms.ts';

/** How a setting's text is read: `Yes`/`No`, a whole number in its range, one of a list, or free text. */
export type SettingKind =
  | { type: 'boolean' }
  | { type: 'integer'; minimum: number; maximum: number; unit: string }
  | { type: 'choice'; choices: readonly string[] }
  | { type: 'text'; maxLength: number };

export type Setting = SettingKind & {
  section: string;
  default: string;
  description: string;
};

const mechanism = (description: string): Setting => ({
  type: 'boolean',
  section: 'Logon Mechanisms',
  default: 'Yes',
  description,
});

const LOGON_MECHANISMS: Record<Mechanism, Setting> = {
  'Password Logon': mechanism('People may sign in with a password.'),
  'Security Questions Logon': mechanism('People may sign in by answering security questions.'),
  'Smart Card': mechanism('People may sign in with a smart card or another client certificate.'),
  'Windows Hello': mechanism('People may sign in with Windows Hello.'),
  'Authentication Code Logon': mechanism('People may sign in with a code sent to them.'),
  'One Time Password Logon': mechanism('People may sign in with a one-time password token.'),
  'FIDO Basic Assurance Logon': mechanism('People may sign in with a passkey or security key.'),
  'FIDO High Assurance Logon': mechanism('People may sign in with an attested, user-verifying security key.'),
  'Integrated Windows Logon': mechanism('People may sign in through their Windows session.'),
  'OpenID Provider Logon': mechanism('People may sign in at a linked OpenID provider.'),
  'Client Credentials OAuth2 Logon': mechanism(
    'Programs may sign in with a client id and secret (OAuth 2.0 client credentials).',
  ),
};

/** Every setting an administrator can change while the server runs. What is not listed here does not exist. */
export const SETTINGS = {
  ...LOGON_MECHANISMS,
  'Allow Certificate User Creation': {
    type: 'boolean',
    section: 'Certificates',
    default: 'No',
    description: 'Importing a certificate may create the person it names.',
  },
  'Set expiry date at request': {
    type: 'boolean',
    section: 'Issuance Processes',
    default: 'No',
    description: 'A device request may carry an expiry date.',
  },
  'Unique E-mail Addresses': {
    type: 'boolean',
    section: 'People',
    default: 'No',
    description: 'An e-mail address may belong to one person of a tenant only.',
  },
  'Password Minimum Length': {
    type: 'integer',
    minimum: 8,
    maximum: 128,
    unit: 'characters',
    section: 'Passwords',
    default: '12',
    description:
      'The shortest password that is accepted when one is set (NIST SP 800-63B-4 asks for at least 8).',
  },
  'Maximum Image Size': {
    type: 'integer',
    minimum: 10_000,
    maximum: 10_485_760,
    unit: 'bytes',
    section: 'People',
    default: '5242880',
    description: 'The largest image that is accepted for a person.',
  },
  'Signing Key Lifetime': {
    type: 'integer',
    minimum: 1,
    maximum: 3650,
    unit: 'days',
    section: 'Keys',
    default: '90',
    description: 'How long a key signs tokens before the next one takes over.',
  },
  'Signing Key Overlap': {
    type: 'integer',
    minimum: 1,
    maximum: 365,
    unit: 'days',
    section: 'Keys',
    default: '7',
    description: 'How long the next signing key is published before it signs.',
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof SETTINGS;

export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];
export const MECHANISM_SETTINGS: readonly SettingName[] = MECHANISMS;

const byFoldedName = new Map(SETTING_NAMES.map((name) => [name.toLowerCase(), name]));

/** A setting by its name in any letter case. */
export function settingNamed(name: string): SettingName | undefined {
  return byFoldedName.get(name.trim().toLowerCase());
}

const YES = new Set(['yes', 'true', '1', 'on']);
const NO = new Set(['no', 'false', '0', 'off']);

/** The value in its one spelling, or undefined when it is none of this setting's. */
export function normalised(name: SettingName, given: string): string | undefined {
  const setting: Setting = SETTINGS[name];
  const text = given.trim();
  switch (setting.type) {
    case 'boolean':
      if (YES.has(text.toLowerCase())) return 'Yes';
      return NO.has(text.toLowerCase()) ? 'No' : undefined;
    case 'integer': {
      const number = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
      return number >= setting.minimum && number <= setting.maximum ? String(number) : undefined;
    }
    case 'choice':
      return setting.choices.find((choice) => choice.toLowerCase() === text.toLowerCase());
    case 'text':
      return text.length <= setting.maxLength ? text : undefined;
  }
}
