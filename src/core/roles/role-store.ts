import type { Sql } from '#core/context.ts';
import { foldName } from '#core/fold.ts';
import { isUuid } from '#core/text.ts';
import type { HeldRole } from './actor.ts';
import type { Place } from './grant.ts';
import type { Role } from './roles.ts';
import type { Scope } from './scope.ts';

export { raiseEpoch } from './store.ts';

export async function findRoles(sql: Sql): Promise<Role[]> {
  return sql<Role>`select id, name, description, operations, mechanisms, is_built_in from role order by name_key`;
}

/** By id or by name in any letter case. */
export async function findRole(sql: Sql, nameOrId: string, { lock = false } = {}): Promise<Role | undefined> {
  const [row] = await sql<Role>`
    select id, name, description, operations, mechanisms, is_built_in
    from role where ${isUuid(nameOrId) ? sql`id = ${nameOrId}` : sql`name_key = ${foldName(nameOrId)}`}
    ${lock ? sql`for update` : sql``}`;
  return row;
}

/** The roles of these names, in any letter case and order; those that do not exist are missing. */
export async function findRolesNamed(sql: Sql, names: readonly string[]): Promise<Role[]> {
  return sql<Role>`
    select id, name, description, operations, mechanisms, is_built_in
    from role where name_key = any (${names.map(foldName)}::text[])`;
}

/**
 * How far the role reaches for those who have it or will get it by default, beyond themselves: each scope with each
 * group it starts from, once.
 */
export async function findHolders(sql: Sql, roleId: string): Promise<(Place & { scope: Scope })[]> {
  return sql<Place & { scope: Scope }>`
    select h.scope, h.group_id, g.ancestors
    from (
      select pr.scope, p.group_id from person_role pr join person p on p.id = pr.person_id
      where pr.role_id = ${roleId} and pr.scope in ('department', 'division', 'all')
      union
      select ar.scope, a.group_id from application_role ar join application a on a.id = ar.application_id
      where ar.role_id = ${roleId} and ar.scope in ('department', 'division', 'all')
      union
      select gr.default_scope, gr.group_id from group_role gr
      where gr.role_id = ${roleId} and gr.default_scope in ('department', 'division', 'all')
    ) h join org_group g on g.id = h.group_id`;
}

/** What a person's roles give, and to whom. */
export async function findHeldRoles(sql: Sql, personId: string): Promise<HeldRole[]> {
  return sql<HeldRole>`
    select pr.scope, r.operations, r.mechanisms
    from person_role pr join role r on r.id = pr.role_id where pr.person_id = ${personId} order by r.name_key`;
}

/** Adds the row; false when the name is in use. */
export async function insertRole(sql: Sql, r: Role, now: Date): Promise<boolean> {
  const rows = await sql`
    insert into role (id, name, name_key, description, operations, mechanisms, is_built_in, created_at, changed_at)
    values (${r.id}, ${r.name}, ${foldName(r.name)}, ${r.description}, ${r.operations}, ${r.mechanisms}, ${r.isBuiltIn}, ${now}, ${now})
    on conflict (name_key) do nothing
    returning id`;
  return rows.length === 1;
}

/** Saves the row; false when another role has the name. */
export async function updateRole(sql: Sql, r: Role, now: Date): Promise<boolean> {
  const rows = await sql`
    update role set name = ${r.name}, name_key = ${foldName(r.name)}, description = ${r.description}, operations = ${r.operations},
      mechanisms = ${r.mechanisms}, version = version + 1, changed_at = ${now}
    where id = ${r.id}
      and not exists (select from role other where other.name_key = ${foldName(r.name)} and other.id <> ${r.id})
    returning id`;
  return rows.length === 1;
}

/** Removes the row; false while a person, an application or a group has it. */
export async function deleteRole(sql: Sql, id: string): Promise<boolean> {
  const rows = await sql`
    delete from role
    where id = ${id}
      and not exists (select from person_role where role_id = ${id})
      and not exists (select from application_role where role_id = ${id})
      and not exists (select from group_role where role_id = ${id})
    returning id`;
  return rows.length === 1;
}
