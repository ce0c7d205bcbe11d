import { DomainError } from '#core/errors.ts';
import type { Actor } from './actor.ts';
import type { Permission } from './permissions.ts';
import type { Reach } from './scope.ts';

/**
 * How far the actor's permission reaches. Refuses whoever has it not at all: `actor.unauthenticated` before signing in,
 * else `actor.forbidden`. An operation passes the reach on to its SQL.
 */
export function authorize(actor: Actor, permission: Permission): Reach {
  if (actor.kind === 'nobody') throw new DomainError('actor.unauthenticated');
  const reach = reachOf(actor, permission);
  if (reach.scope === 'none') throw new DomainError('actor.forbidden', { detail: permission });
  return reach;
}

/**
 * Lets only those pass whose permission reaches everyone: for what belongs to the whole installation and not to somebody,
 * such as roles and settings. Refuses others who have it, administrators of a tenant among them, as `actor.out_of_scope`.
 */
export function authorizeForAll(actor: Actor, permission: Permission): void {
  inScopeOrRefuse(authorize(actor, permission).scope === 'all');
}

/** True when the actor has the permission for anybody at all. */
export const can = (actor: Actor, permission: Permission): boolean =>
  reachOf(actor, permission).scope !== 'none';

/** How far a permission reaches for this actor; scope `none` when they have it not. */
export function reachOf(actor: Actor, permission: Permission): Reach {
  const scope = actor.permissions.get(permission) ?? 'none';
  switch (scope) {
    case 'none':
      return { scope };
    case 'all':
      return actor.inRootTenant ? { scope } : { scope: 'division', groupId: actor.tenantId };
    case 'self':
      return actor.id === null ? { scope: 'none' } : { scope, personId: actor.id, groupId: actor.groupId };
    default:
      return { scope, groupId: actor.groupId };
  }
}

/** Refuses what exists but lies outside the reach of the actor's permission. */
export function inScopeOrRefuse(isWithin: boolean): void {
  if (!isWithin) throw new DomainError('actor.out_of_scope');
}
