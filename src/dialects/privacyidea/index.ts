import type { FastifyInstance } from 'fastify';
import { type Dialect, listed, WordedRefusal } from '#http/dialect.ts';
import type { Ready } from '#http/readiness.ts';
import { NOT_BUILT } from './endpoints.ts';
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
  async routes(app: FastifyInstance) {
    healthRoutes(app, ready);
    for (const [url, methods] of NOT_BUILT) {
      app.route({
        method: methods.split(' '),
        url,
        exposeHeadRoute: false,
        handler(request) {
          const what = `${request.method} ${request.target.path}`;
          throw new WordedRefusal(failure(501, -501, `The function ${what} is not available.`));
        },
      });
    }
  },
});
