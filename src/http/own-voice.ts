import { type Answer, json, type Refusal, type Voice } from './dialect.ts';

const say = (error: string, code: string) => (refusal: Refusal) =>
  json(refusal.status, { error, code, message: code === 'not_found' ? error : refusal.message });

const internal = (refusal: Refusal): Answer =>
  json(500, {
    error: 'Internal error',
    code: 'internal_error',
    message: 'Something went wrong on our side; the log has it under this reference.',
    reference: refusal.requestId,
  });

/** Signet's own words, also for a path that nobody owns. */
export const OWN_VOICE: Voice = {
  invalid: say('Bad request', 'invalid'),
  unauthenticated: (refusal) => ({
    ...say('Unauthorized', 'unauthenticated')(refusal),
    headers: { 'www-authenticate': 'Bearer' },
  }),
  forbidden: say('Forbidden', 'forbidden'),
  not_found: say('Not found', 'not_found'),
  out_of_scope: say('Not found', 'not_found'),
  conflict: say('Conflict', 'conflict'),
  stale: say('Conflict', 'stale'),
  throttled: say('Too many requests', 'throttled'),
  too_large: say('Content too large', 'too_large'),
  unavailable: say('Service unavailable', 'unavailable'),
  no_route: say('Not found', 'not_found'),
  method: say('Method not allowed', 'method_not_allowed'),
  media_type: say('Unsupported media type', 'unsupported_media_type'),
  malformed: say('Bad request', 'malformed'),
  internal,
};
