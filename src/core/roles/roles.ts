import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { record } from '#core/audit/audit.ts';
import { type Context, transaction } from '#core/context.ts';
import { DomainError } from '#core/errors.ts';
import { isPrintable, isUuid } from '#core/text.ts';
import type { Actor } from './actor.ts';
import { authorize, authorizeForAll } from './authorize.ts';
import { beyond, refuseBeyond } from './grant.ts';
import { type Mechanism, mechanismNamed } from './mechanisms.ts';
import { type OptionName, optionNamed } from './permissions.ts';
import { deleteRole, findHolders, findRole, findRoles, insertRole, updateRole } from './role-store.ts';
import { SCOPES, type Scope } from './scope.ts';
import { raiseEpoch } from './store.ts';

export interface Role {
  id: string;
  name: string;
  description: string;
  operations: string[];
  mechanisms: string[];
  isBuiltIn: boolean;
}

export interface NewRole {
  name: string;
  description?: string | undefined;
  /** A role to start from; its operations and mechanisms are taken over. */
  from?: string | undefined;
  /** Option names in any letter case, or `all`. */
  operations?: readonly string[] | undefined;
  mechanisms?: readonly string[] | undefined;
}

export type RolePatch = Partial<Omit<NewRole, 'from'>>;

/** All roles by name. */
export async function listRoles(ctx: Context): Promise<Role[]> {
  authorize(ctx.actor, 'role.view');
  return findRoles(ctx.sql);
}

/** A role, and the widest scope that the actor could give it to somebody with. */
export interface GrantableRole {
  role: Role;
  scope: Scope;
}

/** The roles that the actor could give, by name: those that hold nothing the actor has not got. */
export async function listGrantableRoles(ctx: Context): Promise<GrantableRole[]> {
  authorize(ctx.actor, 'role.view');
  const roles = await findRoles(ctx.sql);
  return roles.flatMap((role) => {
    const scope = SCOPES.findLast((s) => s !== 'none' && !beyond(ctx.actor, role, s));
    return scope === undefined ? [] : { role, scope };
  });
}

/** A role by name (any letter case) or id. */
export async function getRole(ctx: Context, nameOrId: string): Promise<Role> {
  authorize(ctx.actor, 'role.view');
  return found(await findRole(ctx.sql, nameOrId));
}

/** Adds a role. Refuses a name in use, unknown operations or mechanisms, and operations the actor has not got. */
export async function addRole(ctx: Context, input: NewRole): Promise<Role> {
  authorizeForAll(ctx.actor, 'role.edit');
  const name = checkedName(input.name);
  const base = input.from === undefined ? undefined : found(await findRole(ctx.sql, input.from));
  const role: Role = {
    id: randomUUID(),
    name,
    description: checkedDescription(input.description ?? ''),
    operations: [
      ...new Set([...(base?.operations ?? []), ...checkedOperations(ctx.actor, input.operations ?? [])]),
    ],
    mechanisms: [...new Set([...(base?.mechanisms ?? []), ...checkedMechanisms(input.mechanisms ?? [])])],
    isBuiltIn: false,
  };
  refuseBeyond(ctx.actor, role, 'self');
  return transaction(ctx, async (tx) => {
    if (!(await insertRole(tx.sql, role, ctx.now)))
      throw new DomainError('role.name_taken', { field: 'name', detail: name });
    await record(tx, {
      operation: 'role.added',
      target: { kind: 'role', id: role.id, name },
      details: { operations: role.operations, mechanisms: role.mechanisms },
    });
    return role;
  });
}

/**
 * Changes what is given; whoever has the role is affected from their next request on. What it allows anew, or by a
 * mechanism anew, is given to everyone who has it, as far as their scope goes: the actor must be able to give them that.
 */
export async function editRole(ctx: Context, nameOrId: string, patch: RolePatch): Promise<Role> {
  authorizeForAll(ctx.actor, 'role.edit');
  return transaction(ctx, async (tx) => {
    const before = found(await findRole(tx.sql, nameOrId, { lock: true }));
    const role: Role = {
      ...before,
      name: patch.name === undefined ? before.name : checkedName(patch.name),
      description:
        patch.description === undefined ? before.description : checkedDescription(patch.description),
      operations: patch.operations ? checkedOperations(ctx.actor, patch.operations) : before.operations,
      mechanisms: patch.mechanisms ? checkedMechanisms(patch.mechanisms) : before.mechanisms,
    };
    const told = roleChanges(before, role);
    if (Object.keys(told).length === 0) return before;
    const given = givenAnew(before, role);
    refuseBeyond(ctx.actor, given, 'self');
    if (given.operations.length > 0) {
      for (const { scope, ...at } of await findHolders(tx.sql, role.id))
        refuseBeyond(ctx.actor, given, scope, at);
    }
    if (!(await updateRole(tx.sql, role, ctx.now)))
      throw new DomainError('role.name_taken', { field: 'name', detail: role.name });
    await raiseEpoch(tx.sql);
    await record(tx, {
      operation: 'role.edited',
      target: { kind: 'role', id: role.id, name: role.name },
      details: told,
    });
    return role;
  });
}

/** What differs, for the audit. */
function roleChanges(before: Role, after: Role): Record<string, { from: unknown; to: unknown }> {
  const keys = ['name', 'description', 'operations', 'mechanisms'] as const;
  const changed = keys.filter((key) => !isDeepStrictEqual(before[key], after[key]));
  return Object.fromEntries(changed.map((key) => [key, { from: before[key], to: after[key] }]));
}

/** The operations that holders of the role get by the change: with a new mechanism all of them, in more sessions. */
function givenAnew(before: Role, after: Role): { operations: string[] } {
  const opened = after.mechanisms.some((name) => !before.mechanisms.includes(name));
  return { operations: after.operations.filter((name) => opened || !before.operations.includes(name)) };
}

/** Removes a role that nobody has. Refuses `role.in_use` and `role.built_in`. */
export async function removeRole(ctx: Context, nameOrId: string): Promise<void> {
  authorizeForAll(ctx.actor, 'role.edit');
  await transaction(ctx, async (tx) => {
    const role = found(await findRole(tx.sql, nameOrId, { lock: true }));
    if (role.isBuiltIn) throw new DomainError('role.built_in', { detail: role.name });
    if (!(await deleteRole(tx.sql, role.id))) throw new DomainError('role.in_use', { detail: role.name });
    await record(tx, { operation: 'role.removed', target: { kind: 'role', id: role.id, name: role.name } });
  });
}

function found(role: Role | undefined): Role {
  if (!role) throw new DomainError('role.not_found');
  return role;
}

/** A name that looked like an id would be found instead of the role with that id. */
function checkedName(given: string): string {
  const name = given.trim().normalize('NFC');
  if (name === '' || name.length > 100 || !isPrintable(name) || isUuid(name))
    throw new DomainError('role.name_required', { field: 'name' });
  return name;
}

function checkedDescription(given: string): string {
  if (given.length > 1000 || !isPrintable(given))
    throw new DomainError('request.value_invalid', {
      field: 'description',
      detail: 'at most 1000 characters',
    });
  return given;
}

function checkedOperations(actor: Actor, given: readonly string[]): OptionName[] {
  const names = given.flatMap((name) => {
    if (name.trim().toLowerCase() === 'all')
      return [...actor.options].flatMap(([option, scope]) => (scope === 'none' ? [] : option));
    const option = optionNamed(name);
    if (!option) throw new DomainError('operation.unknown', { field: 'operations', detail: name });
    return option;
  });
  return [...new Set(names)];
}

function checkedMechanisms(given: readonly string[]): Mechanism[] {
  const names = given.map((name) => {
    const mechanism = mechanismNamed(name);
    if (!mechanism) throw new DomainError('mechanism.unknown', { field: 'mechanisms', detail: name });
    return mechanism;
  });
  return [...new Set(names)];
}
