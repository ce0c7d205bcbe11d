import { record } from '#core/audit/audit.ts';
import type { Context, Sql } from '#core/context.ts';
import type { Actor } from '#core/roles/actor.ts';
import type { AccessToken } from './access-tokens.ts';
import type { SignedInPerson } from './session.ts';
import * as store from './store.ts';

/** Who is signed in, by their id; undefined when they are gone or disabled. For what the server itself must know. */
export const findSignedIn = (sql: Sql, personId: string): Promise<SignedInPerson | undefined> =>
  store.findSignedIn(sql, personId);

/**
 * Ends an access token before its time, with its session and every other token of the same grant. `until` is when the
 * last of them would have expired anyway.
 */
export async function revokeAccessToken(tx: Context, token: AccessToken, until: Date): Promise<void> {
  const isNews = await store.endSession(tx.sql, token.sessionId, tx.now);
  const listed = await store.insertRevoked(tx.sql, token.revocationIds, until);
  if (isNews || listed.length > 0) await tellRevoked(tx, token);
}

/** Every access token of a grant is dead from now on, also one that is just being made. */
export async function revokeGrant(sql: Sql, grantId: string, until: Date): Promise<void> {
  await store.insertRevoked(sql, [`grant:${grantId}`], until);
}

/** Tells the audit who had a token of theirs revoked. */
export async function tellRevoked(
  tx: Context,
  token: Pick<AccessToken, 'sub' | 'clientId'> & { sessionId: string | null },
): Promise<void> {
  await record(
    { ...tx, actor: { ...tx.actor, clientId: token.clientId, sessionId: token.sessionId } },
    { operation: 'token.revoked', target: { kind: 'person', id: token.sub } },
  );
}

/** Spends a token that may be used once; false when it was spent before. One of several who try gets it. */
export async function spendOnce(ctx: Context, token: AccessToken): Promise<boolean> {
  const until = new Date(token.expiresAt * 1000);
  return (await store.insertRevoked(ctx.sql, [`jti:${token.jti}`], until)).length > 0;
}

/** A program as the audit names it before it has become an actor. */
export const asClient = (actor: Actor, clientId: string): Actor => ({ ...actor, name: clientId, clientId });
