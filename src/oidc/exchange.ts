import type { IncomingMessage, ServerResponse } from 'node:http';
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

export const exchangeOf = (ctx: KoaContextWithOIDC): Exchange => (ctx.req as unknown as Sent).exchange;

/**
 * Has oidc-provider answer a request without letting it near the connection: it sees the request in canonical form, and
 * its answer is taken from its context, so that headers, errors and limits stay the edge's. What is not an error of the
 * protocol, such as an outage, is thrown.
 */
export async function exchange(mounted: Mounted, ask: Ask): Promise<Exchange> {
  const made: Exchange = { ...ask, mounted };
  await mounted.handle(
    new Sent(made) as unknown as IncomingMessage,
    new Unsent() as unknown as ServerResponse,
  );
  const { fault } = made;
  if (fault !== undefined && !isProtocolError(fault)) throw fault;
  return made;
}

export const isProtocolError = (fault: unknown): fault is errors.OIDCProviderError =>
  fault instanceof errors.OIDCProviderError && fault.statusCode < 500;

/** The parts of an `IncomingMessage` that are looked at. A class, so that all of them have one shape. */
class Sent {
  readonly exchange: Exchange;
  readonly method: string;
  url: string;
  readonly originalUrl: string;
  readonly headers: Record<string, string>;
  readonly httpVersionMajor = 1;
  /** By which Koa tells the scheme. */
  readonly socket: { encrypted: boolean };
  readonly readable: boolean;
  readonly readableEncoding = null;
  readonly #body: Buffer | undefined;

  constructor(made: Exchange) {
    const { method, path, query, form, mounted } = made;
    this.exchange = made;
    this.method = method;
    this.url = query?.size ? `${path}?${query}` : path;
    this.originalUrl = mounted.pathname + this.url;
    this.#body = form && Buffer.from(form.toString());
    this.readable = form !== undefined;
    this.socket = mounted.socket;
    this.headers = headersFor(made, this.#body);
  }

  async *iterator() {
    yield this.#body;
  }
}

/** Only what is needed: credentials are in the form by now, and which pages may call is the edge's to say. */
function headersFor({ request, mounted }: Exchange, body: Buffer | undefined): Record<string, string> {
  const headers: Record<string, string> = {
    accept: 'application/json',
    host: mounted.host,
  };
  const { cookie } = request.headers;
  if (cookie !== undefined) headers.cookie = cookie;
  if (body !== undefined) {
    headers['content-type'] = 'application/x-www-form-urlencoded';
    headers['content-length'] = String(body.length);
  }
  return headers;
}

/** The parts of a `ServerResponse` that Koa keeps an answer in; this one is never sent. */
class Unsent {
  statusCode = 404;
  statusMessage = '';
  readonly headersSent = false;
  readonly finished = false;
  readonly writableEnded = false;
  readonly socket = null;
  readonly #headers: Record<string, unknown> = {};

  getHeader(name: string): unknown {
    return this.#headers[name.toLowerCase()];
  }

  getHeaders(): Record<string, unknown> {
    return this.#headers;
  }

  hasHeader(name: string): boolean {
    return name.toLowerCase() in this.#headers;
  }

  setHeader(name: string, value: unknown): this {
    this.#headers[name.toLowerCase()] = value;
    return this;
  }

  removeHeader(name: string): void {
    delete this.#headers[name.toLowerCase()];
  }

  on(): this {
    return this;
  }

  end(): void {}
}
