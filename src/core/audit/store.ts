import type { Sql } from '#core/context.ts';
import type { EventRow } from './event.ts';

export async function insertEvent(sql: Sql, e: EventRow): Promise<void> {
  await sql`
    insert into audit_event (at, ended_at, operation, outcome, refusal, count, actor_kind, actor_id, actor_name,
      target_kind, target_id, target_name, way_in, client_id, session_id, mechanism, ip, client_identifier, request_id,
      message, details)
    values (${e.at}, ${e.endedAt}, ${e.operation}, ${e.outcome}, ${e.refusal}, ${e.count}, ${e.actorKind}, ${e.actorId},
      ${e.actorName}, ${e.targetKind}, ${e.targetId}, ${e.targetName}, ${e.wayIn}, ${e.clientId}, ${e.sessionId},
      ${e.mechanism}, ${e.ip}, ${e.clientIdentifier}, ${e.requestId}, ${e.message}, ${sql.json(e.details)})`;
}
