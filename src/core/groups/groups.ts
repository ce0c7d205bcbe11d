import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { record } from '#core/audit/audit.ts';
import { type Context, transaction } from '#core/context.ts';
import { DomainError } from '#core/errors.ts';
import { foldName } from '#core/fold.ts';
import { authorize, inScopeOrRefuse, reachOf } from '#core/roles/authorize.ts';
import { gainedByMove, type Place, refuseBeyond } from '#core/roles/grant.ts';
import { findRolesNamed } from '#core/roles/role-store.ts';
import { isScope, type Reach } from '#core/roles/scope.ts';
import { raiseEpoch } from '#core/roles/store.ts';
import { containsPattern } from '#core/search.ts';
import { isPrintable, isUuid, isVisible } from '#core/text.ts';
import type { Group, GroupPatch, GroupRole, NewGroup } from './group.ts';
import * as store from './store.ts';

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

/**
 * A group by id, by name, or by path (`Root/Europe/Sales`). A name is looked for in the actor's scope first; refuses
 * `group.name_ambiguous` when it is not enough there.
 */
export async function findGroup(ctx: Context, given: string): Promise<Group> {
  const reach = authorize(ctx.actor, 'group.view');
  const text = given.trim();
  if (isUuid(text)) return within(await store.findGroup(ctx.sql, text, reach));
  if (!isPrintable(text)) return within(undefined);
  const named = await store.findGroupsNamed(ctx.sql, text, reach);
  if (named.filter((group) => group.isWithin).length > 1)
    throw new DomainError('group.name_ambiguous', { field: 'group', detail: text });
  if (named.length > 0) return within(named[0]);
  return within(text.includes('/') ? await followPath(ctx, text.split('/'), reach) : undefined, text);
}

async function followPath(
  ctx: Context,
  names: string[],
  reach: Reach,
): Promise<store.FoundGroup | undefined> {
  let group = await store.findRoot(ctx.sql, reach);
  const startsAtRoot = foldName(names[0] ?? '') === foldName(group?.name ?? '');
  for (const name of startsAtRoot ? names.slice(1) : names) {
    group = group && (await store.findChildNamed(ctx.sql, group.id, name, reach));
    if (!group) return undefined;
  }
  return group;
}

/** Adds a group below its parent, with the roles it offers. Refuses a name that a sibling has. */
export async function addGroup(ctx: Context, input: NewGroup): Promise<Group> {
  const reach = authorize(ctx.actor, 'group.add');
  const row = {
    id: randomUUID(),
    ...checkedTexts({ name: input.name, description: input.description ?? '', ou: input.ou ?? '' }),
    isTenant: input.isTenant ?? false,
    isBuiltIn: false,
    rolesLimited: input.rolesLimited ?? false,
  };
  const given = input.parent === undefined ? undefined : await findGroup(ctx, input.parent);
  return transaction(ctx, async (tx) => {
    await store.holdTree(tx.sql);
    const parent = given
      ? await store.findGroup(tx.sql, given.id, reach)
      : await store.findRoot(tx.sql, reach);
    if (!parent) throw new DomainError('group.not_found', { field: 'parent' });
    inScopeOrRefuse(parent.isWithin);
    if (!(await store.insertGroup(tx.sql, { ...row, parentId: parent.id }, ctx.now)))
      throw new DomainError('group.name_taken', { field: 'name', detail: row.name });
    const at = { groupId: row.id, ancestors: [...parent.ancestors, row.id] };
    const roles = await offeredRoles(tx, input.roles ?? [], [], at);
    await store.replaceGroupRoles(tx.sql, row.id, roles);
    await record(tx, {
      operation: 'group.added',
      target: { kind: 'group', id: row.id, name: row.name },
      details: { parent: parent.name, ...(roles.length > 0 && { roles: roles.map(offer) }) },
    });
    return within(await store.findGroup(tx.sql, row.id, { scope: 'all' }));
  });
}

/**
 * Changes what is given. A role offered by default cannot be one that the actor could not give; one that is offered
 * already may stay. A change that changes nothing is not saved and not told.
 */
export async function editGroup(ctx: Context, id: string, patch: GroupPatch): Promise<Group> {
  const reach = authorize(ctx.actor, 'group.edit');
  return transaction(ctx, async (tx) => {
    const before = within(await store.lockGroup(tx.sql, id, reach));
    const offered = await store.findGroupRoles(tx.sql, id);
    const roles = patch.roles && (await offeredRoles(tx, patch.roles, offered, { ...before, groupId: id }));
    const after = {
      ...before,
      ...checkedTexts({
        name: patch.name ?? before.name,
        description: patch.description ?? before.description,
        ou: patch.ou ?? before.ou,
      }),
      rolesLimited: patch.rolesLimited ?? before.rolesLimited,
    };
    const told = groupChanges(
      { ...before, roles: offered },
      { ...after, roles: roles?.map(offer) ?? offered },
    );
    if (Object.keys(told).length === 0) return before;
    if (!(await store.updateGroup(tx.sql, after, ctx.now)))
      throw new DomainError('group.name_taken', { field: 'name', detail: after.name });
    if (roles) await store.replaceGroupRoles(tx.sql, id, roles);
    const target = { kind: 'group' as const, id, name: after.name };
    await record(tx, { operation: 'group.edited', target, details: told });
    return within(await store.findGroup(tx.sql, id, { scope: 'all' }));
  });
}

/** What differs, for the audit. */
function groupChanges(
  before: Group & { roles: GroupRole[] },
  after: Group & { roles: GroupRole[] },
): Record<string, { from: unknown; to: unknown }> {
  const keys = ['name', 'description', 'ou', 'rolesLimited', 'roles'] as const;
  const changed = keys.filter((key) => !isDeepStrictEqual(before[key], after[key]));
  return Object.fromEntries(changed.map((key) => [key, { from: before[key], to: after[key] }]));
}

const offer = ({ name, defaultScope }: GroupRole): GroupRole => ({ name, defaultScope });

/** The roles that a group is to offer, by name; of one named twice the last counts. */
async function offeredRoles(
  ctx: Context,
  given: readonly GroupRole[],
  offered: readonly GroupRole[],
  at: Place,
): Promise<(GroupRole & { id: string })[]> {
  const found = await findRolesNamed(
    ctx.sql,
    given.map((role) => role.name),
  );
  const known = new Map(found.map((role) => [foldName(role.name), role]));
  const wanted = new Map<string, GroupRole & { id: string }>();
  for (const { name, defaultScope } of given) {
    const role = known.get(foldName(name));
    const scope = defaultScope?.toLowerCase() ?? null;
    if (!role || (scope !== null && !isScope(scope)))
      throw new DomainError('role.invalid', { field: 'roles', detail: name });
    const isOffered = offered.some((before) => before.name === role.name && before.defaultScope === scope);
    if (scope !== null && !isOffered) refuseBeyond(ctx.actor, role, scope, at);
    wanted.set(role.id, { id: role.id, name: role.name, defaultScope: scope });
  }
  return [...wanted.values()].sort((a, b) => (foldName(a.name) < foldName(b.name) ? -1 : 1));
}

/**
 * Hangs a group with all below it under another parent of the same tenant. Refuses `role.beyond_actor` where the move
 * would put people under the actor's own roles who are not under them now.
 */
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
    const gained = gainedByMove(ctx.actor, { ...group, groupId: id }, { ...parent, groupId: parentId });
    if (gained) throw new DomainError('role.beyond_actor', { field: 'parent', detail: gained });
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
    await store.holdTree(tx.sql);
    const group = within(await store.lockGroup(tx.sql, id, reach));
    if (group.isBuiltIn) throw new DomainError('group.built_in', { detail: group.name });
    if (!(await store.deleteGroup(tx.sql, id)))
      throw new DomainError('group.not_empty', { detail: group.name });
    await record(tx, { operation: 'group.removed', target: { kind: 'group', id, name: group.name } });
  });
}

/** How far the actor sees groups; used where another permission already let them in. */
export const groupReach = (ctx: Context): Reach => reachOf(ctx.actor, 'group.view');

function within(group: store.FoundGroup | undefined, detail?: string): Group {
  if (!group)
    throw new DomainError(
      'group.not_found',
      detail === undefined ? { field: 'group' } : { field: 'group', detail },
    );
  const { isWithin, ...found } = group;
  inScopeOrRefuse(isWithin);
  return found;
}

type Texts = Pick<Group, 'name' | 'description' | 'ou'>;

function checkedTexts({ name: given, description, ou }: Texts): Texts {
  const name = given.trim().normalize('NFC');
  // A slash would make paths ambiguous.
  if (name === '' || name.length > 200 || name.includes('/') || !isVisible(name))
    throw new DomainError('group.name_required', { field: 'name' });
  for (const [field, text] of Object.entries({ description, ou })) {
    if (text.length > 1000 || !isPrintable(text))
      throw new DomainError('request.value_invalid', { field, detail: 'at most 1000 characters' });
  }
  return { name, description, ou };
}
