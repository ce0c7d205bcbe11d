import type { FastifyInstance } from 'fastify';
import { type Dialect, listed } from '#http/dialect.ts';
import type { Ready } from '#http/readiness.ts';
import { endpointsAt } from './endpoints.ts';
import { failure } from './envelope.ts';
import { PRIVACYIDEA_VOICE, PRIVACYIDEA_WORDS } from './errors.ts';
import { healthRoutes } from './health.ts';
import { readBody } from './parameters.ts';

export interface PrivacyideaOptions {
  ready: Ready;
  /** The original sends no CORS headers unless it is told to. */
  allowedOrigins?: () => Iterable<string>;
}

/** privacyIDEA's REST API, also below a prefix. `parameters(request)` gives what was sent, whichever way. */
export const privacyidea = ({ ready, allowedOrigins = () => [] }: PrivacyideaOptions): Dialect => ({
  name: 'privacyidea',
  prefixes: ['', '/privacyidea'],
  voice: PRIVACYIDEA_VOICE,
  words: PRIVACYIDEA_WORDS,
  headers: { 'cache-control': 'no-cache' },
  cors: {
    allows: listed(allowedOrigins),
    methods: 'GET, POST, PUT, PATCH, DELETE',
    headers: 'PI-Authorization, Authorization, Content-Type',
  },
  bodyLimit: 1024 * 1024,
  readBody,
  notBuilt: {
    at: (canonical) => endpointsAt(canonical.replace(/^\/privacyidea(?=\/)/, '')),
    answer: (method, path) => failure(501, -501, `The function ${method} ${path} is not available.`),
  },
  async routes(app: FastifyInstance) {
    healthRoutes(app, ready);
  },
});
