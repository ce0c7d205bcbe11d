import type { Sql } from '#core/context.ts';
import type { HeldRole } from './actor.ts';

export interface Standing {
  version: number;
  epoch: number;
  isLive: boolean;
}

/**
 * Whether the bearers of sessions still stand as they did, in the order asked; undefined for a session there is not. One
 * indexed read, made for every authenticated request.
 */
export async function findStandings(
  sql: Sql,
  bearers: readonly { sessionId: string; revocationIds: readonly string[] }[],
): Promise<(Standing | undefined)[]> {
  // No id by which tokens are revoked has a blank in it; arrays of arrays must all be of one length.
  const ids = bearers.map(({ revocationIds }) => revocationIds.join(' '));
  const rows = await sql<Standing & { place: number }>`
    select asked.place, p.version, a.epoch,
      p.is_enabled and l.ended_at is null
        and not exists (select from revoked r where r.id = any(string_to_array(asked.revocation_ids, ' '))) as is_live
    from unnest(${bearers.map((bearer) => bearer.sessionId)}::uuid[], ${ids}::text[])
      with ordinality as asked (session_id, revocation_ids, place)
    join logon l on l.id = asked.session_id join person p on p.id = l.person_id cross join authority a`;
  const standings: (Standing | undefined)[] = bearers.map(() => undefined);
  for (const row of rows) standings[row.place - 1] = row;
  return standings;
}

interface SessionActor {
  personId: string;
  logonName: string;
  groupId: string;
  tenantId: string;
  inRootTenant: boolean;
  version: number;
  epoch: number;
  mechanism: string;
  /** The stored value of the setting that switches the mechanism; null where it is the default. */
  mechanismSetting: string | null;
  clientId: string;
  roles: HeldRole[];
}

/** All that makes up the actor of a session. `version` and `epoch` are those `findStanding` compares. */
export async function findSessionActor(sql: Sql, sessionId: string): Promise<SessionActor | undefined> {
  const [row] = await sql<SessionActor>`
    select p.id as person_id, p.logon_name, p.group_id, p.tenant_id, t.parent_id is null as in_root_tenant,
      p.version, a.epoch, l.mechanism, l.client_id,
      (select value from setting where name = l.mechanism) as mechanism_setting,
      (select coalesce(json_agg(json_build_object('scope', pr.scope, 'operations', r.operations, 'mechanisms', r.mechanisms)), '[]')
       from person_role pr join role r on r.id = pr.role_id where pr.person_id = p.id) as roles
    from logon l join person p on p.id = l.person_id join org_group t on t.id = p.tenant_id cross join authority a
    where l.id = ${sessionId}`;
  return row;
}

/** Says that what anybody may do may have changed; every process reads its actors anew. */
export async function raiseEpoch(sql: Sql): Promise<void> {
  await sql`update authority set epoch = epoch + 1`;
}
