import type { Sql, SqlQuery } from '#core/context.ts';
import { foldName } from '#core/fold.ts';
import { groupWithin, type Reach } from '#core/roles/scope.ts';
import type { Application } from './application.ts';

export type FoundApplication = Application & { isWithin: boolean };

function select(sql: Sql, reach: Reach, condition: SqlQuery<object>): SqlQuery<FoundApplication> {
  return sql<FoundApplication>`
    select a.id, a.kind, a.name, a.group_id, g.name as group_name, a.is_enabled, a.version,
      (select coalesce(json_agg(json_build_object('name', r.name, 'scope', ar.scope) order by r.name_key), '[]')
        from application_role ar join role r on r.id = ar.role_id where ar.application_id = a.id) as roles,
      ${groupWithin(sql, reach)} as is_within
    from application a join org_group g on g.id = a.group_id
    where ${condition}`;
}

export async function findApplication(
  sql: Sql,
  id: string,
  reach: Reach,
): Promise<FoundApplication | undefined> {
  const [row] = await select(sql, reach, sql`a.id = ${id}`);
  return row;
}

/** The same, and nobody else changes it until the transaction ends. */
export async function lockApplication(
  sql: Sql,
  id: string,
  reach: Reach,
): Promise<FoundApplication | undefined> {
  const [row] = await select(sql, reach, sql`a.id = ${id} for update of a`);
  return row;
}

export async function findApplications(sql: Sql, reach: Reach): Promise<FoundApplication[]> {
  return select(sql, reach, sql`${groupWithin(sql, reach)} order by a.kind, a.name_key, a.id limit 1000`);
}

/** Adds the row; false when an application of its kind has the name. */
export async function insertApplication(sql: Sql, a: Application, now: Date): Promise<boolean> {
  const rows = await sql`
    insert into application (id, kind, name, name_key, group_id, is_enabled, created_at, changed_at)
    values (${a.id}, ${a.kind}, ${a.name}, ${foldName(a.name)}, ${a.groupId}, ${a.isEnabled}, ${now}, ${now})
    on conflict (kind, name_key) do nothing
    returning id`;
  return rows.length === 1;
}

export async function insertApplicationRoles(
  sql: Sql,
  id: string,
  roles: readonly { roleId: string; scope: string }[],
): Promise<void> {
  await sql`
    insert into application_role (application_id, role_id, scope)
    select ${id}, role_id, scope
    from unnest(${roles.map((r) => r.roleId)}::uuid[], ${roles.map((r) => r.scope)}::text[]) as given (role_id, scope)`;
}

export async function setApplicationEnabled(
  sql: Sql,
  id: string,
  isEnabled: boolean,
  now: Date,
): Promise<void> {
  await sql`
    update application set is_enabled = ${isEnabled}, version = version + 1, changed_at = ${now} where id = ${id}`;
}

export async function deleteApplication(sql: Sql, id: string): Promise<void> {
  await sql`delete from application where id = ${id}`;
}

/** What makes an application an actor. */
export async function findApplicationActor(sql: Sql, id: string) {
  const [row] = await sql<{
    name: string;
    groupId: string;
    tenantId: string;
    inRootTenant: boolean;
    roles: {
      scope: 'none' | 'self' | 'department' | 'division' | 'all';
      operations: string[];
      mechanisms: string[];
    }[];
  }>`
    select a.name, a.group_id, g.tenant_id, t.parent_id is null as in_root_tenant,
      (select coalesce(json_agg(json_build_object('scope', ar.scope, 'operations', r.operations, 'mechanisms', r.mechanisms)), '[]')
       from application_role ar join role r on r.id = ar.role_id where ar.application_id = a.id) as roles
    from application a join org_group g on g.id = a.group_id join org_group t on t.id = g.tenant_id
    where a.id = ${id} and a.is_enabled`;
  return row;
}
