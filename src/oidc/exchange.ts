import { type IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { ClientSettings } from '#appsettings/oauth2-settings.ts';
import type { Mounted } from './providers.ts';

/** What is asked of oidc-provider in one request, in the form it shall see. */
export interface Ask {
  readonly request: FastifyRequest;
  readonly method: 'GET' | 'POST';
  /** Below the issuer, in its one spelling. */
  readonly path: string;
  readonly query?: URLSearchParams | undefined;
  readonly form?: URLSearchParams | undefined;
  readonly client?: ClientSettings | undefined;
}

/** One request on its way through oidc-provider; what its hooks find out is kept here. */
export interface Exchange extends Ask {
  readonly mounted: Mounted;
  /** Where the answer stands. */
  koa?: KoaContextWithOIDC;
  /** What went wrong, whether it was then worded or not. */
  fault?: unknown;
  /** What the token will say beside its standard claims. */
  claims?: Record<string, unknown>;
}

const EXCHANGE = Symbol('exchange');

type Facade = IncomingMessage & { [EXCHANGE]: Exchange };

export const exchangeOf = (ctx: KoaContextWithOIDC): Exchange => (ctx.req as Facade)[EXCHANGE];

/**
 * Has oidc-provider answer a request without letting it write: it sees the request in canonical form through a facade
 * over the real one, and its answer is taken from its context, so that headers, errors and limits stay the edge's.
 * What is not an error of the protocol, such as an outage, is thrown.
 */
export async function exchange(mounted: Mounted, ask: Ask): Promise<Exchange> {
  const made: Exchange = { ...ask, mounted };
  const request = facade(made);
  await mounted.handle(request, new ServerResponse(request));
  const { fault } = made;
  if (fault !== undefined && !isProtocolError(fault)) throw fault;
  return made;
}

export const isProtocolError = (fault: unknown): fault is errors.OIDCProviderError =>
  fault instanceof errors.OIDCProviderError && fault.statusCode < 500;

function facade(made: Exchange): IncomingMessage {
  const { request, method, path, query, form, mounted } = made;
  const url = query?.size ? `${path}?${query}` : path;
  const body = form && Buffer.from(form.toString());
  return Object.create(request.raw, {
    [EXCHANGE]: { value: made },
    method: { value: method },
    url: { value: url, writable: true },
    originalUrl: { value: mounted.pathname + url },
    headers: { value: headersFor(made, body) },
    readable: { value: body !== undefined },
    readableEncoding: { value: null },
    iterator: {
      value: async function* () {
        yield body;
      },
    },
  });
}

/** Only what is needed: credentials are in the form by now, and which pages may call is the edge's to say. */
function headersFor({ request, mounted }: Exchange, body: Buffer | undefined): Record<string, string> {
  const headers: Record<string, string> = {
    accept: 'application/json',
    host: mounted.host,
    'x-forwarded-proto': mounted.protocol,
  };
  const { cookie } = request.headers;
  if (cookie !== undefined) headers.cookie = cookie;
  if (body !== undefined) {
    headers['content-type'] = 'application/x-www-form-urlencoded';
    headers['content-length'] = String(body.length);
  }
  return headers;
}
