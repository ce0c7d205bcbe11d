import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AccessToken } from '#core/sessions/access-tokens.ts';
import { findSignedIn, spendOnce } from '#core/sessions/sessions.ts';
import { WordedRefusal } from '#http/dialect.ts';
import { bearerError, refusal } from './answers.ts';
import { claimsByScope, claimsOf } from './claims.ts';
import { TARGETS } from './operations.ts';
import { readForm } from './parameters.ts';
import { clientContext, type Service } from './service.ts';
import { isLive } from './token-status.ts';

/** What is opened by a token itself: user information, and the operation that an operation token stands for. */
export function bearerEndpoints(app: FastifyInstance, service: Service): void {
  const userinfo = async (request: FastifyRequest) => {
    const token = await liveBearer(service, request);
    if (!token.scope.includes('openid')) throw new WordedRefusal(bearerError('insufficient_scope'));
    const person = await findSignedIn(service.services.sql, token.sub);
    if (!person) throw new WordedRefusal(bearerError('invalid_token'));
    const settings = service.settings();
    const byScope = settings ? claimsByScope(settings) : {};
    const wanted = new Set(['sub', ...token.scope.flatMap((scope) => byScope[scope] ?? [])]);
    return Object.fromEntries(Object.entries(claimsOf(person)).filter(([claim]) => wanted.has(claim)));
  };
  app.get('/connect/userinfo', userinfo);
  app.post('/connect/userinfo', userinfo);

  /** Redeems an operation token: the first call tells what it is for, any other is refused (contract 9.9). */
  app.post('/connect/operation', async (request) => {
    const sent = readForm(request).get('token') ?? bearerOf(request);
    if (sent === undefined) throw refusal('invalid_request', 'The token is missing.');
    const token = await service.verify(sent);
    if (typeof token?.claims.op !== 'string') throw refusal('invalid_grant');
    const isSpent = !(await spendOnce(clientContext(service, request, token.clientId), token));
    if (isSpent || !(await isLive(service, withoutItself(token)))) throw refusal('invalid_grant');
    const { op, myidSessionId, deviceDetectContext } = token.claims;
    const target = TARGETS.flatMap((kind) => (kind in token.claims ? [[kind, token.claims[kind]]] : []));
    return { op, ...Object.fromEntries(target), deviceDetectContext, myidSessionId, sub: token.sub };
  });
}

/** Its own id is among the spent ones by now; what counts is whether its session and its grant live. */
const withoutItself = (token: AccessToken): AccessToken => ({
  ...token,
  revocationIds: token.revocationIds.filter((id) => id !== `jti:${token.jti}`),
});

/** The token of RFC 6750 2.1; it is taken from nowhere else. */
function bearerOf({ headers }: FastifyRequest): string | undefined {
  return /^bearer +([\w.~+/-]+=*) *$/i.exec(headers.authorization ?? '')?.[1];
}

async function liveBearer(service: Service, request: FastifyRequest): Promise<AccessToken> {
  const sent = bearerOf(request);
  if (sent === undefined) throw new WordedRefusal(bearerError(undefined));
  const token = await service.verify(sent);
  // An operation token is for one operation, and for nothing else.
  if (!token || token.claims.op !== undefined || !(await isLive(service, token)))
    throw new WordedRefusal(bearerError('invalid_token'));
  return token;
}
