import type { Context } from '#core/context.ts';
import type { ErrorCode } from '#core/errors.ts';

/** Everything that leaves a trace, with the words people read it by. Keys are never renamed or reused. */
export const AUDITED = {
  'logon.granted': 'Logon',
  'logon.refused': 'Logon',
  'token.revoked': 'Revoke Token',
  'operation.granted': 'Operation Token',
  'person.added': 'Add Person',
  'person.edited': 'Edit Person',
  'person.enabled': 'Enable Person',
  'person.disabled': 'Disable Person',
  'person.removed': 'Remove Person',
  'person.password_set': 'Set Password',
  'image.set': 'Set Image',
  'group.added': 'Add Group',
  'group.edited': 'Edit Group',
  'group.moved': 'Move Group',
  'group.removed': 'Remove Group',
  'role.added': 'Add Role',
  'role.edited': 'Edit Role',
  'role.removed': 'Remove Role',
  'role.granted': 'Grant Role',
  'application.added': 'Add Application',
  'application.edited': 'Edit Application',
  'application.removed': 'Remove Application',
  'attribute.defined': 'Define Attribute',
  'attribute.removed': 'Remove Attribute',
  'setting.changed': 'Change Setting',
  'audit.exported': 'Export Audit',
  'key.created': 'Create Signing Key',
  'key.retired': 'Retire Signing Key',
  'master_key.rotated': 'Rotate Master Key',
  'master_key.exported': 'Export Master Key',
  'master_key.forgotten': 'Forget Master Key',
  'configuration.reloaded': 'Reload Configuration',
  'server.initialised': 'Initialise Server',
  'access.refused': 'Access Refused',
} as const;

export type AuditOperation = keyof typeof AUDITED;
export type TargetKind =
  | 'person'
  | 'group'
  | 'role'
  | 'application'
  | 'attribute'
  | 'setting'
  | 'client'
  | 'key'
  | 'server';

export interface Target {
  kind: TargetKind;
  id: string;
  name?: string | null;
}

/** What an operation tells of itself; who, when and from where come from the context. */
export interface NewEvent {
  operation: AuditOperation;
  outcome?: 'success' | 'refused' | 'failed';
  refusal?: ErrorCode;
  /** How many equal refusals this row stands for. */
  count?: number;
  target?: Target;
  message?: string;
  /** Changed values by attribute, `{ from, to }`, or other facts. Never a secret. */
  details?: Record<string, unknown>;
}

/** A row of `audit_event`, complete. */
export interface EventRow
  extends Required<Pick<NewEvent, 'operation' | 'outcome' | 'count' | 'message' | 'details'>> {
  at: Date;
  endedAt: Date;
  refusal: string | null;
  actorKind: string;
  actorId: string | null;
  actorName: string;
  targetKind: string | null;
  targetId: string | null;
  targetName: string | null;
  wayIn: string;
  clientId: string | null;
  sessionId: string | null;
  mechanism: string | null;
  ip: string | null;
  clientIdentifier: string | null;
  requestId: string | null;
}

/** Completes an event with the facts of its context. What cannot be stored as it is, is stored as near as it can be. */
export function eventRow(ctx: Context, event: NewEvent): EventRow {
  return storable(rowOf(ctx, event)) as EventRow;
}

/** Of facts that come from outside; a longer one would not fit into an index. */
const MOST_CHARACTERS = 500;

/** An event must not get lost for a NUL in it. Details are longer than other facts: a setting, a description. */
function storable(value: unknown, longest = MOST_CHARACTERS): unknown {
  if (typeof value === 'string') return value.slice(0, longest).toWellFormed().replaceAll('\0', '\ufffd');
  if (Array.isArray(value)) return value.map((entry) => storable(entry, longest));
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [
      storable(key),
      storable(entry, key === 'details' ? 20 * MOST_CHARACTERS : longest),
    ]),
  );
}

function rowOf(ctx: Context, event: NewEvent): EventRow {
  return {
    at: ctx.now,
    endedAt: ctx.services.now(),
    operation: event.operation,
    outcome: event.outcome ?? 'success',
    refusal: event.refusal ?? null,
    count: event.count ?? 1,
    actorKind: ctx.actor.kind,
    actorId: ctx.actor.id,
    actorName: ctx.actor.name,
    targetKind: event.target?.kind ?? null,
    targetId: event.target?.id ?? null,
    targetName: event.target?.name ?? null,
    wayIn: ctx.origin.window,
    clientId: ctx.actor.clientId,
    sessionId: ctx.actor.sessionId,
    mechanism: ctx.actor.mechanism,
    ip: ctx.origin.ip,
    clientIdentifier: ctx.origin.clientIdentifier,
    requestId: ctx.origin.requestId,
    message: event.message ?? '',
    details: event.details ?? {},
  };
}
