import type { Sql } from '#core/context.ts';
import { foldName } from '#core/fold.ts';
import type { Role } from './roles.ts';

export { raiseEpoch } from './store.ts';

export async function findRoles(sql: Sql): Promise<Role[]> {
  return sql<Role>`select id, name, description, operations, mechanisms, is_built_in from role order by name_key`;
}

/** By id or by name in any letter case. */
export async function findRole(sql: Sql, nameOrId: string, { lock = false } = {}): Promise<Role | undefined> {
  const [row] = await sql<Role>`
    select id, name, description, operations, mechanisms, is_built_in
    from role where name_key = ${foldName(nameOrId)} or id::text = lower(${nameOrId})
    ${lock ? sql`for update` : sql``}`;
  return row;
}

/** The roles of these names, in any letter case and order; those that do not exist are missing. */
export async function findRolesNamed(sql: Sql, names: readonly string[]): Promise<Role[]> {
  return sql<Role>`
    select id, name, description, operations, mechanisms, is_built_in
    from role where name_key = any (${names.map(foldName)}::text[])`;
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
