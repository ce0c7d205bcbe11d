import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyRequest } from 'fastify';
import type Provider from 'oidc-provider';
import type { Oauth2Settings } from '#appsettings/oauth2-settings.ts';
import { DomainError } from '#core/errors.ts';
import type { KeyNeeds, KeySet } from '#core/keys/signing-keys.ts';
import { createProvider } from './provider.ts';
import { longestLifetime, type Scopes, scopesOf } from './scopes.ts';
import type { Service } from './service.ts';

/** oidc-provider for one issuer, one reading of the configuration and one set of keys; it never changes. */
export interface Mounted {
  readonly provider: Provider;
  readonly issuer: string;
  /** Parts of the issuer, as in a `URL`. */
  readonly pathname: string;
  readonly host: string;
  /** True to form for a connection to that address. */
  readonly socket: { encrypted: boolean };
  readonly settings: Oauth2Settings;
  readonly scopes: Scopes;
  readonly keys: KeySet;
  handle(request: IncomingMessage, response: ServerResponse): Promise<unknown>;
}

/** The service as it stands, for the address that a request came to. */
export type Mount = (request: FastifyRequest) => Promise<Mounted>;

/** Issuers at once. Making one takes about a millisecond, so a caller who invents host names gains nothing. */
const MOST_ISSUERS = 16;

/**
 * oidc-provider is made for one issuer and takes its clients and keys when it is made. So there is one for each address
 * that this server is reached by, made anew when configuration or keys change; requests under way end on the old one.
 */
export function createMount(service: Service): Mount {
  const mounted = new Map<string, Mounted>();
  let known: { settings: Oauth2Settings; scopes: Scopes; needs: KeyNeeds } | undefined;

  return async (request) => {
    const settings = service.settings();
    if (!settings) throw new DomainError('storage.unavailable');
    if (known?.settings !== settings) {
      const asked = Array.from(settings.clients.values(), (client) => client.accessTokenSigningAlgorithm);
      const algorithms = [...new Set(['RS256' as const, ...asked])];
      const needs = { algorithms, longestLifetime: longestLifetime(settings) };
      known = { settings, scopes: scopesOf(settings), needs };
    }
    const { scopes, needs } = known;
    const keys = await service.keys.forSigning(needs);
    const issuer = `${request.publicUrl}/web.oauth2`;
    const present = mounted.get(issuer);
    if (present?.settings === settings && present.keys === keys) return present;

    const made = make(service, issuer, settings, scopes, keys);
    mounted.delete(issuer);
    if (mounted.size >= MOST_ISSUERS) mounted.delete(mounted.keys().next().value as string);
    mounted.set(issuer, made);
    return made;
  };
}

function make(
  service: Service,
  issuer: string,
  settings: Oauth2Settings,
  scopes: Scopes,
  keys: KeySet,
): Mounted {
  const { host, protocol, pathname } = new URL(issuer);
  const provider = createProvider(service, { issuer, pathname, settings, scopes, keys });
  return {
    provider,
    issuer,
    pathname,
    host,
    socket: { encrypted: protocol === 'https:' },
    settings,
    scopes,
    keys,
    handle: provider.callback() as Mounted['handle'],
  };
}
