import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Cors } from './dialect.ts';

/** Answers differ by origin, so a cache must not give one page's to another. */
export function varyByOrigin(reply: FastifyReply): void {
  reply.raw.appendHeader('vary', 'Origin');
}

/**
 * Tells pages of listed origins that they may call. A preflight is answered here (then the result is true), with the same
 * 204 for every origin, only without the headers for those that are not listed; any other request goes on, and it is the
 * browser that keeps its answer from a page that is not listed. Cookies are never allowed, so `*` is not needed.
 */
export async function answerCors(cors: Cors, request: FastifyRequest, reply: FastifyReply): Promise<boolean> {
  const { origin } = request.headers;
  const { raw } = reply;
  if (origin === undefined) return false;
  const covered = cors.covers?.(request.target.canonical) ?? true;
  const allowed = covered && origin !== 'null' && (await cors.allows(origin));
  const preflight =
    request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined;
  if (allowed) {
    raw.setHeader('access-control-allow-origin', origin);
    if (preflight) {
      raw.setHeader('access-control-allow-methods', cors.methods);
      raw.setHeader('access-control-allow-headers', cors.headers);
      raw.setHeader('access-control-max-age', '600');
    } else {
      raw.setHeader('access-control-expose-headers', cors.exposes ?? 'X-Request-Id, Retry-After');
    }
  }
  if (preflight) await reply.code(204).send();
  return preflight;
}
