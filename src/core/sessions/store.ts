import type { Origin, Sql } from '#core/context.ts';
import { foldName } from '#core/fold.ts';
import { SETTINGS } from '#core/settings/catalogue.ts';
import { type NewSession, type SignedInPerson, splitLogonName } from './session.ts';

/** Whether an account may sign in, and the session it was given if so. */
export interface Verdict {
  personId: string;
  /** Null when it may not. */
  sessionId: string | null;
  isEnabled: boolean;
  isOn: boolean;
}

/** Who signs in: a person by their id, or an account by its name, which its tenant's name may stand before. */
export type Account = { personId: string } | { logonName: string };

/**
 * Looks an account up, decides, and writes the session and its audit event (`logon.granted`): one statement, one commit.
 * Written out here, since who the event is about is known in the statement only.
 */
export async function insertLogon(
  sql: Sql,
  account: Account,
  s: NewSession & { id: string; at: Date; origin: Origin },
): Promise<Verdict | undefined> {
  const { origin } = s;
  const personId = 'personId' in account ? account.personId : null;
  const { tenant, name } = 'logonName' in account ? splitLogonName(account.logonName) : noName;
  const [row] = await sql<Verdict>`
    with given as (
      select ${s.id}::uuid as id, ${s.clientId}::text as client_id, ${s.grantType}::text as grant_type,
        ${s.at}::timestamptz as at, ${s.expiresAt}::timestamptz as expires_at, ${s.mechanism}::text as mechanism,
        ${origin.ip}::text as ip, ${origin.clientIdentifier}::text as client_identifier,
        ${origin.window}::text as way_in, ${origin.requestId}::text as request_id, ${tenant}::text as tenant),
    tenant as (
      select t.id from org_group t cross join given g where g.tenant is null and t.parent_id is null
      union all
      select min(t.id::text)::uuid from org_group t cross join given g
      where t.is_tenant and lower(t.name) = lower(g.tenant) having count(*) = 1),
    account as (
      select p.id, p.logon_name, p.is_enabled,
        coalesce((select s.value from setting s where s.name = g.mechanism), ${SETTINGS[s.mechanism].default}) = 'Yes' as is_on,
        exists (select from person_role pr join role r on r.id = pr.role_id
          where pr.person_id = p.id and g.mechanism = any (r.mechanisms)) as has_role
      from person p cross join given g
      where p.id = coalesce(${personId}::uuid, (
        select n.person_id from person_name n
        where n.tenant_id = (select id from tenant) and n.name = ${foldName(name)} and n.kind = 'logon'))),
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
    select id as person_id, (select id from session) as session_id, is_enabled, is_on from account`;
  return row;
}

/** No logon name is empty, so this one is nobody's. */
const noName = { tenant: undefined, name: '' };

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
