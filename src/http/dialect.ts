import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ErrorCode, ErrorKind } from '#core/errors.ts';
import type { Owner } from './segments.ts';

/**
 * Everything a caller can be refused for: the kinds of core, and what only the edge can find out. `no_route`: nothing
 * is at this path. `method`: the path does not take this method. `media_type`: the body is of a type that is not read
 * here. `malformed`: not proper HTTP (its `status` says which fault). `internal`: a bug of ours.
 */
export type RefusalKind = ErrorKind | 'no_route' | 'method' | 'media_type' | 'malformed' | 'internal';

/** A refusal, and what a dialect may need to word it. */
export interface Refusal {
  readonly kind: RefusalKind;
  /** Absent where the edge refuses by itself. */
  readonly code?: ErrorCode | undefined;
  /** A sentence for people; safe to show, and never holds what the caller sent. */
  readonly message: string;
  /** The input at fault, in core's words: `name.first`. */
  readonly field?: string | undefined;
  readonly detail?: string | undefined;
  /** The status of HTTP's own faults (400, 408, 414, 431) and of limits; a dialect may have another. */
  readonly status: number;
  readonly method: string;
  /** The path as it was sent, without the query. */
  readonly path: string;
  readonly requestId: string;
}

/** An answer in words: what goes over the wire. An empty body is sent without a content type. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

type Wording = (refusal: Refusal) => Answer;

/** Total: a new kind of refusal does not compile until every dialect can say it. */
export type Voice = { readonly [kind in RefusalKind]: Wording };

/** Where a dialect has a more exact word for one refusal of core. */
export type Words = { readonly [code in ErrorCode]?: Wording };

/** Which web pages of other origins may call, and with what. Never with cookies. */
export interface Cors {
  /** Asked at every request, since configuration reloads. `origin` is never `null` or empty. */
  allows(origin: string): boolean | Promise<boolean>;
  readonly methods: string;
  readonly headers: string;
  /** Response headers that a page may read, beside the safelisted ones. */
  readonly exposes?: string;
  /** Paths (lower case) that are open to pages; default all of the dialect's. */
  covers?(path: string): boolean;
}

/** What an API has and this server has not built yet: asked only where there is no route, so that it costs nothing else. */
export interface NotBuilt {
  /** The endpoints at a path, which is in lower case and without a slash at the end. `path` is their pattern. */
  at(canonical: string): readonly { readonly path: string; readonly methods: readonly string[] }[];
  answer(method: string, path: string): Answer;
}

/** One way to speak to the core: its paths, its words, its bodies. A dialect is tables and a plug-in of routes. */
export interface Dialect {
  /** Its name in the table of segments, and the `window` of its audit events. */
  readonly name: Exclude<Owner, 'signet'>;
  /** Where the routes are mounted: `['', '/authx']`. The segments of each must be its own in the table. */
  readonly prefixes: readonly string[];
  readonly voice: Voice;
  readonly words?: Words;
  readonly cors?: Cors;
  /** Headers of every answer, also of refusals; a route may set others over them. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes; a route may set its own `bodyLimit`. */
  readonly bodyLimit: number;
  /**
   * Makes `request.body` from the bytes. Never called for an empty body, which is `undefined` whatever its content type
   * says. Runs before the handler, so a dialect that must know the caller first returns something to be read later.
   */
  readBody(request: FastifyRequest, bytes: Buffer): unknown;
  readonly notBuilt?: NotBuilt;
  routes(app: FastifyInstance): Promise<void>;
}

/** A refusal that only one dialect knows, in its own words already: an unknown API version, say. */
export class WordedRefusal extends Error {
  override readonly name = 'WordedRefusal';
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(`refused with status ${answer.status}`);
    this.answer = answer;
  }
}

/** An answer in JSON. */
export function json(status: number, value: unknown, headers?: Record<string, string>): Answer {
  const body = JSON.stringify(value);
  return { status, body, type: 'application/json; charset=utf-8', ...(headers && { headers }) };
}

/** Allows the listed origins (`https://host[:port]`). An entry that is not exactly an origin never matches. */
export function listed(origins: () => Iterable<string>): Cors['allows'] {
  return (origin) => {
    for (const entry of origins()) if (entry.toLowerCase() === origin) return true;
    return false;
  };
}
