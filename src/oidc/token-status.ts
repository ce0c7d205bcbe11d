import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Context, transaction } from '#core/context.ts';
import { DomainError } from '#core/errors.ts';
import type { AccessToken } from '#core/sessions/access-tokens.ts';
import { revokeAccessToken, revokeGrant, spendOnce, tellRevoked } from '#core/sessions/sessions.ts';
import { refusal } from './answers.ts';
import { authenticateClient } from './authenticate.ts';
import { readForm } from './parameters.ts';
import { CORE_API, longestLifetime } from './scopes.ts';
import { clientContext, type Service } from './service.ts';
import { grantOfRefreshToken, removeGrant } from './storage.ts';

/**
 * Revocation (RFC 7009, contract 2.8) and introspection (RFC 7662). oidc-provider does neither with access tokens that
 * are JWTs: here what is revoked are rows, which every process sees.
 */
export function tokenStatusEndpoints(app: FastifyInstance, service: Service): void {
  app.post('/connect/revocation', async (request, reply) => {
    const { token, clientId } = await readToken(service, request);
    await revoke(service, clientContext(service, request, clientId), token, clientId);
    return reply.code(200).send();
  });

  app.post('/connect/introspect', async (request, reply) => {
    const { token, clientId, isConfidential } = await readToken(service, request);
    const found = await service.verify(token);
    const mayKnow = found && (isConfidential || found.clientId === clientId);
    const isActive = mayKnow && (await isLive(service, found));
    reply.type('application/json; charset=utf-8');
    return JSON.stringify(
      isActive ? { active: true, token_type: 'Bearer', ...wire(found) } : { active: false },
    );
  });
}

async function readToken(service: Service, request: FastifyRequest) {
  const form = readForm(request);
  const { client } = await authenticateClient(service, request, form);
  const token = form.get('token');
  if (token === undefined) throw refusal('invalid_request', 'The token is missing.');
  return { token, clientId: client.clientId, isConfidential: client.requireClientSecret };
}

/** A token that is not known, not good any more or another client's is as good as revoked (RFC 7009 2.2). */
async function revoke(service: Service, ctx: Context, token: string, clientId: string): Promise<void> {
  const settings = service.settings();
  const until = new Date(ctx.now.getTime() + (settings ? longestLifetime(settings) : 0) * 1000);
  const found = await service.verify(token);
  if (found) {
    if (found.clientId !== clientId) return;
    await transaction(ctx, async (tx) => {
      if (found.grantId) await removeGrant(tx.sql, found.grantId);
      if (found.claims.op !== undefined) await spendOnce(tx, found);
      // Other APIs check a token by its signature alone; for them it stays good until it expires.
      if (found.audience.includes(CORE_API)) await revokeAccessToken(tx, found, until);
    });
    return;
  }
  await transaction(ctx, async (tx) => {
    const grant = await grantOfRefreshToken(tx.sql, token, clientId);
    if (!grant) return;
    await removeGrant(tx.sql, grant.grantId);
    await revokeGrant(tx.sql, grant.grantId, until);
    await tellRevoked(tx, { sub: grant.accountId, clientId, sessionId: null });
  });
}

/** True while nothing has ended it before its time: session, person, revocation. */
export async function isLive(service: Service, token: AccessToken): Promise<boolean> {
  try {
    await service.actors.confirm(token);
    return true;
  } catch (error) {
    if (error instanceof DomainError && error.code === 'actor.unauthenticated') return false;
    throw error;
  }
}

/** The scope is a text here (RFC 7662 2.2), a list in the token. */
const wire = ({ claims, scope }: AccessToken) => ({ ...claims, scope: scope.join(' ') });
