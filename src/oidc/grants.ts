import type { AccessToken, ClientCredentials, JWTStructured, KoaContextWithOIDC } from 'oidc-provider';
import { errors } from 'oidc-provider';
import { DomainError } from '#core/errors.ts';
import type { Mechanism } from '#core/roles/mechanisms.ts';
import type { Account } from '#core/sessions/logons.ts';
import type { GrantedSession } from '#core/sessions/session.ts';
import { mechanismOf } from './acr.ts';
import { exchangeOf } from './exchange.ts';
import type { ProviderParts } from './parts.ts';
import { clientContext, type Service } from './service.ts';

type Token = AccessToken | ClientCredentials;

/**
 * Begins the session that a token carries, just before the token is signed: all checks that oidc-provider makes have been
 * passed by then. One statement looks at the account and writes the session and its audit event.
 */
export async function beginSession(
  service: Service,
  ctx: KoaContextWithOIDC,
  token: Token,
): Promise<Record<string, unknown> | undefined> {
  const made = exchangeOf(ctx);
  if (made.claims) return made.claims; // an operation token: it goes on with the session of its caller
  const { client } = made;
  if (!client) throw new errors.InvalidClientAuth('no client');
  const context = clientContext(service, made.request, client.clientId);
  const grantType = String(ctx.oidc.params?.grant_type);
  const session = {
    clientId: client.clientId,
    grantType,
    expiresAt: new Date(context.now.getTime() + token.expiration * 1000),
  };
  try {
    const account = accountOf(ctx, session.grantType, client.properties.myIDLogonName);
    const granted = await service.grantLogon(context, { ...session, ...account });
    made.claims = claimsOf(granted, token);
    return made.claims;
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'logon.refused') throw error;
    const Refusal = grantType === 'client_credentials' ? errors.UnauthorizedClient : errors.InvalidGrant;
    throw Object.assign(new Refusal(), { error_detail: error.detail });
  }
}

/** The program's own account, or the person behind a code or refresh token, who signed in by the mechanism that its `acr` tells. */
function accountOf(
  { oidc }: KoaContextWithOIDC,
  grantType: string,
  logonName: string | null,
): Account & { mechanism: Mechanism } {
  if (grantType === 'client_credentials')
    return { mechanism: 'Client Credentials OAuth2 Logon', logonName: logonName ?? '' };
  const source = oidc.entities.RefreshToken ?? oidc.entities.AuthorizationCode;
  const mechanism = mechanismOf(source?.acr);
  if (!source || !mechanism)
    throw new DomainError('logon.refused', { detail: 'no sign-in behind this token' });
  return { mechanism, personId: source.accountId as string };
}

function claimsOf({ sessionId, personId }: GrantedSession, token: Token): Record<string, unknown> {
  const grantId = 'grantId' in token ? token.grantId : undefined;
  return { sub: personId, myidSessionId: sessionId, ...(grantId !== undefined && { grant_id: grantId }) };
}

/** Gives an access token the claims of the contract (2.9) where they differ from oidc-provider's own. */
export function shapeToken(
  { scopes, issuer }: ProviderParts,
  ctx: KoaContextWithOIDC,
  token: Token,
  { payload }: JWTStructured,
): void {
  const granted = token.scope?.split(' ') ?? [];
  payload.sub = String(exchangeOf(ctx).claims?.sub);
  payload.aud = scopes.audience(granted, issuer);
  payload.scope = granted;
  payload.nbf = payload.iat;
}
