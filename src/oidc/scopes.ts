import type { ClientSettings, Oauth2Settings } from '#appsettings/oauth2-settings.ts';

export const OFFLINE_ACCESS = 'offline_access';

/** The audience that opens the Core API. */
export const CORE_API = 'myid.rest';

/** What the scopes of a configuration mean. */
export interface Scopes {
  /** Every scope there is. */
  readonly all: ReadonlySet<string>;
  /** Those that are about an API, not about a person or refresh tokens. */
  isOfApi(scope: string): boolean;
  /** What a client may be granted by this grant type. */
  grantable(client: ClientSettings, grantType: string): ReadonlySet<string>;
  /** The APIs that a token with these scopes is for; the issuer itself when there is none. */
  audience(scopes: readonly string[], issuer: string): string | string[];
}

export function scopesOf(settings: Oauth2Settings): Scopes {
  const { scopes, apiResources, identityResources } = settings;
  const all = new Set([...scopes.keys(), ...identityResources.keys(), OFFLINE_ACCESS]);
  const isOfApi = (scope: string) => scopes.has(scope) && !identityResources.has(scope);

  return {
    all,
    isOfApi,
    grantable(client, grantType) {
      const allowed = client.allowedScopes.filter((scope) => all.has(scope) && scope !== OFFLINE_ACCESS);
      if (grantType === 'authorization_code' || grantType === 'refresh_token')
        return new Set(client.allowOfflineAccess ? [...allowed, OFFLINE_ACCESS] : allowed);
      // Without a person who signs in there is nobody to tell of, and nothing to refresh.
      return new Set(allowed.filter(isOfApi));
    },
    audience(granted, issuer) {
      const resources = [...apiResources.values()].filter((resource) =>
        resource.scopes.some((scope) => granted.includes(scope)),
      );
      const [only, ...others] = resources.map((resource) => resource.name);
      if (only === undefined) return issuer;
      return others.length === 0 ? only : [only, ...others];
    },
  };
}

/** The longest that a token given now may live, in seconds. */
export const longestLifetime = (settings: Oauth2Settings): number =>
  Math.max(0, ...Array.from(settings.clients.values(), (client) => client.accessTokenLifetime));
