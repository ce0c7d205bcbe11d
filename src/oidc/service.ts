import type { FastifyRequest } from 'fastify';
import type { Oauth2Settings } from '#appsettings/oauth2-settings.ts';
import type { Refusals } from '#core/audit/audit.ts';
import type { Context, Services } from '#core/context.ts';
import { DomainError } from '#core/errors.ts';
import type { SigningKeys } from '#core/keys/signing-keys.ts';
import { type Actor, NOBODY } from '#core/roles/actor.ts';
import type { Actors } from '#core/roles/actors.ts';
import type { TokenVerifier } from '#core/sessions/access-tokens.ts';
import type { GrantLogon } from '#core/sessions/logons.ts';
import { asClient } from '#core/sessions/sessions.ts';

/** What the authentication service is given. */
export interface Ground {
  readonly services: Services;
  readonly actors: Actors;
  readonly refusals: Refusals;
  readonly keys: SigningKeys;
  readonly verify: TokenVerifier;
  /** The configuration now; undefined while it is broken. Another object stands for each reading of the files. */
  settings(): Oauth2Settings | undefined;
}

/** What the authentication service stands on. */
export interface Service extends Ground {
  readonly grantLogon: GrantLogon;
}

/** The surroundings of a core operation for this request. */
export function contextFor({ services }: Service, request: FastifyRequest, actor: Actor): Context {
  return {
    sql: services.sql,
    services,
    actor,
    origin: request.origin,
    now: services.now(),
    inTransaction: false,
  };
}

export const clientContext = (service: Service, request: FastifyRequest, clientId: string): Context =>
  contextFor(service, request, asClient(NOBODY, clientId));

/** Tells the audit of a grant that was refused to a client, with what the caller is not told. */
export async function tellRefused(
  service: Service,
  request: FastifyRequest,
  clientId: string,
  error: string,
  reason?: string | undefined,
): Promise<void> {
  const told = new DomainError('token.refused', { field: error });
  await service.refusals.tell(clientContext(service, request, clientId), told, {
    operation: 'logon.refused',
    target: { kind: 'client', id: clientId },
    details: { error, ...(reason !== undefined && { reason }) },
  });
}
