import { type Answer, json, type Refusal, type Voice, WordedRefusal, type Words } from '#http/dialect.ts';

/** The codes a client knows, contract part 5, as far as they are used; no others may be sent. */
export type LoginidCode =
  | 'bad_request'
  | 'request_validation_error'
  | 'missing_parameter'
  | 'missing_body'
  | 'user_already_registered'
  | 'username_taken'
  | 'username_empty'
  | 'username_invalid'
  | 'user_not_found'
  | 'client_not_found'
  | 'unauthorized'
  | 'operation_not_allowed'
  | 'forbidden'
  | 'remote_session_maximum_retry_attempts'
  | 'not_found'
  | 'not_acceptable'
  | 'endpoint_deprecated'
  | 'internal_server_error';

export const loginidError = (status: number, code: LoginidCode, message: string): Answer =>
  json(status, { code, message });

/** For what core does not know: a body that is missing, an endpoint of an older API. */
export const refusal = (status: number, code: LoginidCode, message: string): WordedRefusal =>
  new WordedRefusal(loginidError(status, code, message));

const say = (code: LoginidCode, status?: number) => (refused: Refusal) =>
  loginidError(status ?? refused.status, code, refused.message);

/** No more detail to the caller; the reason is in the audit. */
const unauthorized = () => loginidError(401, 'unauthorized', 'Failed to verify authorization token');
const notAllowed = () => loginidError(403, 'operation_not_allowed', 'Invalid authorization token');
const serverError = (refused: Refusal) =>
  loginidError(refused.status, 'internal_server_error', 'Internal server error');

export const LOGINID_VOICE: Voice = {
  invalid: say('request_validation_error'),
  unauthenticated: unauthorized,
  forbidden: notAllowed,
  not_found: say('not_found'),
  out_of_scope: say('not_found'),
  conflict: say('bad_request', 400),
  stale: say('bad_request', 400),
  throttled: say('remote_session_maximum_retry_attempts'),
  too_large: say('request_validation_error'),
  unavailable: serverError,
  no_route: say('not_found'),
  method: say('not_acceptable'),
  media_type: say('not_acceptable'),
  malformed: say('bad_request'),
  internal: serverError,
};

export const LOGINID_WORDS: Words = {
  'request.invalid': say('bad_request'),
  'person.not_found': () => loginidError(404, 'user_not_found', 'User not found'),
  'application.not_found': say('client_not_found'),
  'person.logon_name_required': say('username_empty'),
  'person.logon_name_taken': say('username_taken', 400),
  'person.alias_taken': say('username_taken', 400),
};
