import type { Answer, Refusal, Voice, Words } from '#http/dialect.ts';
import { failure } from './envelope.ts';

const say = (code: number, sentence?: string) => (refusal: Refusal) =>
  failure(refusal.status, code, sentence ?? refusal.message);

/** A path that is not there has no envelope, a wrong method a page (contract 1.3). */
const noRoute = (): Answer => ({ status: 404, body: '{"error":"Not found"}', type: 'application/json' });
const method = (): Answer => ({
  status: 405,
  body: `<!doctype html>
<html lang=en>
<title>405 Method Not Allowed</title>
<h1>Method Not Allowed</h1>
<p>The method is not allowed for the requested URL.</p>
`,
  type: 'text/html; charset=utf-8',
});

const internal = (refusal: Refusal) =>
  failure(500, -500, `500 Internal Server Error: reference ${refusal.requestId}`);

/** Codes of contract 1.3: 303 policy, 601 not found, 4033 no header, 902 database, 903 server, 904 user, 905 parameter. */
export const PRIVACYIDEA_VOICE: Voice = {
  invalid: say(905),
  unauthenticated: say(4033, 'Authentication failure. Missing Authorization header.'),
  forbidden: say(303),
  not_found: say(601),
  out_of_scope: (refusal) => failure(404, 601, refusal.message),
  conflict: (refusal) => failure(400, 903, refusal.message),
  stale: (refusal) => failure(400, 903, refusal.message),
  throttled: say(903),
  too_large: say(905),
  unavailable: say(903),
  no_route: noRoute,
  method,
  media_type: say(905),
  malformed: say(905),
  internal,
};

export const PRIVACYIDEA_WORDS: Words = {
  'storage.unavailable': say(902),
  'storage.full': say(902),
  'person.logon_name_taken': (refusal) => failure(400, 904, refusal.message),
};
