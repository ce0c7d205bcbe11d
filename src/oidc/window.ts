import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Cors, type Dialect, json, type Refusal, type Voice } from '#http/dialect.ts';
import { BROKEN, pageAnswer } from './pages.ts';

export interface WindowOptions {
  /** The union of all clients' `AllowedCorsOrigins`: a preflight cannot name the client. */
  allows: Cors['allows'];
  /** True while the configuration cannot be used: then every request gets the same page. */
  isBroken?(): boolean;
  /** Mounted below `/web.oauth2`. */
  routes(app: FastifyInstance): Promise<void>;
  bodyLimit?: number;
  /** Default: the body is left as bytes. */
  readBody?(request: FastifyRequest, bytes: Buffer): unknown;
}

/** The authentication service `/web.oauth2` as the edge sees it: its words outside the protocol's own answers. */
export const oauth2 = (options: WindowOptions): Dialect => ({
  name: 'oauth2',
  prefixes: ['/web.oauth2'],
  voice: voice(options.isBroken ?? (() => false)),
  cors: {
    allows: options.allows,
    methods: 'GET, POST',
    headers: 'Authorization, Content-Type',
    covers: (path) => !/^\/web\.oauth2\/(?:connect\/authorize|account)(?:\/|$)/.test(path),
  },
  bodyLimit: options.bodyLimit ?? 64 * 1024,
  readBody: options.readBody ?? ((_request, bytes) => bytes),
  routes: options.routes,
});

/** Errors of RFC 6749 5.2 and RFC 6750 3.1. */
const say = (error: string) => (refusal: Refusal) =>
  json(refusal.status, { error, error_description: refusal.message });

/** Pages for the addresses that people's browsers go to, and for nobody else. */
const IS_PAGE = /^\/web\.oauth2\/(?:connect\/authorize|account)(?:\/|$)/i;

function voice(isBroken: () => boolean): Voice {
  const worded = Object.entries(WORDS).map(([kind, wording]) => [
    kind,
    (refusal: Refusal) => {
      if (isBroken()) return BROKEN;
      const answer = wording(refusal);
      return IS_PAGE.test(refusal.path)
        ? pageAnswer(answer.status, 'The request cannot be answered', refusal.message)
        : answer;
    },
  ]);
  return Object.fromEntries(worded) as Voice;
}

const WORDS: Voice = {
  invalid: say('invalid_request'),
  unauthenticated: (refusal) =>
    json(
      401,
      { error: 'invalid_token', error_description: refusal.message },
      { 'www-authenticate': 'Bearer' },
    ),
  forbidden: say('access_denied'),
  not_found: say('invalid_request'),
  out_of_scope: say('invalid_request'),
  conflict: say('invalid_request'),
  stale: say('invalid_request'),
  throttled: say('temporarily_unavailable'),
  too_large: say('invalid_request'),
  unavailable: say('temporarily_unavailable'),
  no_route: say('invalid_request'),
  method: say('invalid_request'),
  media_type: say('invalid_request'),
  malformed: say('invalid_request'),
  internal: (refusal) =>
    json(500, {
      error: 'server_error',
      error_description: `Unexpected error, reference ${refusal.requestId}`,
    }),
};
