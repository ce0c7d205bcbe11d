import { errors, type KoaContextWithOIDC, type ResourceServer } from 'oidc-provider';
import type { ClientSettings } from '#appsettings/oauth2-settings.ts';
import { mayUse } from './clients.ts';
import type { ProviderParts } from './parts.ts';

/** All APIs together as one resource (RFC 8707): which of them a token is for follows from its scopes. */
export const API = 'urn:signet:api';

/**
 * Decides what the client may ask for, at the one point that oidc-provider passes in every grant and authorization
 * request; and says how its tokens are made.
 */
export function grantedResource(
  { oidc }: KoaContextWithOIDC,
  indicator: string,
  { issuer, scopes, keys }: ProviderParts,
  client: ClientSettings | undefined,
): ResourceServer {
  if (indicator !== API || !client) throw new errors.InvalidTarget();
  const isAuthorizing = oidc.route === 'authorization' || oidc.route === 'resume';
  const grantType = isAuthorizing ? 'authorization_code' : String(oidc.params?.grant_type);
  if (!mayUse(client, grantType)) throw new errors.UnauthorizedClient('the client may not use this grant');

  const grantable = scopes.grantable(client, grantType);
  const asked = oidc.params?.scope;
  if (isAuthorizing && asked === undefined) throw new errors.InvalidScope('a scope must be asked for', '');
  if (typeof asked === 'string' && !asked.split(' ').every((scope) => grantable.has(scope)))
    throw new errors.InvalidScope('the client may not have a scope it asks for', asked);

  const alg = client.accessTokenSigningAlgorithm;
  return {
    scope: [...grantable].join(' '),
    audience: issuer, // replaced when the scopes are settled
    accessTokenFormat: 'jwt',
    accessTokenTTL: client.accessTokenLifetime,
    jwt: { sign: { alg, kid: keys.signing.get(alg)?.kid } },
  };
}
