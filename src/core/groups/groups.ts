import { randomUUID } from 'node:crypto';
import { record } from '#core/audit/audit.ts';
import { type Context, transaction } from '#core/context.ts';
import { DomainError } from '#core/errors.ts';
import { authorize, inScopeOrRefuse, reachOf } from '#core/roles/authorize.ts';
import { findRolesNamed } from '#core/roles/role-store.ts';
import { refuseBeyond } from '#core/roles/roles.ts';
import { isScope, type Reach } from '#core/roles/scope.ts';
import { raiseEpoch } from '#core/roles/store.ts';
import { containsPattern } from '#core/search.ts';
import type { Group, GroupPatch, GroupRole, NewGroup } from './group.ts';
import * as store from './store.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export interface GroupPage {
  groups: Group[];
  /** Where the next page begins; null on the last one. */
  next: { name: string; id: string } | null;
}

/** Groups in the actor's scope by name. `q` matches anywhere in the name, `*` stands for anything, empty for all. */
export async function listGroups(
  ctx: Context,
  {
    q = '',
    after = null,
    offset = 0,
    limit = 200,
  }: { q?: string; after?: GroupPage['next']; offset?: number; limit?: number } = {},
): Promise<GroupPage> {
  const reach = authorize(ctx.actor, 'group.view');
  const rows = await store.searchGroups(
    ctx.sql,
    { pattern: containsPattern(q), after, offset, limit },
    reach,
  );
  const groups = rows.slice(0, limit);
  const last = groups.at(-1);
  return {
    groups: groups.map(({ key: _, ...group }) => group),
    next: rows.length > limit && last ? { name: last.key, id: last.id } : null,
  };
}

/** One group. Refuses `group.not_found`, and one outside the actor's scope as `actor.out_of_scope`. */
export async function getGroup(ctx: Context, id: string): Promise<Group & { roles: GroupRole[] }> {
  const group = within(await store.findGroup(ctx.sql, id, authorize(ctx.actor, 'group.view')));
  return { ...group, roles: await store.findGroupRoles(ctx.sql, id) };
}

/** A group by id, by name, or by path (`Root/Europe/Sales`). Refuses `group.name_ambiguous` when a name is not enough. */
export async function findGroup(ctx: Context, given: string): Promise<Group> {
  const reach = authorize(ctx.actor, 'group.view');
  const text = given.trim();
  if (UUID.test(text)) return within(await store.findGroup(ctx.sql, text, reach));
  const named = await store.findGroupsNamed(ctx.sql, text, reach);
  if (named.length > 1) throw new DomainError('group.name_ambiguous', { field: 'group', detail: text });
  if (named.length === 1) return within(named[0]);
  return within(text.includes('/') ? await followPath(ctx, text.split('/'), reach) : undefined, text);
}

async function followPath(
  ctx: Context,
  names: string[],
  reach: Reach,
): Promise<store.FoundGroup | undefined> {
  let group = await store.findRoot(ctx.sql, reach);
  const rest = names[0]?.toLowerCase() === group?.name.toLowerCase() ? names.slice(1) : names;
  for (const name of rest) group = group && (await store.findChildNamed(ctx.sql, group.id, name, reach));
  return group;
}

/** Adds a group below its parent, with the roles it offers. Refuses a name that a sibling has. */
export async function addGroup(ctx: Context, input: NewGroup): Promise<Group> {
  const reach = authorize(ctx.actor, 'group.add');
  const name = checkedName(input.name);
  const parent =
    input.parent === undefined ? await store.findRoot(ctx.sql, reach) : await findGroup(ctx, input.parent);
  if (!parent) throw new DomainError('group.not_found', { field: 'parent' });
  inScopeOrRefuse((await store.findGroup(ctx.sql, parent.id, reach))?.isWithin ?? false);
  const id = randomUUID();
  return transaction(ctx, async (tx) => {
    const row = {
      id,
      parentId: parent.id,
      name,
      description: input.description ?? '',
      ou: input.ou ?? '',
      isTenant: input.isTenant ?? false,
      isBuiltIn: false,
      rolesLimited: input.rolesLimited ?? false,
    };
    if (!(await store.insertGroup(tx.sql, row, ctx.now)))
      throw new DomainError('group.name_taken', { field: 'name', detail: name });
    if (input.roles) await store.replaceGroupRoles(tx.sql, id, await offeredRoles(tx, input.roles));
    await record(tx, {
      operation: 'group.added',
      target: { kind: 'group', id, name },
      details: { parent: parent.name, ...(input.roles && { roles: input.roles }) },
    });
    return within(await store.findGroup(tx.sql, id, { scope: 'all' }));
  });
}

/** Changes what is given. A role offered by default cannot be one that the actor could not give. */
export async function editGroup(ctx: Context, id: string, patch: GroupPatch): Promise<Group> {
  const reach = authorize(ctx.actor, 'group.edit');
  return transaction(ctx, async (tx) => {
    const before = within(await store.lockGroup(tx.sql, id, reach));
    const { isWithin: _, ...group } = {
      ...before,
      name: patch.name === undefined ? before.name : checkedName(patch.name),
      description: patch.description ?? before.description,
      ou: patch.ou ?? before.ou,
      rolesLimited: patch.rolesLimited ?? before.rolesLimited,
    };
    if (!(await store.updateGroup(tx.sql, group, ctx.now)))
      throw new DomainError('group.name_taken', { field: 'name', detail: group.name });
    if (patch.roles) await store.replaceGroupRoles(tx.sql, id, await offeredRoles(tx, patch.roles));
    await record(tx, {
      operation: 'group.edited',
      target: { kind: 'group', id, name: group.name },
      details: { ...patch },
    });
    return group;
  });
}

async function offeredRoles(ctx: Context, given: readonly GroupRole[]) {
  const known = new Map(
    (
      await findRolesNamed(
        ctx.sql,
        given.map((r) => r.name),
      )
    ).map((r) => [r.name.toLowerCase(), r]),
  );
  return given.map(({ name, defaultScope }) => {
    const role = known.get(name.toLowerCase());
    if (!role || (defaultScope !== null && !isScope(defaultScope)))
      throw new DomainError('role.invalid', { field: 'roles', detail: name });
    if (defaultScope !== null) refuseBeyond(ctx.actor, role, defaultScope);
    return { id: role.id, defaultScope };
  });
}

/** Hangs a group with all below it under another parent of the same tenant. */
export async function moveGroup(ctx: Context, id: string, parentId: string): Promise<Group> {
  const reach = authorize(ctx.actor, 'group.edit');
  return transaction(ctx, async (tx) => {
    await store.lockTree(tx.sql);
    const group = within(await store.findGroup(tx.sql, id, reach));
    const parent = within(await store.findGroup(tx.sql, parentId, reach));
    if (group.isBuiltIn || group.parentId === null)
      throw new DomainError('group.built_in', { detail: group.name });
    if (group.parentId === parent.id) return group;
    if (await store.isBelow(tx.sql, parentId, id)) throw new DomainError('group.cycle', { field: 'parent' });
    if (!group.isTenant && group.tenantId !== parent.tenantId)
      throw new DomainError('group.crosses_tenant', { field: 'parent' });
    if (await store.findChildNamed(tx.sql, parentId, group.name, reach))
      throw new DomainError('group.name_taken', { field: 'name', detail: group.name });
    await store.moveBelow(tx.sql, id, parentId, ctx.now);
    await raiseEpoch(tx.sql);
    const details = { parent: { from: group.parentName, to: parent.name } };
    await record(tx, { operation: 'group.moved', target: { kind: 'group', id, name: group.name }, details });
    return within(await store.findGroup(tx.sql, id, { scope: 'all' }));
  });
}

/** Removes an empty group. Refuses `group.not_empty` and `group.built_in`. */
export async function removeGroup(ctx: Context, id: string): Promise<void> {
  const reach = authorize(ctx.actor, 'group.remove');
  await transaction(ctx, async (tx) => {
    const group = within(await store.findGroup(tx.sql, id, reach));
    if (group.isBuiltIn) throw new DomainError('group.built_in', { detail: group.name });
    if (!(await store.deleteGroup(tx.sql, id)))
      throw new DomainError('group.not_empty', { detail: group.name });
    await record(tx, { operation: 'group.removed', target: { kind: 'group', id, name: group.name } });
  });
}

/** How far the actor sees groups; used where another permission already let them in. */
export const groupReach = (ctx: Context): Reach => reachOf(ctx.actor, 'group.view');

function within(group: store.FoundGroup | undefined, detail?: string): store.FoundGroup {
  if (!group)
    throw new DomainError(
      'group.not_found',
      detail === undefined ? { field: 'group' } : { field: 'group', detail },
    );
  inScopeOrRefuse(group.isWithin);
  return group;
}

function checkedName(given: string): string {
  const name = given.trim().normalize('NFC');
  // A slash would make paths ambiguous; control characters have no place in a name.
  if (name === '' || name.length > 200 || /[/\p{Cc}]/u.test(name))
    throw new DomainError('group.name_required', { field: 'name' });
  return name;
}
