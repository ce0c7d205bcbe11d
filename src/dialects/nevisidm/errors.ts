import { type Answer, json, type Refusal, type Voice, type Words } from '#http/dialect.ts';

/** One entry per violation; here there is one (contract part 6). */
export function errors(
  status: number,
  code: string,
  message: string,
  more: { field?: string; headers?: Record<string, string> } = {},
): Answer {
  const entry = { code: `errors.${code}`, message, ...(more.field !== undefined && { field: more.field }) };
  const type = 'application/json;charset=UTF-8';
  return { ...json(status, { errors: [entry] }, more.headers), type };
}

const say = (code: string, status?: number) => (refusal: Refusal) =>
  errors(status ?? refusal.status, code, refusal.message, refusal.field ? { field: refusal.field } : {});

/** Every 401 has a challenge, and no other status does. */
const unauthenticated = (refusal: Refusal) =>
  errors(401, 'notAuthenticated', refusal.message, {
    headers: { 'www-authenticate': 'Bearer realm="nevisidm"' },
  });

/** One body for what is not there and what the caller may not see. */
const noRecord = () => errors(404, 'noRecord', 'There is no such record.');

const internal = (refusal: Refusal) =>
  errors(500, 'fatalError', `Unexpected error, reference ${refusal.requestId}`);

export const NEVISIDM_VOICE: Voice = {
  // Well-formed, but against a rule; what cannot be read at all has its own word below.
  invalid: say('invalidData', 422),
  unauthenticated,
  forbidden: say('accessDenied'),
  not_found: noRecord,
  out_of_scope: noRecord,
  conflict: say('inconsistentData', 422),
  stale: say('optimisticLockingFailure'),
  throttled: say('policyViolation'),
  too_large: say('invalidData'),
  unavailable: say('unknownReason'),
  no_route: noRecord,
  method: say('invalidData'),
  media_type: say('invalidData'),
  malformed: say('invalidData'),
  internal,
};

export const NEVISIDM_WORDS: Words = {
  'request.invalid': say('invalidData', 400),
  'person.logon_name_taken': say('duplicateValue', 422),
  'person.alias_taken': say('duplicateValue', 422),
  'person.external_id_taken': say('duplicateValue', 422),
  'person.email_taken': say('duplicateEmail', 422),
  'group.name_taken': say('duplicateName', 422),
  'group.not_empty': say('undeletedDependencies', 422),
  'role.in_use': say('undeletedDependencies', 422),
  'password.unacceptable': say('pwdPolicyViolated', 422),
};
