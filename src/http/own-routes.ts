import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError } from '#core/errors.ts';
import { clientIp } from './forwarded.ts';
import type { Ready } from './readiness.ts';
import { EdgeFault } from './refusals.ts';
import { START_PAGE_POLICY, startPage } from './start-page.ts';

export interface OwnRoutesOptions {
  ready: Ready;
  /** The text of /metrics: of this process, or of all workers together. */
  metrics(): Promise<string>;
  /** Lets callers from elsewhere read /metrics, as a bearer token; else only the machine itself can. */
  metricsToken?: string | undefined;
}

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

  app.get('/readyz', async () => {
    if (closing) throw new DomainError('server.busy');
    await options.ready();
    return { status: 'ready' };
  });

  app.get('/metrics', async (request, reply) => {
    if (!mayRead(request, options.metricsToken)) throw new EdgeFault('no_route');
    reply.type('text/plain; version=0.0.4; charset=utf-8');
    return options.metrics();
  });
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
