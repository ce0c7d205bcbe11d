import { DomainError } from '#core/errors.ts';
import type { Bearer } from '#core/roles/actors.ts';
import type { Authenticate } from '#http/run.ts';

/** What a good access token says. */
export interface VerifiedToken extends Bearer {
  scope: readonly string[];
}

/** Checks an access token's signature, issuer, audience and times; undefined for one that is not good here. */
export type VerifyToken = (token: string) => Promise<VerifiedToken | undefined>;

/** The scope that opens the API (contract 3.4). */
const SCOPE = 'myid.rest.basic';

/** Finds the session behind `Authorization: Bearer …` (RFC 6750 2.1); a token is taken from nowhere else. */
export const bearer =
  (verify: VerifyToken): Authenticate =>
  async ({ headers }) => {
    const [, token] = /^bearer +([\w.~+/-]+=*) *$/i.exec(headers.authorization ?? '') ?? [];
    const claims = token === undefined ? undefined : await verify(token);
    if (!claims?.scope.includes(SCOPE)) throw new DomainError('actor.unauthenticated');
    return { sessionId: claims.sessionId, revocationIds: claims.revocationIds };
  };
