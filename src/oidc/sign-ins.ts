import { type IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { errors, type InteractionResults, type KoaContextWithOIDC } from 'oidc-provider';
import type { ClientSettings } from '#appsettings/oauth2-settings.ts';
import type { Mechanism } from '#core/roles/mechanisms.ts';
import { WordedRefusal } from '#http/dialect.ts';
import { acrOf } from './acr.ts';
import { exchangeOf } from './exchange.ts';
import { pageAnswer } from './pages.ts';
import type { Mount, Mounted } from './providers.ts';
import { API } from './resource.ts';

/** The address of the sign-in page, below the issuer. */
export const SIGN_IN_PATH = '/Account/Login';

/** A sign-in under way in the browser that a request comes from. */
export interface PendingSignIn {
  readonly client: ClientSettings;
  /** What the client asks for. */
  readonly scopes: readonly string[];
  /** The person must agree before `accept` (the client's `RequireConsent`). */
  readonly needsConsent: boolean;
  /** Says that this person has signed in. Gives the address to send the browser to. */
  accept(personId: string, mechanism: Mechanism): Promise<string>;
  /** Says that they would not. Gives the address to send the browser to. */
  deny(): Promise<string>;
}

/** Finds the sign-in of a browser. Refuses with a page when there is none, or it has expired. */
export type FindSignIn = (request: FastifyRequest) => Promise<PendingSignIn>;

interface Interaction {
  readonly iat: number;
  readonly params: Record<string, unknown>;
}

export function createSignIns(mount: Mount): FindSignIn {
  return async (request) => {
    const mounted = await mount(request);
    const details = await interaction(mounted, request.raw);
    const client = mounted.settings.clients.get(String(details.params.client_id));
    if (!client) throw gone();
    const scopes = String(details.params.scope ?? '')
      .split(' ')
      .filter(Boolean);
    const finish = (result: InteractionResults) => finished(mounted, request.raw, result);
    return {
      client,
      scopes,
      needsConsent: client.requireConsent,
      async accept(personId, mechanism) {
        const grantId = await saveGrant(mounted, client, details, scopes, personId);
        const login = { accountId: personId, acr: acrOf(mechanism), remember: false };
        return finish({ login, consent: { grantId } });
      },
      deny: () => finish({ error: 'access_denied', error_description: 'The person did not sign in.' }),
    };
  };
}

/** The grant lives as long as its last refresh token may: counted from the authorization request (contract 2.6). */
async function saveGrant(
  { provider }: Mounted,
  client: ClientSettings,
  { iat }: Interaction,
  scopes: readonly string[],
  accountId: string,
): Promise<string> {
  const exp = iat + client.absoluteRefreshTokenLifetime;
  const grant = new provider.Grant({ accountId, clientId: client.clientId, exp } as object);
  grant.addOIDCScope(scopes.join(' '));
  grant.addResourceScope(API, scopes.join(' '));
  return grant.save();
}

async function interaction({ provider }: Mounted, request: IncomingMessage): Promise<Interaction> {
  try {
    return (await provider.interactionDetails(
      request,
      new ServerResponse(request),
    )) as unknown as Interaction;
  } catch (error) {
    throw error instanceof errors.SessionNotFound ? gone() : error;
  }
}

function finished(
  { provider }: Mounted,
  request: IncomingMessage,
  result: InteractionResults,
): Promise<string> {
  return provider.interactionResult(request, new ServerResponse(request), result, {
    mergeWithLastSubmission: false,
  });
}

const gone = () =>
  new WordedRefusal(
    pageAnswer(
      400,
      'This sign-in is over',
      'It has expired, or was finished already. Go back to the application you came from and start again.',
    ),
  );

/** Characters of parameters that are repeated in the address; longer ones could make it longer than servers take. */
const LONGEST = 2_000;

/** The sign-in page, with the request in `ReturnUrl` for people to see; what counts is kept under the cookie. */
export function signInAddress(ctx: KoaContextWithOIDC, { returnTo }: { returnTo: string }): string {
  const { query, mounted } = exchangeOf(ctx);
  const shown = query === undefined || query.toString().length > LONGEST ? '' : `?${query}`;
  const address = new URLSearchParams({ ReturnUrl: new URL(returnTo).pathname + shown });
  return `${mounted.pathname}${SIGN_IN_PATH}?${address}`;
}
