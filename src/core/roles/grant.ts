import { DomainError } from '#core/errors.ts';
import type { Actor } from './actor.ts';
import { reachOf } from './authorize.ts';
import { OPTIONS, type OptionName, type Permission } from './permissions.ts';
import { covers, type Scope } from './scope.ts';

/** Where somebody stands who has a role, or will: what their scope starts from. */
export interface Place {
  groupId: string;
  /** From Root down to the group itself. */
  ancestors: readonly string[];
}

/**
 * One cannot give what one has not. Every permission of the role must be the actor's own with at least this scope and,
 * from `at` on, reach nobody that the actor does not reach: a department of one's own is not the department of others.
 * Without `at` only the scopes are compared. Refuses `role.beyond_actor`.
 */
export function refuseBeyond(
  actor: Actor,
  role: { operations: readonly string[] },
  scope: Scope,
  at?: Place,
): void {
  const missing = beyond(actor, role, scope, at);
  if (missing !== undefined) throw new DomainError('role.beyond_actor', { field: 'roles', detail: missing });
}

/** The first option of the role that the actor could not give, if there is one. */
export function beyond(
  actor: Actor,
  role: { operations: readonly string[] },
  scope: Scope,
  at?: Place,
): string | undefined {
  return role.operations.find((name) => {
    // An option of a newer Signet: nobody here can tell what it allows.
    if (!Object.hasOwn(OPTIONS, name)) return true;
    return OPTIONS[name as OptionName].gives.some((permission) => !canGive(actor, permission, scope, at));
  });
}

function canGive(actor: Actor, permission: Permission, scope: Scope, at?: Place): boolean {
  if (!covers(actor.permissions.get(permission) ?? 'none', scope)) return false;
  if (at === undefined || scope === 'none' || scope === 'self') return true;
  const reach = reachOf(actor, permission);
  switch (reach.scope) {
    case 'all':
      return true;
    case 'none':
      return false;
    case 'division': // of a group, or `all` of a tenant: then whoever is in it has `all` of it, or of one below
      return at.ancestors.includes(reach.groupId);
    default:
      return at.groupId === reach.groupId;
  }
}

/** True when a role reaches nobody anew for its holder who changes place. */
export function reachesNoFarther(
  scope: Scope,
  from: Place & { tenantId: string },
  to: Place & { tenantId: string },
) {
  if (from.groupId === to.groupId || scope === 'none' || scope === 'self') return true;
  if (scope === 'department') return false;
  // `all` starts from the tenant, and in that of Root it ends nowhere.
  const start = scope === 'division' ? from.groupId : from.tenantId;
  return to.ancestors.includes(start);
}

/** The first permission that would reach a group for the actor if it hung below `parent`, and does not now. */
export function gainedByMove(actor: Actor, group: Place, parent: Place): Permission | undefined {
  return [...actor.permissions.keys()].find((permission) => {
    const reach = reachOf(actor, permission);
    return (
      reach.scope === 'division' &&
      parent.ancestors.includes(reach.groupId) &&
      !group.ancestors.includes(reach.groupId)
    );
  });
}
