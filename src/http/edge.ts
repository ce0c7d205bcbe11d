import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '#core/errors.ts';
import { rememberRoutes } from './allowed-methods.ts';
import { send } from './answer.ts';
import { answerCors, varyByOrigin } from './cors.ts';
import { type Answer, type Dialect, type Refusal, WordedRefusal } from './dialect.ts';
import { checkHost } from './forwarded.ts';
import { oncePerSecond } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Load } from './overload.ts';
import { OWN_VOICE } from './own-voice.ts';
import { EdgeFault, type RequestFacts, toRefusal, word } from './refusals.ts';
import { readTarget, type Target } from './target.ts';

export interface EdgeOptions {
  readonly load: Load;
  readonly metrics: Metrics;
  readonly accessLog: boolean;
  /** Characters. */
  readonly urlLength: number;
}

/** Seconds after which a caller may try again. */
const RETRY_AFTER = 2;
/** Probes must be heard when everybody else is turned away. */
const PROBES = /^\/(?:readyz|metrics|healthz(?:\/.*)?)$/;
/** A content type that Fastify would refuse by itself; here the dialect decides, as if there were none. */
const MEDIA_TYPE = /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(?:;|$)/;

/** The ways in past the hooks: what no route was looked up for, and what was no request at all. */
export interface Edge {
  unrouted(error: Error, request: FastifyRequest, reply: FastifyReply): void;
  /** Words a fault of the bytes on a connection, for the owner of the target where there is one. */
  unparsed(target: Target | undefined, status: number): Answer;
}

/** Guards every request on its way in, and words every refusal in the voice of the path's owner. */
export function guardEdge(app: FastifyInstance, options: EdgeOptions): Edge {
  const { load, metrics } = options;
  const methodsAt = rememberRoutes(app);
  const sayBusy = oncePerSecond();
  const sayAway = oncePerSecond();
  const dialectOf = (target: Target | undefined) => app.dialects.get(target?.owner ?? 'signet');
  const voiceOf = (target: Target | undefined) => dialectOf(target) ?? { voice: OWN_VOICE };

  // Else a connection that is kept alive would hold the closing server until it times out.
  app.addHook('preClose', async () => {
    load.drain();
    // Also those that become idle later, by whatever way: one left over would hold the process for as long as it is kept alive.
    const sweep = setInterval(() => app.server.closeIdleConnections(), 100).unref();
    app.server.once('close', () => clearInterval(sweep));
  });

  app.addHook('onRequest', (request, reply, done) => {
    const target = readTarget(request.raw.url ?? '/');
    request.target = target;
    const dialect = dialectOf(target);
    stamp(request, reply, dialect);
    follow(request, reply);
    try {
      load.enter(reply, PROBES.test(target.canonical));
      if ((request.raw.url?.length ?? 0) > options.urlLength) throw longAddress();
      if (target.fault) throw badAddress(target.fault);
      checkHost(request);
    } catch (error) {
      done(error as Error);
      return;
    }
    const contentType = request.raw.headers['content-type'];
    if (contentType !== undefined && !MEDIA_TYPE.test(contentType))
      delete request.raw.headers['content-type'];
    if (dialect?.cors === undefined) return done();
    varyByOrigin(reply);
    if (request.headers.origin === undefined) return done();
    answerCors(dialect.cors, request, reply).then((answered) => answered || done(), done);
  });

  app.setNotFoundHandler((request, reply) => {
    const notBuilt = dialectOf(request.target)?.notBuilt;
    const missing = notBuilt?.at(request.target.canonical) ?? [];
    if (missing[0]) request.target = { ...request.target, pattern: missing[0].path };
    if (notBuilt && missing.some(({ methods }) => methods.includes(request.method)))
      return refuse(request, reply, new WordedRefusal(notBuilt.answer(request.method, request.target.path)));
    const methods = methodsAt(
      request.target,
      missing.flatMap((endpoint) => endpoint.methods),
    );
    if (methods.length === 0) return refuse(request, reply, new EdgeFault('no_route'));
    reply.raw.setHeader('allow', methods.join(', '));
    return request.method === 'OPTIONS'
      ? reply.code(204).send()
      : refuse(request, reply, new EdgeFault('method'));
  });

  app.setErrorHandler((error, request, reply) => refuse(request, reply, error));

  return {
    unrouted(error, request, reply) {
      request.target = readTarget(request.raw.url ?? '/');
      stamp(request, reply, dialectOf(request.target));
      follow(request, reply);
      const tooLong = (error as { code?: string }).code === 'FST_ERR_MAX_PARAM_LENGTH';
      refuse(request, reply, tooLong ? longAddress() : badAddress(request.target.fault));
    },
    unparsed(target, status) {
      const facts = { method: '', path: target?.path ?? '', requestId: randomUUID() };
      return word(voiceOf(target), toRefusal(new EdgeFault('malformed', { status }), facts));
    },
  };

  /** Times and counts the request until its answer is out, or the caller gone. */
  function follow(request: FastifyRequest, reply: FastifyReply): void {
    const started = performance.now();
    let open = true;
    const end = () => {
      if (!open) return;
      open = false;
      load.leave(reply);
      const ms = performance.now() - started;
      const { raw } = reply;
      const status = raw.writableEnded ? `${Math.floor(raw.statusCode / 100)}xx` : 'aborted';
      const labels = {
        window: request.target.owner ?? 'none',
        route: request.routeOptions.url ?? 'none',
        method: request.method,
        status,
      };
      metrics.requests.observe(labels, ms / 1000);
      if (options.accessLog) request.log.info({ req: request, res: reply, ms: Math.round(ms) }, 'request');
    };
    reply.raw.once('finish', end);
    reply.raw.once('close', end);
  }

  function refuse(request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
    if (reply.raw.headersSent) {
      request.log.error({ err: error, req: request }, 'an answer broke off');
      reply.raw.destroy(); // a short answer must not look whole
      return reply;
    }
    for (const name of OF_SUCCESS) reply.removeHeader(name);
    stamp(request, reply, dialectOf(request.target));
    if (error instanceof WordedRefusal) return send(reply, error.answer);
    const refusal = toRefusal(error, factsOf(request));
    report(request, refusal, error);
    if (refusal.kind === 'throttled' || refusal.kind === 'unavailable') {
      const seconds = (error instanceof DomainError && error.retryAfter) || RETRY_AFTER;
      reply.raw.setHeader('retry-after', String(seconds));
    }
    return send(reply, word(voiceOf(request.target), refusal));
  }

  /** Bugs are logged with their cause, outages and overload once a second; what a caller did wrong is not logged. */
  function report(request: FastifyRequest, refusal: Refusal, error: unknown): void {
    if (refusal.kind === 'internal') {
      metrics.faults.inc({ window: request.target.owner ?? 'none' });
      request.log.error({ err: error, req: request }, 'request failed');
    } else if (refusal.code === 'server.busy') {
      metrics.overloaded.inc();
      sayBusy((keptBack) => request.log.warn({ underWay: load.underWay, keptBack }, 'too many requests'));
    } else if (refusal.kind === 'unavailable') {
      sayAway((keptBack) => request.log.warn({ err: error, keptBack }, 'not available'));
    }
  }
}

const longAddress = () => new EdgeFault('malformed', { status: 414, message: 'The address is too long.' });
const badAddress = (message = 'The address is not valid.') => new EdgeFault('malformed', { message });

const factsOf = (request: FastifyRequest): RequestFacts => ({
  method: request.method,
  path: request.target.path,
  requestId: request.id,
});

/**
 * The headers of every answer. They are set on Node's own response, so that they are on it too where a handler answers
 * past Fastify; what a route or a refusal sets under the same name wins.
 */
function stamp(request: FastifyRequest, reply: FastifyReply, dialect: Dialect | undefined): void {
  const { raw } = reply;
  raw.setHeader('x-request-id', request.id);
  raw.setHeader('x-content-type-options', 'nosniff');
  raw.setHeader('referrer-policy', 'no-referrer');
  raw.setHeader('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
  raw.setHeader('cache-control', 'no-store');
  if (request.protocol === 'https') raw.setHeader('strict-transport-security', 'max-age=31536000');
  for (const name in dialect?.headers) raw.setHeader(name, dialect.headers[name] as string);
}

/** Headers of the answer that a route was about to give, and that would be wrong on a refusal. */
const OF_SUCCESS = ['cache-control', 'etag', 'last-modified', 'content-disposition', 'location'];
