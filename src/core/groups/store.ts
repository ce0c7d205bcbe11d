import type { Sql, SqlQuery } from '#core/context.ts';
import { foldName } from '#core/fold.ts';
import { groupWithin, type Reach } from '#core/roles/scope.ts';
import type { Group, GroupRole } from './group.ts';

const columns = (sql: Sql) => sql`
  g.id, g.parent_id, coalesce(parent.name, '') as parent_name, g.tenant_id, g.ancestors, g.name, g.description, g.ou, g.is_tenant,
  g.is_built_in, g.roles_limited, g.version`;

export type FoundGroup = Group & { isWithin: boolean };

function select(sql: Sql, reach: Reach, condition: SqlQuery<object>): SqlQuery<FoundGroup> {
  return sql<FoundGroup>`
    select ${columns(sql)}, ${groupWithin(sql, reach)} as is_within
    from org_group g left join org_group parent on parent.id = g.parent_id
    where ${condition}`;
}

export async function findGroup(sql: Sql, id: string, reach: Reach): Promise<FoundGroup | undefined> {
  const [row] = await select(sql, reach, sql`g.id = ${id}`);
  return row;
}

/** The same, and nobody else changes it until the transaction ends. */
export async function lockGroup(sql: Sql, id: string, reach: Reach): Promise<FoundGroup | undefined> {
  const [row] = await select(sql, reach, sql`g.id = ${id} for update of g`);
  return row;
}

export async function findRoot(sql: Sql, reach: Reach): Promise<FoundGroup | undefined> {
  const [row] = await select(sql, reach, sql`g.parent_id is null`);
  return row;
}

/** Those within reach first; three at most, which is enough to see that there are several. */
export async function findGroupsNamed(sql: Sql, name: string, reach: Reach): Promise<FoundGroup[]> {
  return select(sql, reach, sql`g.name_key = ${foldName(name)} order by is_within desc limit 3`);
}

export async function findChildNamed(
  sql: Sql,
  parentId: string,
  name: string,
  reach: Reach,
): Promise<FoundGroup | undefined> {
  const [row] = await select(sql, reach, sql`g.parent_id = ${parentId} and g.name_key = ${foldName(name)}`);
  return row;
}

export interface GroupQuery {
  /** A LIKE pattern on the folded name; null for all. */
  pattern: string | null;
  /** The last group of the page before. */
  after: { name: string; id: string } | null;
  offset: number;
  limit: number;
}

/** Groups within reach in the order of their names, one more than asked to tell whether there are more. */
export async function searchGroups(
  sql: Sql,
  q: GroupQuery,
  reach: Reach,
): Promise<(Group & { key: string })[]> {
  return sql<Group & { key: string }>`
    select ${columns(sql)}, g.name_key as key
    from org_group g left join org_group parent on parent.id = g.parent_id
    where ${groupWithin(sql, reach)}
      and ${q.pattern === null ? sql`true` : sql`g.name_key like ${q.pattern}`}
      and ${q.after ? sql`(g.name_key, g.id) > (${q.after.name}, ${q.after.id}::uuid)` : sql`true`}
    order by g.name_key, g.id
    limit ${q.limit + 1} offset ${q.offset}`;
}

/** Adds the row below its parent; undefined when a sibling has the name. A tenant is its own tenant. */
export async function insertGroup(
  sql: Sql,
  g: Pick<Group, 'id' | 'name' | 'description' | 'ou' | 'isTenant' | 'isBuiltIn'> & {
    rolesLimited?: boolean;
    parentId: string;
  },
  now: Date,
): Promise<boolean> {
  const rows = await sql`
    insert into org_group (id, parent_id, tenant_id, ancestors, name, name_key, description, ou, is_tenant, is_built_in, roles_limited,
      created_at, changed_at)
    select ${g.id}::uuid, parent.id, case when ${g.isTenant}::boolean then ${g.id}::uuid else parent.tenant_id end,
      parent.ancestors || ${g.id}::uuid, ${g.name}, ${foldName(g.name)}, ${g.description}, ${g.ou}, ${g.isTenant}, ${g.isBuiltIn}, ${g.rolesLimited ?? false},
      ${now}, ${now}
    from org_group parent where parent.id = ${g.parentId}
    on conflict (parent_id, name_key) do nothing
    returning id`;
  return rows.length === 1;
}

export async function insertRoot(
  sql: Sql,
  id: string,
  name: string,
  description: string,
  now: Date,
): Promise<void> {
  await sql`
    insert into org_group (id, parent_id, tenant_id, ancestors, name, name_key, description, is_tenant, is_built_in,
      created_at, changed_at)
    values (${id}, null, ${id}, array[${id}::uuid], ${name}, ${foldName(name)}, ${description}, true, true, ${now}, ${now})`;
}

/** Saves what may be edited; false when a sibling has the name. */
export async function updateGroup(sql: Sql, g: Group, now: Date): Promise<boolean> {
  const rows = await sql`
    update org_group g set name = ${g.name}, name_key = ${foldName(g.name)}, description = ${g.description}, ou = ${g.ou}, roles_limited = ${g.rolesLimited},
      version = version + 1, changed_at = ${now}
    where g.id = ${g.id} and not exists (
      select from org_group other
      where other.parent_id = g.parent_id and other.name_key = ${foldName(g.name)} and other.id <> g.id)
    returning g.id`;
  return rows.length === 1;
}

/** Serialises changes of the tree's shape, so that two moves cannot make a circle between them. */
export async function lockTree(sql: Sql): Promise<void> {
  await sql`select pg_advisory_xact_lock(7364639)`;
}

/** Holds off moves, not others who add and remove: a group added below one that moves would miss the move. */
export async function holdTree(sql: Sql): Promise<void> {
  await sql`select pg_advisory_xact_lock_shared(7364639)`;
}

/** Hangs a group, with all below it, under another parent. */
export async function moveBelow(sql: Sql, id: string, parentId: string, now: Date): Promise<void> {
  await sql`
    update org_group g
    set ancestors = parent.ancestors || g.ancestors[array_position(g.ancestors, ${id}::uuid):],
      parent_id = case when g.id = ${id} then parent.id else g.parent_id end,
      version = g.version + 1, changed_at = ${now}
    from org_group parent
    where parent.id = ${parentId} and g.ancestors @> array[${id}::uuid]`;
}

export async function isBelow(sql: Sql, id: string, possibleAncestor: string): Promise<boolean> {
  const rows =
    await sql`select from org_group where id = ${id} and ancestors @> array[${possibleAncestor}::uuid]`;
  return rows.length === 1;
}

/** Removes a group that nothing is in; false otherwise. */
export async function deleteGroup(sql: Sql, id: string): Promise<boolean> {
  const rows = await sql`
    delete from org_group g
    where g.id = ${id}
      and not exists (select from org_group child where child.parent_id = ${id})
      and not exists (select from person where group_id = ${id})
      and not exists (select from application where group_id = ${id})
    returning g.id`;
  return rows.length === 1;
}

export async function findGroupRoles(sql: Sql, groupId: string): Promise<GroupRole[]> {
  return sql<GroupRole>`
    select r.name, gr.default_scope from group_role gr join role r on r.id = gr.role_id
    where gr.group_id = ${groupId} order by r.name_key`;
}

export async function replaceGroupRoles(
  sql: Sql,
  groupId: string,
  roles: readonly { id: string; defaultScope: string | null }[],
) {
  await sql`
    with kept as (
      insert into group_role (group_id, role_id, default_scope)
      select ${groupId}::uuid, role_id, default_scope
      from unnest(${roles.map((r) => r.id)}::uuid[], ${roles.map((r) => r.defaultScope)}::text[]) as given (role_id, default_scope)
      on conflict (group_id, role_id) do update set default_scope = excluded.default_scope
      returning role_id)
    delete from group_role where group_id = ${groupId} and not (role_id = any (${roles.map((r) => r.id)}::uuid[]))`;
}
