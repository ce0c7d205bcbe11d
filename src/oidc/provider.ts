import Provider, { type Configuration, interactionPolicy } from 'oidc-provider';
import { findSignedIn } from '#core/sessions/sessions.ts';
import { claimsByScope, claimsOf } from './claims.ts';
import { isSecretOf } from './client-authentication.ts';
import { clientMetadata } from './clients.ts';
import { exchangeOf } from './exchange.ts';
import { beginSession, shapeToken } from './grants.ts';
import { OPERATION_PARAMETERS, operationGrant } from './operation-grant.ts';
import { page } from './pages.ts';
import type { ProviderParts } from './parts.ts';
import { API, grantedResource } from './resource.ts';
import type { Service } from './service.ts';
import { signInAddress } from './sign-ins.ts';
import { heldKeys } from './signing.ts';
import { storage } from './storage.ts';

const CODE_SECONDS = 300;
const SIGN_IN_SECONDS = 3600;
const off = { enabled: false } as const;

/** Makes oidc-provider what the contract asks for; what was bent, and why, is in docs/adr/0003-oidc-provider-bends.md. */
export function createProvider(service: Service, parts: ProviderParts): Provider {
  const { issuer, settings } = parts;
  const provider = new Provider(issuer, configuration(service, parts));
  provider.registerGrantType('operation', operationGrant(service), OPERATION_PARAMETERS);

  // Configured secrets are hashes, and redirect URIs are checked where the files are read: any scheme is allowed there.
  const clientClass = provider.Client as unknown as {
    prototype: { compareClientSecret(this: { clientId: string }, secret: string): boolean };
    Schema: { prototype: { redirectUris(): void } };
  };
  clientClass.prototype.compareClientSecret = function compareClientSecret(secret) {
    return isSecretOf(settings.clients.get(this.clientId), secret);
  };
  clientClass.Schema.prototype.redirectUris = () => {};

  provider.use(async (ctx, next) => {
    const made = exchangeOf(ctx as never);
    made.koa = ctx as never;
    ctx.respond = false;
    try {
      await next();
    } catch (error) {
      made.fault = error;
    }
  });
  for (const event of ['grant.error', 'authorization.error', 'jwks.error', 'discovery.error', 'server_error'])
    provider.on(event as 'server_error', (ctx, error) => {
      exchangeOf(ctx).fault ??= error;
    });
  return provider;
}

function configuration(service: Service, parts: ProviderParts): Configuration {
  const { issuer, pathname, settings, scopes, keys } = parts;
  const { services } = service;
  const clientOf = ({ clientId }: { clientId?: string | undefined }) => settings.clients.get(clientId ?? '');
  const tokenLifetime = (token: { clientId?: string | undefined }) =>
    clientOf(token)?.accessTokenLifetime ?? 1;

  return {
    adapter: storage(services, settings),
    clients: Array.from(settings.clients.values(), (client) => clientMetadata(client, scopes)),
    jwks: { keys: heldKeys(keys.published, keys.signing.values()) },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'none'],
    responseTypes: ['code'],
    scopes: [...scopes.all],
    claims: claimsByScope(settings),
    enabledJWA: { idTokenSigningAlgValues: ['RS256'] },
    clockTolerance: 0,
    clientBasedCORS: () => true,
    allowOmittingSingleRegisteredRedirectUri: false,
    routes: {
      authorization: '/connect/authorize',
      token: '/connect/token',
      jwks: '/.well-known/openid-configuration/jwks',
    },
    discovery: {
      revocation_endpoint: `${issuer}/connect/revocation`,
      revocation_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
      introspection_endpoint: `${issuer}/connect/introspect`,
      introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      userinfo_endpoint: `${issuer}/connect/userinfo`,
    },
    features: {
      devInteractions: off,
      dPoP: off,
      pushedAuthorizationRequests: off,
      rpInitiatedLogout: off,
      userinfo: off,
      clientCredentials: { enabled: true },
      externalSigningSupport: { enabled: true, ack: 'experimental-01' },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => API,
        useGrantedResource: () => true,
        getResourceServerInfo: (ctx, indicator, client) =>
          grantedResource(ctx, indicator, parts, clientOf(client)),
      },
    },
    pkce: { required: (_ctx, client) => clientOf(client)?.requirePkce !== false },
    interactions: { policy: signInEachTime(), url: signInAddress },
    cookies: {
      names: { session: 'signet_session', interaction: 'signet_sign_in', resume: 'signet_resume' },
      // The cookie of a sign-in is sent to all of its pages.
      short: { path: `${pathname}/Account`, httpOnly: true, sameSite: 'lax', signed: false },
      long: { httpOnly: true, sameSite: 'lax', signed: false },
    },
    ttl: {
      AccessToken: (_ctx, token) => tokenLifetime(token),
      ClientCredentials: (_ctx, token) => tokenLifetime(token),
      AuthorizationCode: CODE_SECONDS,
      IdToken: (_ctx, _token, client) => tokenLifetime(client),
      Interaction: SIGN_IN_SECONDS,
      Session: SIGN_IN_SECONDS,
      Grant: SIGN_IN_SECONDS,
      RefreshToken(ctx, token) {
        // The grant ends when the authorization request is as old as the whole chain may become.
        const left = (ctx.oidc.entities.Grant?.exp ?? 0) - Math.floor(services.now().getTime() / 1000);
        return Math.max(1, Math.min(clientOf(token)?.slidingRefreshTokenLifetime ?? 1, left));
      },
    },
    rotateRefreshToken: true,
    expiresWithSession: () => false,
    issueRefreshToken: (_ctx, client, source) =>
      clientOf(client)?.allowOfflineAccess === true && source.scopes.has('offline_access'),
    async findAccount(_ctx, id) {
      const person = await findSignedIn(services.sql, id);
      return person && { accountId: person.id, claims: () => claimsOf(person) };
    },
    extraTokenClaims: (ctx, token) => beginSession(service, ctx, token),
    formats: { customizers: { jwt: (ctx, token, jwt) => shapeToken(parts, ctx, token, jwt) } },
    renderError(ctx, out) {
      ctx.type = 'html';
      ctx.body = page('The request cannot be answered', [String(out.error_description ?? out.error)]);
    },
  };
}

/** The usual policy, and no session that outlives one sign-in: each authorization request asks (contract 2.4). */
function signInEachTime(): interactionPolicy.DefaultPolicy {
  const policy = interactionPolicy.base();
  const check = new interactionPolicy.Check(
    'each_request',
    'every request is signed in for',
    'login_required',
    (ctx) => !exchangeOf(ctx).koa?.oidc.result?.login,
  );
  policy.get('login')?.checks.add(check);
  return policy;
}
