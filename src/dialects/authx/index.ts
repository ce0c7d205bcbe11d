import type { FastifyInstance } from 'fastify';
import type { Dialect } from '#http/dialect.ts';
import { AUTHX_VOICE, AUTHX_WORDS } from './errors.ts';

/** The AuthX public API. `request.body` is the bytes as they were sent; `readObject` reads them. */
export const authx = (): Dialect => ({
  name: 'authx',
  prefixes: ['', '/authx'],
  voice: AUTHX_VOICE,
  words: AUTHX_WORDS,
  bodyLimit: 64 * 1024,
  readBody: (_request, bytes) => bytes,
  routes,
});

async function routes(_app: FastifyInstance): Promise<void> {}
