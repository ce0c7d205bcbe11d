import type { FastifyInstance } from 'fastify';
import { send } from '#http/answer.ts';
import { patiently, type Ready } from '#http/readiness.ts';
import { success } from './envelope.ts';

/**
 * The probes, contract 5.7. `hsm` is what keeps the encryption keys: the master key, without which there is no start.
 * `/healthz` and `/healthz/livez` tell of this process only, so that an orchestrator does not restart it when the database
 * is away; `/healthz/readyz` asks the database too.
 */
export function healthRoutes(app: FastifyInstance, ready: Ready): void {
  const answer = (url: string, value: object) =>
    app.get(url, (_request, reply) => send(reply.header('cache-control', 'no-store'), success(value)));
  answer('/healthz', { hsm: 'OK', status: 'ready' });
  answer('/healthz/livez', { status: 'OK' });
  answer('/healthz/startupz', { status: 'started' });

  const there = patiently(ready);
  app.get('/healthz/readyz', async (_request, reply) => {
    const [status, word] = await there().then(
      () => [200, 'ready'] as const,
      () => [503, 'not ready'] as const,
    );
    return send(reply.header('cache-control', 'no-store'), success({ hsm: 'OK', status: word }, { status }));
  });
}
