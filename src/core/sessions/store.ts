import type { Sql } from '#core/context.ts';
import { foldName } from '#core/fold.ts';
import { SETTINGS } from '#core/settings/catalogue.ts';
import type { NewSession, SignedInPerson } from './session.ts';

/** A logon as it is asked for. Either the person is given, or a name, in a tenant other than Root's where one is named. */
export interface LogonRow extends NewSession {
  readonly id: string;
  readonly personId: string | null;
  readonly tenant: string | null;
  readonly name: string | null;
  readonly at: Date;
  readonly ip: string | null;
  readonly clientIdentifier: string | null;
  readonly wayIn: string;
  readonly requestId: string;
}

/** What became of a logon. There is none for an account that does not exist. */
export interface Verdict {
  sessionId: string;
  personId: string;
  isGranted: boolean;
  isEnabled: boolean;
  isOn: boolean;
}

/**
 * Looks accounts up, decides, and writes the sessions and their audit events (`logon.granted`): one statement, one
 * commit. The events are written out here, since who they are about is known in the statement only.
 */
export async function insertLogons(sql: Sql, rows: readonly LogonRow[]): Promise<Verdict[]> {
  const standard = rows.map((row) => SETTINGS[row.mechanism].default);
  const names = rows.map((row) => row.name && foldName(row.name));
  return sql<Verdict>`
    with given as (
      select id, person_id, tenant, name, client_id, grant_type, mechanism, standard, at, expires_at, ip, client_identifier,
        way_in, request_id
      from unnest(${rows.map((row) => row.id)}::uuid[], ${rows.map((row) => row.personId)}::uuid[],
        ${rows.map((row) => row.tenant)}::text[], ${names}::text[], ${rows.map((row) => row.clientId)}::text[],
        ${rows.map((row) => row.grantType)}::text[], ${rows.map((row) => row.mechanism)}::text[], ${standard}::text[],
        ${rows.map((row) => row.at)}::timestamptz[], ${rows.map((row) => row.expiresAt)}::timestamptz[],
        ${rows.map((row) => row.ip)}::text[], ${rows.map((row) => row.clientIdentifier)}::text[],
        ${rows.map((row) => row.wayIn)}::text[], ${rows.map((row) => row.requestId)}::text[])
      as g (id, person_id, tenant, name, client_id, grant_type, mechanism, standard, at, expires_at, ip, client_identifier,
        way_in, request_id)),
    account as (
      select g.id as session_id, p.id, p.logon_name, p.is_enabled,
        coalesce((select s.value from setting s where s.name = g.mechanism), g.standard) = 'Yes' as is_on,
        exists (select from person_role pr join role r on r.id = pr.role_id
          where pr.person_id = p.id and g.mechanism = any (r.mechanisms)) as has_role
      from given g join person p on p.id = coalesce(g.person_id, (
        select n.person_id from person_name n
        where n.name = g.name and n.kind = 'logon' and n.tenant_id = case
          when g.tenant is null then (select t.id from org_group t where t.parent_id is null)
          else (select min(t.id::text)::uuid from org_group t
            where t.is_tenant and lower(t.name) = lower(g.tenant) having count(*) = 1) end))),
    session as (
      insert into logon (id, person_id, client_id, mechanism, grant_type, ip, client_identifier, at, expires_at)
      select g.id, a.id, g.client_id, g.mechanism, g.grant_type, g.ip, g.client_identifier, g.at, g.expires_at
      from account a join given g on g.id = a.session_id where a.is_enabled and a.is_on and a.has_role
      returning id),
    told as (
      insert into audit_event (at, ended_at, operation, outcome, actor_kind, actor_id, actor_name, way_in, client_id,
        session_id, mechanism, ip, client_identifier, request_id, details)
      select g.at, g.at, 'logon.granted', 'success', 'person', a.id, a.logon_name, g.way_in, g.client_id, s.id, g.mechanism,
        g.ip, g.client_identifier, g.request_id, jsonb_build_object('grantType', g.grant_type)
      from session s join account a on a.session_id = s.id join given g on g.id = s.id)
    select session_id, id as person_id, is_enabled, is_on, session_id in (select id from session) as is_granted
    from account`;
}

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
