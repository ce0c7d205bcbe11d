import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Refusals } from '#core/audit/audit.ts';
import type { Context, Origin, Services } from '#core/context.ts';
import { DomainError } from '#core/errors.ts';
import { type Actor, NOBODY } from '#core/roles/actor.ts';
import type { Actors } from '#core/roles/actors.ts';
import type { Credential } from './actor.ts';

export interface RunOptions {
  services: Services;
  actors: Actors;
  refusals: Refusals;
}

/** Finds a request's credential; a dialect gives its own. Throws `actor.unauthenticated` for a bad one. */
export type Authenticate = (request: FastifyRequest) => Promise<Credential> | Credential;

declare module 'fastify' {
  interface FastifyRequest {
    /** Where the request comes from, for the audit; set for every request by the server. */
    origin: Origin;
    /** Runs one core operation as whoever sends the request. */
    run<T>(operation: (ctx: Context) => Promise<T>): Promise<T>;
  }
}

/**
 * Gives the requests of a dialect their `run`. A read runs at once as the actor remembered for the session, while the
 * session is being confirmed in the same moment: its answer is used only if the confirmation bears the guess out. So
 * a read costs one round trip, and still no answer is given to anyone who lost the right to it.
 */
export function installRun(app: FastifyInstance, options: RunOptions, authenticate: Authenticate): void {
  app.decorateRequest('run', function run<T>(this: FastifyRequest, operation: (ctx: Context) => Promise<T>) {
    return runAs(this, options, authenticate, operation);
  } as FastifyRequest['run']);
}

async function runAs<T>(
  request: FastifyRequest,
  { services, actors, refusals }: RunOptions,
  authenticate: Authenticate,
  operation: (ctx: Context) => Promise<T>,
): Promise<T> {
  const now = services.now();
  const asActor = (actor: Actor): Context => ({
    sql: services.sql,
    services,
    actor,
    origin: request.origin,
    now,
    inTransaction: false,
  });
  // A refusal that is thrown before the first await must not overtake the confirmation.
  const attempt = async (who: Actor) => operation(asActor(who));
  let actor: Actor = NOBODY;
  try {
    const credential = await authenticate(request);
    const guess = credential && request.method === 'GET' && actors.remembered(credential.sessionId);
    if (credential && guess) {
      const [confirmed, result] = await Promise.allSettled([actors.confirm(credential), attempt(guess)]);
      if (confirmed.status === 'rejected') throw confirmed.reason;
      actor = confirmed.value;
      if (actor === guess) {
        if (result.status === 'rejected') throw result.reason;
        return result.value;
      }
    } else if (credential) {
      actor = await actors.confirm(credential);
    }
    return await attempt(actor);
  } catch (error) {
    if (error instanceof DomainError) await refusals.tell(asActor(actor), error);
    throw error;
  }
}
