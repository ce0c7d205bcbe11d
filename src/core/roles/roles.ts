import { randomUUID } from 'node:crypto';
import { record } from '#core/audit/audit.ts';
import { type Context, transaction } from '#core/context.ts';
import { DomainError } from '#core/errors.ts';
import type { Actor } from './actor.ts';
import { authorize } from './authorize.ts';
import { type Mechanism, mechanismNamed } from './mechanisms.ts';
import { OPTIONS, type OptionName, optionNamed } from './permissions.ts';
import { deleteRole, findRole, findRoles, insertRole, updateRole } from './role-store.ts';
import { covers, SCOPES, type Scope } from './scope.ts';
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
  authorize(ctx.actor, 'role.edit');
  const name = checkedName(input.name);
  const base = input.from === undefined ? undefined : found(await findRole(ctx.sql, input.from));
  const role: Role = {
    id: randomUUID(),
    name,
    description: input.description ?? '',
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

/** Changes what is given; whoever has the role is affected from their next request on. */
export async function editRole(ctx: Context, nameOrId: string, patch: RolePatch): Promise<Role> {
  authorize(ctx.actor, 'role.edit');
  return transaction(ctx, async (tx) => {
    const before = found(await findRole(tx.sql, nameOrId, { lock: true }));
    const role: Role = {
      ...before,
      name: patch.name === undefined ? before.name : checkedName(patch.name),
      description: patch.description ?? before.description,
      operations: patch.operations ? checkedOperations(ctx.actor, patch.operations) : before.operations,
      mechanisms: patch.mechanisms ? checkedMechanisms(patch.mechanisms) : before.mechanisms,
    };
    const added = role.operations.filter((name) => !before.operations.includes(name));
    refuseBeyond(ctx.actor, { operations: added }, 'self');
    if (!(await updateRole(tx.sql, role, ctx.now)))
      throw new DomainError('role.name_taken', { field: 'name', detail: role.name });
    await raiseEpoch(tx.sql);
    await record(tx, {
      operation: 'role.edited',
      target: { kind: 'role', id: role.id, name: role.name },
      details: {
        operations: { from: before.operations, to: role.operations },
        mechanisms: { from: before.mechanisms, to: role.mechanisms },
      },
    });
    return role;
  });
}

/** Removes a role that nobody has. Refuses `role.in_use` and `role.built_in`. */
export async function removeRole(ctx: Context, nameOrId: string): Promise<void> {
  authorize(ctx.actor, 'role.edit');
  await transaction(ctx, async (tx) => {
    const role = found(await findRole(tx.sql, nameOrId, { lock: true }));
    if (role.isBuiltIn) throw new DomainError('role.built_in', { detail: role.name });
    if (!(await deleteRole(tx.sql, role.id))) throw new DomainError('role.in_use', { detail: role.name });
    await record(tx, { operation: 'role.removed', target: { kind: 'role', id: role.id, name: role.name } });
  });
}

/** One cannot give what one has not: everything the role allows, the actor must be allowed with at least this scope. */
export function refuseBeyond(actor: Actor, role: { operations: readonly string[] }, scope: Scope): void {
  const missing = beyond(actor, role, scope);
  if (missing !== undefined) throw new DomainError('role.beyond_actor', { field: 'roles', detail: missing });
}

/** The first option of the role that allows what the actor may not do, or not as far; also one nobody knows. */
function beyond(actor: Actor, role: { operations: readonly string[] }, scope: Scope): string | undefined {
  return role.operations.find((name) => {
    const gives = Object.hasOwn(OPTIONS, name) ? OPTIONS[name as OptionName].gives : undefined;
    return !gives?.every((permission) => covers(actor.permissions.get(permission) ?? 'none', scope));
  });
}

function found(role: Role | undefined): Role {
  if (!role) throw new DomainError('role.not_found');
  return role;
}

function checkedName(given: string): string {
  const name = given.trim();
  if (name === '' || name.length > 100) throw new DomainError('role.name_required', { field: 'name' });
  return name;
}

function checkedOperations(actor: Actor, given: readonly string[]): OptionName[] {
  const names = given.flatMap((name) => {
    if (name.trim().toLowerCase() === 'all') return [...actor.options.keys()];
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
