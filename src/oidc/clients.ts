import { randomBytes } from 'node:crypto';
import type { ClientMetadata } from 'oidc-provider';
import type { ClientSettings } from '#appsettings/oauth2-settings.ts';
import type { Scopes } from './scopes.ts';

/** The grant types there are here. `device_code` may be configured and is not among them. */
export const GRANT_TYPES = [
  'authorization_code',
  'client_credentials',
  'refresh_token',
  'operation',
] as const;

/** True when the client may use the grant type. A code client may refresh; without `offline_access` it never can. */
export function mayUse(client: ClientSettings, grantType: string): boolean {
  const allowed: readonly string[] = client.allowedGrantTypes;
  if (grantType === 'refresh_token') return allowed.includes('authorization_code');
  return allowed.includes(grantType);
}

/** Stands where oidc-provider wants a secret in clear; it is never compared, and nobody knows it. */
const PLACEHOLDER = randomBytes(32).toString('base64url');

/**
 * A client as oidc-provider knows it. Whoever has a redirect URI counts as a code client there, so that one who may not
 * be is told so by redirect (contract 2.4): `mayUse` decides.
 */
export function clientMetadata(client: ClientSettings, scopes: Scopes): ClientMetadata {
  const mayCome = client.redirectUris.length > 0;
  const own = GRANT_TYPES.filter((type) => type !== 'authorization_code' && mayUse(client, type));
  return {
    client_id: client.clientId,
    ...(client.clientName !== null && { client_name: client.clientName }),
    ...(client.requireClientSecret
      ? { token_endpoint_auth_method: 'client_secret_basic', client_secret: PLACEHOLDER }
      : { token_endpoint_auth_method: 'none' }),
    grant_types: mayCome ? [...new Set(['authorization_code', 'refresh_token', ...own])] : own,
    response_types: mayCome ? ['code'] : [],
    response_modes: ['query', 'fragment'],
    redirect_uris: [...client.redirectUris],
    scope: [...scopes.grantable(client, 'authorization_code')].join(' '),
  };
}
