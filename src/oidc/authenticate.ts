import type { FastifyRequest } from 'fastify';
import type { ClientSettings } from '#appsettings/oauth2-settings.ts';
import { DomainError } from '#core/errors.ts';
import { NOBODY } from '#core/roles/actor.ts';
import { WordedRefusal } from '#http/dialect.ts';
import { invalidClient } from './answers.ts';
import { type ClientProof, proveClient } from './client-authentication.ts';
import type { Parameters } from './parameters.ts';
import { clientContext, contextFor, type Service } from './service.ts';

export interface AuthenticatedClient {
  readonly client: ClientSettings;
  readonly secret: string | undefined;
}

/** Authenticates the client of a request. Refuses `invalid_client`, which the audit is told of. */
export async function authenticateClient(
  service: Service,
  request: FastifyRequest,
  form: Parameters,
): Promise<AuthenticatedClient> {
  const clients = service.settings()?.clients ?? new Map<string, ClientSettings>();
  const proof = proveClient(request.headers.authorization, form, clients);
  const { client, secret } = proof;
  if (client) return { client, secret };
  await tellUnauthenticated(service, request, proof, clients);
  throw new WordedRefusal(invalidClient(proof.usedHeader));
}

/** Names the client only where there is one: any other name is of the caller's making. */
async function tellUnauthenticated(
  service: Service,
  request: FastifyRequest,
  { claimedId = '' }: ClientProof,
  clients: ReadonlyMap<string, ClientSettings>,
): Promise<void> {
  const isKnown = clients.has(claimedId);
  const context = isKnown ? clientContext(service, request, claimedId) : contextFor(service, request, NOBODY);
  await service.refusals.tell(context, new DomainError('client.unauthenticated'), {
    operation: 'logon.refused',
    ...(isKnown && { target: { kind: 'client', id: claimedId } }),
    details: { error: 'invalid_client', claimed: shown(claimedId) },
  });
}

/** What somebody called themselves, as it can be stored: no control characters, no half of a character. */
const shown = (text: string) =>
  text
    .replace(/\p{Cc}/gu, '')
    .slice(0, 100)
    .toWellFormed();
