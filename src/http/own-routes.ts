import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError } from '#core/errors.ts';
import { clientIp } from './forwarded.ts';
import { EdgeFault } from './refusals.ts';
import { START_PAGE_POLICY, startPage } from './start-page.ts';

export interface OwnRoutesOptions {
  /** Asks what the server stands on (the database); throws when it is not there. */
  ready?: (() => Promise<void>) | undefined;
  /** The text of /metrics: of this process, or of all workers together. */
  metrics(): Promise<string>;
  /** Lets callers from elsewhere read /metrics, as a bearer token; else only the machine itself can. */
  metricsToken?: string | undefined;
}

/** Milliseconds that `/readyz` waits for the database. */
const PATIENCE = 2000;

/** The pages of the server itself: `/`, `/readyz`, `/metrics`. */
export async function ownRoutes(app: FastifyInstance, options: OwnRoutesOptions): Promise<void> {
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true; // a balancer that asks now shall send no more
  });

  app.get('/', async (_request, reply) => {
    reply.raw.setHeader('content-security-policy', START_PAGE_POLICY);
    reply.raw.setHeader('cache-control', 'no-cache');
    reply.type('text/html; charset=utf-8');
    return startPage(app.dialects.values());
  });

  // Whoever asks while one question is under way waits for the same answer.
  let asked: Promise<void> | undefined;
  app.get('/readyz', async () => {
    if (closing) throw new DomainError('server.busy');
    asked ??= inTime(options.ready?.() ?? Promise.resolve()).finally(() => {
      asked = undefined;
    });
    await asked;
    return { status: 'ready' };
  });

  app.get('/metrics', async (request, reply) => {
    if (!mayRead(request, options.metricsToken)) throw new EdgeFault('no_route');
    reply.type('text/plain; version=0.0.4; charset=utf-8');
    return options.metrics();
  });
}

/** Whatever is wrong with the database, and a silent one too, is "not now". */
async function inTime(asked: Promise<void>): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new DomainError('storage.unavailable')), PATIENCE);
  try {
    await Promise.race([asked, late]);
  } catch (cause) {
    throw cause instanceof DomainError ? cause : new DomainError('storage.unavailable', { cause });
  } finally {
    clearTimeout(timer);
  }
}

function mayRead(request: FastifyRequest, token: string | undefined): boolean {
  const sent = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token !== undefined && sent !== undefined) return same(sent, token);
  const ip = clientIp(request);
  return ip !== null && (ip === '::1' || ip.startsWith('127.'));
}

function same(a: string, b: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
}
