import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerOptions as NodeOptions } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { ROUTING } from './allowed-methods.ts';
import { answerClientError } from './client-errors.ts';
import type { Dialect } from './dialect.ts';
import { type Edge, guardEdge } from './edge.ts';
import { decorateFacts } from './facts.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { LOG_OPTIONS } from './log.ts';
import { createMetrics, type Metrics, type PoolUse } from './metrics.ts';
import { Load } from './overload.ts';
import { ownRoutes } from './own-routes.ts';
import { patiently, type Ready } from './readiness.ts';
import { requestLog } from './request-log.ts';
import { type Owner, ownerOf } from './segments.ts';
import { readTls, renewTls, type TlsFiles } from './tls.ts';

export interface ServerOptions {
  /** A pino logger; without one nothing is logged. */
  logger?: FastifyBaseLogger;
  /** One line per request at level info; else only faults are logged. */
  accessLog?: boolean;
  /** Our address as others see it, at most with a path; else that of each request. */
  publicUrl?: string | undefined;
  /** Addresses, networks, `loopback`: whose X-Forwarded headers are believed. Default loopback; empty is nobody. */
  trustedProxies?: readonly string[] | undefined;
  tls?: TlsFiles | undefined;
  ready?: Ready;
  pool?: () => PoolUse;
  /** `SIGNET_METRICS_TOKEN`. */
  metricsToken?: string | undefined;
  /** The metrics of all workers together, where there are several; else those of this process are told. */
  allMetrics?: (() => Promise<string>) | undefined;
  /** `MyID:ClientIdentifierHeader`. */
  clientIdentifierHeader?: () => string;
  limits?: Partial<Limits>;
}

declare module 'fastify' {
  interface FastifyInstance {
    readonly metrics: Metrics;
    /** Takes renewed certificate files up; false when they are not good, and the present ones stay. For SIGHUP. */
    reloadTls(): boolean;
  }
}

/** Makes the server, with nothing mounted yet. Everything about HTTP that no dialect may differ in is settled here. */
export function createServer(options: ServerOptions = {}): FastifyInstance {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const load = new Load(limits);
  const metrics = createMetrics({
    underWay: () => load.underWay,
    ...(options.pool && { pool: options.pool }),
  });
  let edge: Edge;
  const app = Fastify({
    ...listening(options.tls, limits),
    ...(options.logger && { loggerInstance: options.logger.child({}, LOG_OPTIONS) }),
    logController: new LogController({ disableRequestLogging: true }),
    childLoggerFactory: requestLog,
    genReqId: requestId,
    routerOptions: ROUTING,
    trustProxy: trust(options.trustedProxies ?? ['loopback']),
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, allErrors: false } },
    // Whoever got a connection in time is served to the end; /readyz turns others away.
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => edge.unrouted(error, request as never, reply as never),
    clientErrorHandler: (error, socket) => answerClientError(error as Error, socket, edge.unparsed),
  }) as unknown as FastifyInstance;
  app.server.maxConnections = limits.connections;

  app.decorate('dialects', new Map<Owner, Dialect>());
  app.decorate('metrics', metrics);
  app.decorate('reloadTls', options.tls ? keepTls(app, options.tls) : () => true);
  decorateFacts(app, {
    publicUrl: options.publicUrl?.replace(/\/+$/, ''),
    clientIdentifierHeader: options.clientIdentifierHeader ?? (() => 'CLIENT_IDENTIFIER'),
  });
  // A GET may have a body (MyID). What no dialect reads is not read at all.
  app.addHttpMethod('GET', { hasBody: true, overrideExisting: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null, undefined));
  edge = guardEdge(app, {
    load,
    metrics,
    accessLog: options.accessLog ?? false,
    urlLength: limits.urlLength,
  });
  app.addHook('onClose', async () => load.close());
  app.register(ownRoutes, {
    ready: patiently(options.ready ?? (async () => {})),
    metricsToken: options.metricsToken,
    metrics: options.allMetrics ?? (() => metrics.registry.metrics()),
  });
  return app;
}

/** Mounts dialects, each in a scope of its own. A route that lies outside its dialect's segments stops the start. */
export function mount(app: FastifyInstance, dialects: readonly Dialect[]): void {
  for (const dialect of dialects) {
    app.dialects.set(dialect.name, dialect);
    app.register(async (scope) => {
      scope.addHook('onRoute', ({ url }) => {
        const owner = ownerOf(url.split('/').filter((segment) => segment !== ''));
        if (owner !== dialect.name)
          throw new Error(`${dialect.name} must not have ${url}: ${owner ?? 'nobody'} owns it`);
      });
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser(
        '*',
        { parseAs: 'buffer', bodyLimit: dialect.bodyLimit },
        async (request: FastifyRequest, bytes: Buffer) =>
          bytes.length === 0 ? undefined : dialect.readBody(request, bytes),
      );
      for (const prefix of dialect.prefixes) scope.register((routes) => dialect.routes(routes), { prefix });
    });
  }
}

/** The listening part: plain HTTP, or HTTPS with the files' certificate. */
function listening(tls: TlsFiles | undefined, limits: Limits) {
  const node: NodeOptions = {
    maxHeaderSize: limits.headerSize,
    headersTimeout: limits.headersTimeout,
    requestTimeout: limits.requestTimeout,
    connectionsCheckingInterval: limits.checkInterval,
    requireHostHeader: false, // refused by us, in the owner's voice
  };
  return {
    requestTimeout: limits.requestTimeout,
    connectionTimeout: limits.idleTimeout,
    keepAliveTimeout: limits.keepAliveTimeout,
    ...(tls ? { https: { ...node, ...readTls(tls) } } : { http: node }),
  };
}

/** Fastify takes an empty list for no list. */
const trust = (proxies: readonly string[]) => (proxies.length === 0 ? false : [...proxies]);

function keepTls(app: FastifyInstance, files: TlsFiles): () => boolean {
  const renewal = renewTls(app.server as unknown as HttpsServer, files, {
    taken: () => app.log.info({ file: files.certFile }, 'certificate taken up'),
    kept: (err) => app.log.warn({ err }, 'certificate files are not good; the present certificate stays'),
    unwatched: (err) =>
      app.log.warn({ err }, 'certificate files cannot be watched; SIGHUP takes renewed ones up'),
  });
  app.addHook('onClose', async () => renewal.close());
  return renewal.reload;
}

/** A caller's own id, if it is one that can stand in a log line and a header; else a new one. */
function requestId(request: IncomingMessage): string {
  const sent = request.headers['x-request-id'];
  return typeof sent === 'string' && /^[\w.:-]{8,64}$/.test(sent) ? sent : randomUUID();
}
