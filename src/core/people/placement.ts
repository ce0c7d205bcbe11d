import type { Context } from '#core/context.ts';
import { DomainError } from '#core/errors.ts';
import { foldName } from '#core/fold.ts';
import { type Place, reachesNoFarther, refuseBeyond } from '#core/roles/grant.ts';
import { findRolesNamed } from '#core/roles/role-store.ts';
import { covers, groupWithin, isScope, type Reach, type Scope } from '#core/roles/scope.ts';
import type { HeldRole } from './person.ts';
import { findPlacement } from './store.ts';

/** A role that a person is to have, found by its name. */
export interface WantedRole {
  roleId: string;
  name: string;
  operations: readonly string[];
  scope: Scope;
}

/** Finds the roles by name. Refuses `role.invalid` for an unknown role or scope; of a role named twice the last counts. */
export async function resolveRoles(ctx: Context, given: readonly HeldRole[]): Promise<WantedRole[]> {
  if (given.length === 0) return [];
  const known = new Map(
    (
      await findRolesNamed(
        ctx.sql,
        given.map((r) => r.name),
      )
    ).map((r) => [foldName(r.name), r]),
  );
  const wanted = new Map<string, WantedRole>();
  for (const { name, scope } of given) {
    const role = known.get(foldName(name));
    const folded = scope.toLowerCase();
    if (!role || !isScope(folded))
      throw new DomainError('role.invalid', { field: 'roles', detail: `${name}:${scope}` });
    wanted.set(role.id, { roleId: role.id, name: role.name, operations: role.operations, scope: folded });
  }
  return [...wanted.values()];
}

export interface PlacementOfPerson {
  tenantId: string;
  groupName: string;
  /** True when the actor may put people into the group. */
  isWithin: boolean;
  roles: WantedRole[];
  /** Refuses roles that the group does not allow, or that the actor could not give. */
  refuseRoles(): void;
}

/** Where somebody is now, and with which roles. */
export interface Held extends Place {
  tenantId: string;
  roles: readonly HeldRole[];
}

/**
 * The group that a person goes into, and the roles they get there: those wanted, else the group's defaults, which
 * whoever set them could give. What they `held` already stays without being given anew, unless in the new place it
 * reaches people whom it did not reach before.
 */
export async function place(
  ctx: Context,
  groupId: string,
  reach: Reach,
  wanted: WantedRole[] | undefined,
  held?: Held,
): Promise<PlacementOfPerson> {
  const group = await findPlacement(ctx.sql, groupId, groupWithin(ctx.sql, reach));
  if (!group) throw new DomainError('group.not_found', { field: 'group' });
  const at = { groupId, ...group };
  const defaults = group.offered.flatMap(({ defaultScope, ...role }) =>
    defaultScope === null ? [] : [{ ...role, scope: defaultScope as Scope }],
  );
  const roles = wanted ?? defaults;
  return {
    tenantId: group.tenantId,
    groupName: group.name,
    isWithin: group.isWithin,
    roles,
    refuseRoles() {
      const offered = new Set(group.offered.map((role) => role.roleId));
      const stranger = group.rolesLimited && roles.find((role) => !offered.has(role.roleId));
      if (stranger) throw new DomainError('role.not_in_group', { field: 'roles', detail: stranger.name });
      for (const role of wanted ?? []) {
        const before = held?.roles.find((h) => h.name === role.name);
        const stays = held && before && covers(before.scope as Scope, role.scope);
        if (!stays || !reachesNoFarther(role.scope, held, at)) refuseBeyond(ctx.actor, role, role.scope, at);
      }
    },
  };
}
