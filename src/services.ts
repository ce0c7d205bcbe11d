import type { Database } from '#adapters/postgres.ts';
import type { Context, Origin, PasswordHasher, Services, Vault } from '#core/context.ts';
import { type Actor, systemActor } from '#core/roles/actor.ts';

/** What the process gives to every operation, over one database. */
export function servicesOver(
  database: Database,
  vault: Vault,
  passwords: PasswordHasher,
  now = () => new Date(),
): Services {
  return { sql: database.sql, begin: database.begin, vault, passwords, now };
}

/** A context outside any request: the command line's, or that of background work. */
export function systemContext(services: Services, name: string, origin: Partial<Origin> = {}): Context {
  return contextOf(services, systemActor(name), {
    window: 'system',
    requestId: '-',
    ip: null,
    clientIdentifier: null,
    ...origin,
  });
}

export function contextOf(services: Services, actor: Actor, origin: Origin): Context {
  return { sql: services.sql, services, actor, origin, now: services.now(), inTransaction: false };
}
