/** What a refusal means, in the words every dialect maps. */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'out_of_scope'
  | 'conflict'
  | 'stale'
  | 'throttled'
  | 'too_large'
  | 'unavailable';

/** Every way an operation can refuse. Only these reach a caller; docs/errors.md lists each one. */
export const ERRORS = {
  'request.invalid': { kind: 'invalid', message: 'The request is not well formed.' },
  'request.value_required': { kind: 'invalid', message: 'A value that is needed is missing.' },
  'request.value_invalid': { kind: 'invalid', message: 'A value is not of the right kind.' },
  'request.too_large': { kind: 'too_large', message: 'The request is larger than allowed.' },
  'request.throttled': { kind: 'throttled', message: 'Too many requests; try again later.' },
  'request.conflict': {
    kind: 'conflict',
    message: 'Someone else changed the same thing at this moment; try again.',
  },
  'storage.unavailable': {
    kind: 'unavailable',
    message: 'The database cannot be reached; try again shortly.',
  },
  'storage.full': { kind: 'unavailable', message: 'The database cannot write; its disk may be full.' },
  'server.busy': { kind: 'unavailable', message: 'The server is busy; try again shortly.' },
  'actor.unauthenticated': { kind: 'unauthenticated', message: 'Sign in first.' },
  'client.unauthenticated': {
    kind: 'unauthenticated',
    message: 'The client is not known, or its secret is not right.',
  },
  'token.refused': { kind: 'invalid', message: 'No token was given for this request.' },
  'logon.refused': { kind: 'forbidden', message: 'This account may not sign in this way now.' },
  'actor.forbidden': { kind: 'forbidden', message: 'Your roles do not allow this.' },
  'actor.out_of_scope': { kind: 'out_of_scope', message: 'This is outside the scope of your roles.' },
  'group.not_found': { kind: 'not_found', message: 'There is no such group.' },
  'group.required': { kind: 'invalid', message: 'A group must be named.' },
  'group.name_required': { kind: 'invalid', message: 'A group needs a name.' },
  'group.name_taken': { kind: 'conflict', message: 'A group of this name exists beside it.' },
  'group.name_ambiguous': {
    kind: 'conflict',
    message: 'Several groups have this name; give the path, such as Root/Europe/Sales, or the id.',
  },
  'group.not_empty': {
    kind: 'conflict',
    message: 'The group still has people, groups or applications in it.',
  },
  'group.built_in': { kind: 'conflict', message: 'A built-in group cannot be moved or removed.' },
  'group.cycle': { kind: 'conflict', message: 'A group cannot be moved below itself.' },
  'group.crosses_tenant': { kind: 'conflict', message: 'A group cannot be moved to another tenant.' },
  'role.not_found': { kind: 'not_found', message: 'There is no such role.' },
  'role.invalid': { kind: 'invalid', message: 'The role or its scope is not valid.' },
  'role.name_required': { kind: 'invalid', message: 'A role needs a name.' },
  'role.name_taken': { kind: 'conflict', message: 'A role of this name exists.' },
  'role.in_use': { kind: 'conflict', message: 'The role is still given to people or applications.' },
  'role.built_in': { kind: 'conflict', message: 'A built-in role cannot be removed.' },
  'role.beyond_actor': { kind: 'forbidden', message: 'You cannot give a role or scope above your own.' },
  'role.not_in_group': { kind: 'invalid', message: 'The group does not allow this role to its members.' },
  'operation.unknown': {
    kind: 'invalid',
    message: 'There is no such operation; `signet role list --operations` names them.',
  },
  'mechanism.unknown': {
    kind: 'invalid',
    message: 'There is no such logon mechanism; `signet role list --mechanisms` names them.',
  },
  'person.not_found': { kind: 'not_found', message: 'There is no such person.' },
  'person.name_required': { kind: 'invalid', message: 'A person needs a first or a last name.' },
  'person.logon_name_required': { kind: 'invalid', message: 'A person needs a logon name.' },
  'person.logon_name_taken': { kind: 'conflict', message: 'Someone already has this logon name.' },
  'person.alias_taken': { kind: 'conflict', message: 'Someone already has this name or alias.' },
  'person.email_taken': { kind: 'conflict', message: 'Someone already has this e-mail address.' },
  'person.external_id_taken': { kind: 'conflict', message: 'Someone already has this external id.' },
  'person.value_invalid': { kind: 'invalid', message: 'The value is not valid for this attribute.' },
  'person.beyond_actor': { kind: 'forbidden', message: 'This person may do what you may not.' },
  'person.version_stale': { kind: 'stale', message: 'The person was changed meanwhile; read it again.' },
  'image.not_found': { kind: 'not_found', message: 'There is no such image.' },
  'image.empty': { kind: 'invalid', message: 'The image has no data.' },
  'image.invalid': { kind: 'invalid', message: 'The image data or type is not valid.' },
  'attribute.not_found': { kind: 'not_found', message: 'There is no such custom attribute.' },
  'attribute.name_taken': { kind: 'conflict', message: 'A custom attribute of this name exists.' },
  'attribute.invalid': { kind: 'invalid', message: 'The definition of the custom attribute is not valid.' },
  'application.not_found': { kind: 'not_found', message: 'There is no such application.' },
  'application.name_taken': { kind: 'conflict', message: 'An application of this name exists.' },
  'setting.not_found': {
    kind: 'not_found',
    message: 'There is no such setting; `signet setting list` names them.',
  },
  'setting.invalid': { kind: 'invalid', message: 'The value is not valid for this setting.' },
  'report.not_found': { kind: 'not_found', message: 'There is no such report.' },
  'report.order_unknown': { kind: 'invalid', message: 'The report cannot be ordered by this column.' },
  'report.page_invalid': { kind: 'invalid', message: 'The page is a positive integer.' },
  'report.criterion_invalid': { kind: 'invalid', message: 'The value is not valid for this criterion.' },
  'audit.checkpoint_invalid': {
    kind: 'invalid',
    message: 'This is not a checkpoint of an audit, or its signature is not good.',
  },
  'password.unacceptable': { kind: 'invalid', message: 'The password is too short or too long.' },
  'key.unknown': {
    kind: 'unavailable',
    message: 'A stored secret was sealed under a key that this server does not have.',
  },
  'master_key.missing': {
    kind: 'unavailable',
    message: 'The master key that the database needs is not here.',
  },
  'master_key.wrong': {
    kind: 'unavailable',
    message: 'The master key is not the one that the database knows.',
  },
  'master_key.none_new': {
    kind: 'conflict',
    message: 'The environment holds no new master key to rotate to.',
  },
  'master_key.not_found': { kind: 'not_found', message: 'There is no such master key.' },
  'master_key.in_use': { kind: 'conflict', message: 'The master key is still in use.' },
  'escrow.unreadable': { kind: 'invalid', message: 'This is not an escrow copy of a master key.' },
  'escrow.passphrase_wrong': {
    kind: 'invalid',
    message: 'The passphrase is not the one that the escrow copy was made with.',
  },
} as const satisfies Record<string, { kind: ErrorKind; message: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** A refusal the caller can act on. Anything else that is thrown is a bug or an outage. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly code: ErrorCode;
  readonly kind: ErrorKind;
  /** The input at fault, in core's own terms: `name.first`. */
  readonly field: string | undefined;
  /** A detail for people: what was given, what would be right. Never a secret. */
  readonly detail: string | undefined;
  /** Seconds after which it may be worth trying again, where that is known. */
  readonly retryAfter: number | undefined;

  constructor(
    code: ErrorCode,
    options: { field?: string; detail?: string; retryAfter?: number; cause?: unknown } = {},
  ) {
    super(ERRORS[code].message, { cause: options.cause });
    this.code = code;
    this.kind = ERRORS[code].kind;
    this.field = options.field;
    this.detail = options.detail;
    this.retryAfter = options.retryAfter;
  }
}
