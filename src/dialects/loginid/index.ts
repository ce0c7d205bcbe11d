import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { type Dialect, listed } from '#http/dialect.ts';
import { LOGINID_VOICE, LOGINID_WORDS, refusal } from './errors.ts';

export interface LoginidOptions {
  /** The registered origins of all web applications. */
  allowedOrigins(): Iterable<string>;
}

/** LoginID's service API. `request.body` is bytes; `bodyOf` reads them. */
export const loginid = (options: LoginidOptions): Dialect => ({
  name: 'loginid',
  prefixes: ['', '/api', '/api/native'],
  voice: LOGINID_VOICE,
  words: LOGINID_WORDS,
  cors: {
    allows: listed(options.allowedOrigins),
    methods: 'GET, POST, PUT, DELETE, OPTIONS',
    headers: 'Authorization, Content-Type, X-Client-ID, Request-ID',
  },
  bodyLimit: 1024 * 1024,
  readBody: (_request, bytes) => bytes,
  routes,
});

/** Routes of the vendor's older API that SDKs still name, contract part 8. */
const DEPRECATED = [
  '/register/init',
  '/register/complete',
  '/authenticate/init',
  '/authenticate/complete',
  '/push_authentication/*',
  '/add_authenticator/*',
];

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

async function routes(app: FastifyInstance): Promise<void> {
  app.addHook('onRequest', async (request, reply) => {
    const sent = request.headers['request-id'];
    const own = typeof sent === 'string' && UUID.test(sent);
    reply.header('request-id', own ? sent : UUID.test(request.id) ? request.id : randomUUID());
  });
  for (const url of DEPRECATED) {
    app.post(url, async () => {
      throw refusal(410, 'endpoint_deprecated', 'This endpoint is no longer there');
    });
  }
}
