import type { Sql, SqlQuery } from '#core/context.ts';
import { foldName } from '#core/fold.ts';
import { personWithin, type Reach } from '#core/roles/scope.ts';
import type { Person, PersonInput } from './person.ts';
import { type SearchText, searchText } from './search-text.ts';

export type FoundPerson = Person & { isWithin: boolean };

/** The values whose attribute is still defined. */
const shownAttributes = (sql: Sql) => sql`
  case when p.attributes = '{}' then p.attributes else (
    select coalesce(jsonb_object_agg(v.key, v.value), '{}')
    from jsonb_each(p.attributes) v join attribute_definition d on d.name = v.key) end`;

/** Everything about one person in one round trip. */
function select(sql: Sql, reach: Reach, condition: SqlQuery<object>): SqlQuery<FoundPerson> {
  return sql<FoundPerson>`
    select p.id, p.tenant_id, p.group_id, g.name as group_name, g.ancestors as group_ancestors, p.logon_name, p.title, p.first_name, p.middle_name,
      p.last_name, p.employee_id, p.date_of_birth, p.cn, p.dn, p.domain, p.ou, p.sam_account_name, p.sys_logon_name, p.upn,
      p.is_enabled, p.disabled_reason, ${shownAttributes(sql)} as attributes, p.version, p.created_at, p.changed_at,
      array(select n.name from person_name n where n.person_id = p.id and n.kind = 'alias' order by n.position) as aliases,
      (select coalesce(json_agg(json_build_object('kind', c.kind, 'value', c.value, 'label', c.label)
        order by c.kind, c.position), '[]') from person_contact c where c.person_id = p.id) as contacts,
      (select coalesce(json_agg(json_build_object('source', e.source, 'value', e.value) order by e.source, e.value), '[]')
        from person_external_id e where e.person_id = p.id) as external_ids,
      (select coalesce(json_agg(json_build_object('name', r.name, 'scope', pr.scope) order by r.name_key), '[]')
        from person_role pr join role r on r.id = pr.role_id where pr.person_id = p.id) as roles,
      array(select i.field from person_image i where i.person_id = p.id order by i.field) as image_fields,
      ${personWithin(sql, reach)} as is_within
    from person p join org_group g on g.id = p.group_id
    where ${condition}`;
}

export async function findPerson(sql: Sql, id: string, reach: Reach): Promise<FoundPerson | undefined> {
  const [row] = await select(sql, reach, sql`p.id = ${id}`);
  return row;
}

/** The same, and nobody else changes them until the transaction ends. */
export async function lockPerson(sql: Sql, id: string, reach: Reach): Promise<FoundPerson | undefined> {
  // A statement of its own: one that had to wait for the lock still sees the other tables as they were before it waited,
  // and the contacts, names and roles are in others. Sent together, they cost one round trip.
  const locked = sql`select from person where id = ${id} for update`.then(() => {});
  const [person] = await Promise.all([findPerson(sql, id, reach), locked]);
  return person;
}

/** By logon name or alias, in a tenant. */
export async function findPersonNamed(
  sql: Sql,
  tenantId: string,
  name: string,
  reach: Reach,
): Promise<FoundPerson | undefined> {
  const [row] = await select(
    sql,
    reach,
    sql`p.id = (select person_id from person_name where tenant_id = ${tenantId} and name = ${foldName(name)})`,
  );
  return row;
}

export async function findRootTenant(sql: Sql): Promise<string> {
  const [row] = await sql<{ id: string }>`select id from org_group where parent_id is null`;
  if (!row) throw new Error('the database has no Root group: signet init has not run');
  return row.id;
}

/** What a person is about to be put into: the group, and the roles it has for them. */
export interface Placement {
  tenantId: string;
  ancestors: string[];
  name: string;
  isWithin: boolean;
  rolesLimited: boolean;
  offered: { roleId: string; name: string; operations: string[]; defaultScope: string | null }[];
}

export async function findPlacement(
  sql: Sql,
  groupId: string,
  within: SqlQuery<object>,
): Promise<Placement | undefined> {
  const [row] = await sql<Placement>`
    select g.tenant_id, g.ancestors, g.name, ${within} as is_within, g.roles_limited,
      (select coalesce(json_agg(json_build_object('roleId', r.id, 'name', r.name, 'operations', r.operations,
        'defaultScope', gr.default_scope)), '[]')
       from group_role gr join role r on r.id = gr.role_id where gr.group_id = g.id) as offered
    from org_group g where g.id = ${groupId}`;
  return row;
}

type Facts = Required<
  Pick<Person, 'id' | 'tenantId' | 'groupId' | 'logonName' | 'isEnabled' | 'disabledReason' | 'attributes'>
> &
  Pick<
    Person,
    | 'title'
    | 'firstName'
    | 'middleName'
    | 'lastName'
    | 'employeeId'
    | 'dateOfBirth'
    | 'cn'
    | 'dn'
    | 'domain'
    | 'ou'
    | 'samAccountName'
    | 'sysLogonName'
    | 'upn'
  >;

/** Adds the row with its logon name; false when the name is in use in the tenant. */
export async function insertPerson(sql: Sql, p: Facts, now: Date): Promise<boolean> {
  const found = searchText(p);
  const rows = await sql`
    with named as (
      insert into person_name (tenant_id, name, person_id, kind)
      values (${p.tenantId}, ${foldName(p.logonName)}, ${p.id}, 'logon')
      on conflict do nothing
      returning person_id),
    added as (insert into person (id, tenant_id, group_id, logon_name, title, first_name, middle_name, last_name, employee_id,
      date_of_birth, cn, dn, domain, ou, sam_account_name, sys_logon_name, upn, is_enabled, disabled_reason, attributes,
      created_at, changed_at, sort_key, search_text)
    select person_id, ${p.tenantId}, ${p.groupId}, ${p.logonName}, ${p.title}, ${p.firstName}, ${p.middleName},
      ${p.lastName}, ${p.employeeId}, ${p.dateOfBirth}::date, ${p.cn}, ${p.dn}, ${p.domain}, ${p.ou}, ${p.samAccountName},
      ${p.sysLogonName}, ${p.upn}, ${p.isEnabled}, ${p.disabledReason}, ${sql.json(p.attributes)}::jsonb, ${now}, ${now},
      ${found.sortKey}, ${found.searchText}
    from named
    returning id)
    insert into person_word (word, person_id, group_id, shared)
    select given.word, added.id, ${p.groupId}, given.shared
    from added, ${words(sql, found)}
    returning person_id`;
  return rows.length > 0;
}

const words = (sql: Sql, { words }: SearchText) => sql`
  unnest(${words.map((w) => w.word)}::text[], ${words.map((w) => w.shared)}::int[]) as given (word, shared)`;

export async function updatePerson(sql: Sql, p: Facts, now: Date): Promise<void> {
  const found = searchText(p);
  await sql`
    update person set tenant_id = ${p.tenantId}, group_id = ${p.groupId}, logon_name = ${p.logonName}, title = ${p.title},
      first_name = ${p.firstName}, middle_name = ${p.middleName}, last_name = ${p.lastName}, employee_id = ${p.employeeId},
      date_of_birth = ${p.dateOfBirth}::date, cn = ${p.cn}, dn = ${p.dn}, domain = ${p.domain}, ou = ${p.ou},
      sam_account_name = ${p.samAccountName}, sys_logon_name = ${p.sysLogonName}, upn = ${p.upn},
      is_enabled = ${p.isEnabled}, disabled_reason = ${p.disabledReason}, attributes = (
        select coalesce(jsonb_object_agg(v.key, v.value), '{}') from jsonb_each(attributes) v
        where not exists (select from attribute_definition d where d.name = v.key)) || ${sql.json(p.attributes)}::jsonb,
      sort_key = ${found.sortKey}, search_text = ${found.searchText}, version = version + 1, changed_at = ${now}
    where id = ${p.id}`;
}

/** Saves the words that the person is searched by: after a change of name, logon name or group. */
export async function replaceWords(sql: Sql, p: Facts): Promise<void> {
  await sql`delete from person_word where person_id = ${p.id}`;
  await sql`
    insert into person_word (word, person_id, group_id, shared)
    select word, ${p.id}, ${p.groupId}, shared from ${words(sql, searchText(p))}`;
}

/** Gives the person exactly these names; gives back those that are someone else's in the tenant, the logon name first. */
export async function replaceNames(
  sql: Sql,
  p: { id: string; tenantId: string; logonName: string },
  aliases: readonly string[],
): Promise<string[]> {
  const names = [...new Set([p.logonName, ...aliases].map(foldName))];
  await sql`delete from person_name where person_id = ${p.id}`;
  const rows = await sql<{ name: string }>`
    insert into person_name (tenant_id, name, person_id, kind, position)
    select ${p.tenantId}, name, ${p.id}, case position when 1 then 'logon' else 'alias' end, position - 1
    from unnest(${names}::text[]) with ordinality as given (name, position)
    on conflict do nothing
    returning name`;
  const saved = new Set(rows.map((row) => row.name));
  return names.filter((name) => !saved.has(name));
}

export async function replaceContacts(
  sql: Sql,
  personId: string,
  contacts: NonNullable<PersonInput['contacts']>,
): Promise<void> {
  await sql`delete from person_contact where person_id = ${personId}`;
  await sql`
    insert into person_contact (person_id, kind, position, value, value_key, label)
    select ${personId}, kind, row_number() over (partition by kind order by place) - 1, value, value_key, label
    from unnest(${contacts.map((c) => c.kind)}::text[], ${contacts.map((c) => c.value)}::text[],
      ${contacts.map((c) => foldName(c.value))}::text[], ${contacts.map((c) => c.label)}::text[])
      with ordinality as given (kind, value, value_key, label, place)`;
}

/** Gives the person exactly these ids; false when one of them is someone else's in the tenant. */
export async function replaceExternalIds(
  sql: Sql,
  p: { id: string; tenantId: string },
  ids: NonNullable<PersonInput['externalIds']>,
): Promise<boolean> {
  await sql`delete from person_external_id where person_id = ${p.id}`;
  const rows = await sql`
    insert into person_external_id (tenant_id, source, value, person_id)
    select ${p.tenantId}, source, value, ${p.id}
    from unnest(${ids.map((i) => i.source)}::text[], ${ids.map((i) => i.value)}::text[]) as given (source, value)
    on conflict do nothing
    returning value`;
  return rows.length === ids.length;
}

export async function replaceRoles(
  sql: Sql,
  personId: string,
  roles: readonly { roleId: string; scope: string }[],
): Promise<void> {
  await sql`delete from person_role where person_id = ${personId}`;
  await sql`
    insert into person_role (person_id, role_id, scope)
    select ${personId}, role_id, scope
    from unnest(${roles.map((r) => r.roleId)}::uuid[], ${roles.map((r) => r.scope)}::text[]) as given (role_id, scope)`;
}

/** True when someone else of the tenant has one of these addresses. Holds off others who ask for the same ones. */
export async function emailTaken(
  sql: Sql,
  p: { id: string; tenantId: string },
  addresses: readonly string[],
): Promise<boolean> {
  const folded = addresses.map(foldName).sort();
  await sql`select pg_advisory_xact_lock(hashtextextended(${p.tenantId} || address, 0)) from unnest(${folded}::text[]) as address`;
  const rows = await sql`
    select from person_contact c join person p on p.id = c.person_id
    where c.kind = 'email' and c.value_key = any (${folded}::text[]) and p.tenant_id = ${p.tenantId} and p.id <> ${p.id}
    limit 1`;
  return rows.length > 0;
}

export async function deletePerson(sql: Sql, id: string): Promise<void> {
  await sql`delete from person where id = ${id}`;
}

/** Does the work and takes it back, within a transaction that goes on. */
export async function undone<T>(sql: Sql, work: () => Promise<T>): Promise<T> {
  await sql`savepoint undone`;
  try {
    return await work();
  } finally {
    await sql`rollback to savepoint undone`;
    await sql`release savepoint undone`;
  }
}

/** Ends every session of a person, and with them the refresh tokens and codes that would begin new ones. */
export async function endSessions(sql: Sql, personId: string, now: Date): Promise<void> {
  await sql`
    with artifacts as (delete from oidc_artifact where account_id = ${personId})
    update logon set ended_at = ${now} where person_id = ${personId} and ended_at is null and expires_at > ${now}`;
}

export async function savePassword(sql: Sql, personId: string, hash: string, now: Date): Promise<void> {
  await sql`
    update person set password_hash = ${hash}, password_changed_at = ${now}, version = version + 1, changed_at = ${now}
    where id = ${personId}`;
}
