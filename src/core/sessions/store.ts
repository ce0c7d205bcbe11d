import type { Origin, Sql, SqlQuery } from '#core/context.ts';
import { foldName } from '#core/fold.ts';
import { SETTINGS } from '#core/settings/catalogue.ts';
import { type NewSession, type SignedInPerson, splitLogonName } from './session.ts';

/** Whether an account may sign in, and the session it was given if so. */
export interface Verdict {
  personId: string;
  isEnabled: boolean;
  isOn: boolean;
  hasRole: boolean;
  sessionId: string | null;
}

/**
 * Looks an account up, decides, and writes the session and its audit event (`logon.granted`): one statement, one commit.
 * Written out here, since who the event is about is known in the statement only.
 */
export async function insertLogon(
  sql: Sql,
  account: SqlQuery<object>,
  s: NewSession & { id: string; at: Date; origin: Origin },
): Promise<Verdict | undefined> {
  const { origin } = s;
  const [row] = await sql<Verdict>`
    with given as (
      select ${s.id}::uuid as id, ${s.clientId}::text as client_id, ${s.grantType}::text as grant_type,
        ${s.at}::timestamptz as at, ${s.expiresAt}::timestamptz as expires_at, ${s.mechanism}::text as mechanism,
        ${origin.ip}::text as ip, ${origin.clientIdentifier}::text as client_identifier,
        ${origin.window}::text as way_in, ${origin.requestId}::text as request_id),
    account as (
      select p.id, p.logon_name, p.is_enabled,
        coalesce((select s.value from setting s where s.name = g.mechanism), ${SETTINGS[s.mechanism].default}) = 'Yes' as is_on,
        exists (select from person_role pr join role r on r.id = pr.role_id
          where pr.person_id = p.id and g.mechanism = any (r.mechanisms)) as has_role
      from person p cross join given g where p.id = (${account})),
    session as (
      insert into logon (id, person_id, client_id, mechanism, grant_type, ip, client_identifier, at, expires_at)
      select g.id, a.id, g.client_id, g.mechanism, g.grant_type, g.ip, g.client_identifier, g.at, g.expires_at
      from account a cross join given g where a.is_enabled and a.is_on and a.has_role
      returning id),
    told as (
      insert into audit_event (at, ended_at, operation, outcome, actor_kind, actor_id, actor_name, way_in, client_id,
        session_id, mechanism, ip, client_identifier, request_id, details)
      select g.at, g.at, 'logon.granted', 'success', 'person', a.id, a.logon_name, g.way_in, g.client_id, s.id, g.mechanism,
        g.ip, g.client_identifier, g.request_id, jsonb_build_object('grantType', g.grant_type)
      from session s cross join account a cross join given g)
    select id as person_id, is_enabled, is_on, has_role, (select id from session) as session_id from account`;
  return row;
}

/** The id of the account of a logon name: in Root's tenant, or in the one tenant of the given name. */
export function idOfAccount(sql: Sql, logonName: string): SqlQuery<object> {
  const { tenant, name } = splitLogonName(logonName);
  const tenantId =
    tenant === undefined
      ? sql`select id from org_group where parent_id is null`
      : sql`select min(id::text)::uuid from org_group where is_tenant and lower(name) = lower(${tenant}) having count(*) = 1`;
  return sql`select person_id from person_name where tenant_id = (${tenantId}) and name = ${foldName(name)} and kind = 'logon'`;
}

export const idGiven = (sql: Sql, personId: string): SqlQuery<object> => sql`select ${personId}::uuid`;

/** Someone who may be signed in: undefined when there is no such person, or they are disabled. */
export async function findSignedIn(sql: Sql, personId: string): Promise<SignedInPerson | undefined> {
  const [row] = await sql<SignedInPerson>`
    select p.id, p.logon_name, p.first_name, p.last_name,
      (select c.value from person_contact c where c.person_id = p.id and c.kind = 'email' order by c.position limit 1) as email
    from person p where p.id = ${personId} and p.is_enabled`;
  return row;
}

/** Ends a session; false when it had ended before. */
export async function endSession(sql: Sql, sessionId: string, now: Date): Promise<boolean> {
  const rows = await sql`
    update logon set ended_at = ${now} where id = ${sessionId} and ended_at is null returning id`;
  return rows.length > 0;
}

/** Lists ids as revoked until then. Gives those that were not listed before: of several who ask, one gets each. */
export async function insertRevoked(sql: Sql, ids: readonly string[], until: Date): Promise<string[]> {
  const rows = await sql<{ id: string }>`
    insert into revoked (id, until) select id, ${until} from unnest(${ids}::text[]) as id
    on conflict (id) do nothing returning id`;
  return rows.map((row) => row.id);
}
