import type { Oauth2Settings } from '#appsettings/oauth2-settings.ts';
import type { KeySet } from '#core/keys/signing-keys.ts';
import type { Scopes } from './scopes.ts';

/** What one instance of oidc-provider is made of; none of it changes. */
export interface ProviderParts {
  readonly issuer: string;
  /** The path of the issuer, without a slash at the end. */
  readonly pathname: string;
  readonly settings: Oauth2Settings;
  readonly scopes: Scopes;
  readonly keys: KeySet;
}
