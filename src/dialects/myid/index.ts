import type { FastifyInstance } from 'fastify';
import { type Dialect, listed } from '#http/dialect.ts';
import { readBody } from './body.ts';
import { MYID_VOICE, MYID_WORDS } from './errors.ts';

export interface MyidOptions {
  /** `MyID:Cors:AllowedOrigins` of rest.core. */
  allowedOrigins(): Iterable<string>;
}

/** The MyID Core API, without its authentication service (`/web.oauth2` has a dialect of its own). */
export const myid = (options: MyidOptions): Dialect => ({
  name: 'myid',
  prefixes: ['/rest.core'],
  voice: MYID_VOICE,
  words: MYID_WORDS,
  cors: {
    allows: listed(options.allowedOrigins),
    methods: 'GET, POST, PATCH, DELETE',
    headers: 'Authorization, Content-Type, x-api-version',
  },
  bodyLimit: 1024 * 1024,
  readBody,
  routes,
});

async function routes(_app: FastifyInstance): Promise<void> {}
