import type { Services } from '#core/context.ts';
import { DomainError } from '#core/errors.ts';
import { SETTINGS } from '#core/settings/catalogue.ts';
import { type Actor, effectiveOptions, permissionsOf } from './actor.ts';
import type { Mechanism } from './mechanisms.ts';
import { createStandings } from './standings.ts';
import { findSessionActor } from './store.ts';

/** What an access token says of its bearer. */
export interface Bearer {
  sessionId: string;
  /** Ids by which the token may have been revoked: `jti:…`, `grant:…`. */
  revocationIds: readonly string[];
}

interface Remembered {
  actor: Actor;
  version: number;
  epoch: number;
}

const MOST_REMEMBERED = 10_000;

/** Turns sessions into actors, and remembers them between requests. */
export interface Actors {
  /** The actor of this session as last seen: a guess that `confirm` must bear out before anything is answered. */
  remembered(sessionId: string): Actor | undefined;
  /**
   * The actor of this session, confirmed with one read: the session lives, the token is not revoked, the person is
   * enabled, and neither they nor roles, settings or groups have changed since; otherwise read anew.
   * Refuses `actor.unauthenticated`.
   */
  confirm(bearer: Bearer): Promise<Actor>;
}

export function createActors(services: Services): Actors {
  const known = new Map<string, Remembered>();
  const standingOf = createStandings(services.sql);

  function remember(sessionId: string, entry: Remembered): Actor {
    if (known.size >= MOST_REMEMBERED) known.delete(known.keys().next().value as string);
    known.set(sessionId, entry);
    return entry.actor;
  }

  return {
    remembered: (sessionId) => known.get(sessionId)?.actor,
    async confirm(bearer) {
      const { sessionId } = bearer;
      const standing = await standingOf(bearer);
      if (!standing?.isLive) {
        known.delete(sessionId);
        throw new DomainError('actor.unauthenticated');
      }
      const entry = known.get(sessionId);
      if (entry && entry.version === standing.version && entry.epoch === standing.epoch) return entry.actor;
      const row = await findSessionActor(services.sql, sessionId);
      if (!row) throw new DomainError('actor.unauthenticated');
      const mechanism = row.mechanism as Mechanism;
      const isOn = (row.mechanismSetting ?? SETTINGS[mechanism]?.default) === 'Yes';
      const options = isOn ? effectiveOptions(row.roles, mechanism) : new Map();
      const actor: Actor = {
        kind: 'person',
        id: row.personId,
        name: row.logonName,
        groupId: row.groupId,
        tenantId: row.tenantId,
        inRootTenant: row.inRootTenant,
        options,
        permissions: permissionsOf(options),
        mechanism,
        sessionId,
        clientId: row.clientId,
      };
      return remember(sessionId, { actor, version: row.version, epoch: row.epoch });
    },
  };
}
