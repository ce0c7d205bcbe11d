import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '#adapters/postgres.ts';
import type { Context, Services, Sql } from '#core/context.ts';
import { createVault, masterKey } from '#core/keys/vault.ts';
import { type Actor, systemActor } from '#core/roles/actor.ts';

/** The same in every process of a test. */
const key = masterKey(Buffer.alloc(32, 'audit'));
const vault = createVault({ current: () => key, find: () => key });

/** What core operations need, over one database; no password is hashed here. */
export function auditServices(db: Pick<Database, 'sql' | 'begin'>, now = () => new Date()): Services {
  const passwords = {
    hash: () => Promise.reject(new Error('no passwords here')),
    verify: () => Promise.resolve(false),
  };
  return { sql: db.sql, begin: db.begin, vault, passwords, now };
}

export function contextFor(services: Services, actor: Actor = systemActor('test')): Context {
  const origin = { window: 'test', requestId: '-', ip: null, clientIdentifier: null };
  return { sql: services.sql, services, actor, origin, now: services.now(), inTransaction: false };
}

/** An administrator in a session of their own. */
export const reader = (sessionId: string, more: Partial<Actor> = {}): Actor => ({
  ...systemActor('auditor'),
  kind: 'person',
  id: '3f6c5d1e-0000-4000-8000-000000000001',
  sessionId,
  ...more,
});

/** Writes `count` events of one transaction, all differing; `secondsAgo` dates them back. */
export async function writeEvents(sql: Sql, count: number, label = 'e', secondsAgo = 0): Promise<number[]> {
  const rows = await sql<{ id: number }>`
    insert into audit_event (at, ended_at, operation, outcome, actor_kind, actor_name, target_kind, target_id, target_name,
      way_in, ip, message, details)
    select clock_timestamp() - make_interval(secs => ${secondsAgo}), clock_timestamp(),
      (array['person.added', 'person.edited', 'image.set'])[1 + n % 3],
      case when n % 7 = 0 then 'refused' else 'success' end, 'person', 'operator ' || n % 4, 'person', 'p' || n,
      case when n % 5 > 0 then 'Person ' || n % 9 end, 'test', case when n % 3 > 0 then '10.0.0.' || n % 6 end,
      ${label} || ' ' || n, jsonb_build_object('n', n, 'firstName', jsonb_build_object('from', null, 'to', 'Zoë'))
    from generate_series(1, ${count}::int) n
    returning id`;
  return rows.map((row) => row.id);
}

/** Seals until nothing is left: a transaction of another test file, on the same server, may be in the way for a moment. */
export async function sealEverything({ sql }: Services, seal: () => Promise<unknown>): Promise<void> {
  for (const deadline = Date.now() + 30_000; ; await delay(5)) {
    await seal();
    const [row] = await sql<{ left: number }>`
      select count(*) as left from audit_event e where not exists (select from audit_seal s where s.event_id = e.id)`;
    if (row?.left === 0) return;
    assert.ok(Date.now() < deadline, `${row?.left} events were not sealed in time`);
  }
}

/** Lets whoever owns the tables change what is append-only, until the transaction ends. */
export async function unprotect(sql: Sql): Promise<void> {
  await sql`alter table audit_event disable trigger user`;
  await sql`alter table audit_seal disable trigger user`;
  await sql`alter table audit_checkpoint disable trigger user`;
}
