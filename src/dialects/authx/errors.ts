import { type Answer, json, type Refusal, type Voice, type Words } from '#http/dialect.ts';
import { envelope, failed } from './envelope.ts';

const UNEXPECTED = 'An error occurred while processing the request';

/** The token call fails in the style of OAuth 2.0, contract part 3; all others in the envelope. */
const isTokenCall = (refusal: Refusal) => /\/publicapiaccesstoken\/?$/i.test(refusal.path);

function say(inEnvelope: (refusal: Refusal) => Answer, error: string, status?: number) {
  return (refusal: Refusal): Answer =>
    isTokenCall(refusal)
      ? json(status ?? refusal.status, { error, error_description: refusal.message })
      : inEnvelope(refusal);
}

/** Failures of a call are 200: callers look at the codes. Faults of HTTP itself keep their status. */
const text = (words: string) => () => failed(words);
const http = (refusal: Refusal) => failed(refusal.message, refusal.status);
const notExists = () => envelope(200, 8, 119, { text: 'User not exists' });

const denied = (): Answer => ({
  ...failed('Authorization has been denied for this request.', 401),
  headers: { 'www-authenticate': 'Bearer realm="authx"' },
});

/** `person.email` and the like are core's names; the caller knows its own. */
const FIELDS: Readonly<Record<string, string>> = {
  logonName: 'UserName',
  'name.first': 'Name.FirstName',
  'name.last': 'Name.LastName',
  email: 'Email',
};

const invalid = (refusal: Refusal): Answer => {
  const field = refusal.field && FIELDS[refusal.field];
  return failed(field ? `${field} is not valid` : 'Invalid request body');
};

export const AUTHX_VOICE: Voice = {
  invalid: say(invalid, 'invalid_request'),
  unauthenticated: say(denied, 'invalid_client'),
  forbidden: say(text('The application is not allowed to do this'), 'unauthorized_client', 403),
  not_found: notExists,
  out_of_scope: notExists,
  conflict: say(text('The request is in conflict with what is stored'), 'invalid_request'),
  stale: say(text('The user was changed meanwhile'), 'invalid_request'),
  throttled: say(http, 'temporarily_unavailable'),
  too_large: say(http, 'invalid_request'),
  unavailable: say((refusal) => failed(UNEXPECTED, refusal.status), 'temporarily_unavailable'),
  no_route: say(http, 'invalid_request'),
  method: say(http, 'invalid_request'),
  media_type: say(http, 'invalid_request'),
  malformed: say(http, 'invalid_request'),
  internal: say(text(UNEXPECTED), 'server_error'),
};

export const AUTHX_WORDS: Words = {
  'person.logon_name_required': text('UserName is required'),
  'person.name_required': text('Name.FirstName is required'),
  'person.logon_name_taken': text('UserName already exists'),
  'person.alias_taken': text('AliasName already exists'),
  'person.email_taken': text('Email already exists'),
};
