import type { FastifyInstance } from 'fastify';
import type { Dialect } from '#http/dialect.ts';
import { NEVISIDM_VOICE, NEVISIDM_WORDS } from './errors.ts';

/** nevisIDM's REST APIs: principal/v1 and core/v1. `request.body` is bytes; `bodyOf` reads them. */
export const nevisidm = (): Dialect => ({
  name: 'nevisidm',
  prefixes: ['/nevisidm/api'],
  voice: NEVISIDM_VOICE,
  words: NEVISIDM_WORDS,
  bodyLimit: 1024 * 1024,
  readBody: (_request, bytes) => bytes,
  routes,
});

async function routes(_app: FastifyInstance): Promise<void> {}
