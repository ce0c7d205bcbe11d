import { StartRefusal } from '#adapters/start-refusal.ts';
import { DomainError, type ErrorCode } from '#core/errors.ts';
import { Misuse } from './command.ts';

/** An error as the command line says it. */
export interface Said {
  /** The refusal's code; `usage`, `start`, `configuration`, or `internal` for a bug. */
  code: string;
  message: string;
  hint: string | undefined;
  exit: 1 | 2;
}

/** What to do next, where the refusal itself does not say it. */
const HINTS: Partial<Record<ErrorCode, string>> = {
  'group.not_found': 'signet group list shows the groups',
  'group.name_taken': 'signet group list shows the groups',
  'group.name_ambiguous': 'signet group list shows the paths',
  'group.not_empty': 'signet person list --group NAME shows who is in it',
  'role.not_found': 'signet role list shows the roles',
  'role.invalid': 'signet role list shows the roles; the scopes are none, self, department, division and all',
  'role.name_taken': 'signet role set changes a role that exists',
  'role.in_use': 'signet role revoke takes it from a person',
  'person.not_found': 'signet person list shows the people',
  'person.logon_name_taken': 'signet person show LOGON shows who has it',
  'person.alias_taken': 'signet person show LOGON shows who has it',
  'password.unacceptable': 'signet setting get "Password Minimum Length" shows the least',
  'attribute.not_found': 'signet attribute list shows the attributes',
  'setting.invalid': 'signet setting get NAME shows what it is about',
  'storage.unavailable': 'Is the database running? Is DATABASE_URL right?',
  'storage.full': 'Make room on the disk of the database',
  'key.unknown': 'signet keys list shows which keys are missing; signet keys import FILE brings one back',
  'master_key.wrong': 'signet keys import FILE brings the right one from its escrow copy',
  'master_key.none_new':
    'Put a new key before the present one and run this again: SIGNET_MASTER_KEY="$(openssl rand -base64 32),$SIGNET_MASTER_KEY"',
  'master_key.in_use': 'signet keys rotate replaces the current key',
  'master_key.not_found': 'signet keys list shows the keys',
  'escrow.unreadable': 'signet keys export makes one',
};

export function say(error: unknown): Said {
  if (error instanceof DomainError) {
    return { code: error.code, message: inFull(error), hint: HINTS[error.code], exit: 1 };
  }
  if (error instanceof Misuse) return { code: 'usage', message: error.message, hint: error.hint, exit: 2 };
  if (error instanceof StartRefusal) {
    return { code: 'start', message: error.message, hint: error.hint, exit: 1 };
  }
  if (error instanceof Error && error.name === 'ConfigError') {
    return {
      code: 'configuration',
      message: error.message,
      hint: 'docs/config.md lists the variables',
      exit: 1,
    };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 'internal', message: `this is a bug in Signet: ${message}`, hint: undefined, exit: 1 };
}

/** Refusals about one value of many; the field says more than the message. */
const BY_FIELD = new Set<ErrorCode>(['person.value_invalid', 'attribute.invalid', 'request.invalid']);

function inFull({ code, message, field, detail }: DomainError): string {
  const start = message.replace(/\.$/, '');
  const about = BY_FIELD.has(code) && field ? [field, detail].filter(Boolean).join(', ') : detail;
  if (!about) return message;
  return about.endsWith('.') ? `${message} ${about}` : `${start}: ${about}`;
}
