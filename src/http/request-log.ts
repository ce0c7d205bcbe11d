import type { FastifyBaseLogger } from 'fastify';

type Words = Parameters<FastifyBaseLogger['info']>;

/**
 * The logger of one request, made when something is logged: nearly all requests log nothing, and to make one takes as
 * long as all else that the edge does for a request. A class, since a closure for each method would cost as much.
 */
class RequestLog {
  readonly #parent: FastifyBaseLogger;
  readonly #bindings: object;
  #made: FastifyBaseLogger | undefined;

  constructor(parent: FastifyBaseLogger, bindings: object) {
    this.#parent = parent;
    this.#bindings = bindings;
  }

  get #log(): FastifyBaseLogger {
    this.#made ??= this.#parent.child(this.#bindings);
    return this.#made;
  }

  get level(): string {
    return this.#parent.level;
  }

  child(...given: Parameters<FastifyBaseLogger['child']>): FastifyBaseLogger {
    return this.#log.child(...given);
  }

  fatal(...words: Words): void {
    this.#log.fatal(...words);
  }

  error(...words: Words): void {
    this.#log.error(...words);
  }

  warn(...words: Words): void {
    this.#log.warn(...words);
  }

  info(...words: Words): void {
    this.#log.info(...words);
  }

  debug(...words: Words): void {
    this.#log.debug(...words);
  }

  trace(...words: Words): void {
    this.#log.trace(...words);
  }

  silent(...words: Words): void {
    this.#log.silent(...words);
  }
}

/** Fastify's `childLoggerFactory`. */
export const requestLog = (parent: FastifyBaseLogger, bindings: object): FastifyBaseLogger =>
  new RequestLog(parent, bindings) as unknown as FastifyBaseLogger;
