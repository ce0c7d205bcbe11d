import { createHash, randomBytes } from 'node:crypto';
import { type Answer, json, type Refusal, type Voice, type Words } from '#http/dialect.ts';
import { type Code, WS, type WsCode } from './codes.ts';

const TITLES: Readonly<Record<number, readonly [section: string, title: string]>> = {
  400: ['15.5.1', 'Bad Request'],
  404: ['15.5.5', 'Not Found'],
  405: ['15.5.6', 'Method Not Allowed'],
  408: ['15.5.9', 'Request Timeout'],
  413: ['15.5.14', 'Content Too Large'],
  414: ['15.5.15', 'URI Too Long'],
  415: ['15.5.16', 'Unsupported Media Type'],
  500: ['15.6.1', 'Internal Server Error'],
  503: ['15.6.4', 'Service Unavailable'],
};

/**
 * What the framework below the API says, with no code of the API (contract 4.1): an empty image, an unknown version, an
 * address with nothing at it. The trace names the request, so that the log can be searched for it.
 */
export function problem(status: number, requestId: string): Answer {
  const [section, title] = TITLES[status] ?? ['15.5', 'Error'];
  const type = `https://tools.ietf.org/html/rfc9110#section-${section}`;
  const body = JSON.stringify({ type, title, status, traceId: traceId(requestId) });
  return { status, body, type: 'application/problem+json; charset=utf-8' };
}

/** A trace id in the form of W3C Trace Context: a request id that is a UUID stands in it as it is. */
function traceId(requestId: string): string {
  const hex = requestId.replaceAll('-', '').toLowerCase();
  const trace = /^[0-9a-f]{32}$/.test(hex)
    ? hex
    : createHash('sha256').update(requestId).digest('hex').slice(0, 32);
  return `00-${trace}-${randomBytes(8).toString('hex')}-00`;
}

/** The error body of the API. `field` and `reason` stand only with validation errors. */
export function wsError(code: WsCode, at?: { field: string; reason: string }): Answer {
  const { status, message } = WS[code] as Code;
  const text = typeof message === 'string' ? message : message(at?.field ?? '');
  return json(status, {
    message: text,
    code,
    ...(at && { invalidField: at.field, invalidFieldReason: at.reason }),
  });
}

const ws = (code: WsCode) => () => wsError(code);

/** A validation error: at a field if it is known, else bare. */
const validation = (code: WsCode, reason: string, field?: string) => (refusal: Refusal) => {
  const at = field ?? refusal.field;
  return at === undefined ? wsError('WS30001') : wsError(code, { field: at, reason });
};

/** A value that is not valid, and what would be. */
const notValid = (field?: string) => (refusal: Refusal) =>
  validation('WS39003', refusal.detail ? `is not valid: ${refusal.detail}` : 'is not valid', field)(refusal);

const taken = validation('WS39001', 'is already in use');
const missing = validation('WS30015', 'is mandatory');

const framework = (refusal: Refusal) => problem(refusal.status, refusal.requestId);

export const MYID_VOICE: Voice = {
  invalid: notValid(),
  unauthenticated: () => ({ status: 401, body: '', headers: { 'www-authenticate': 'Bearer' } }),
  forbidden: ws('WS50000'),
  not_found: ws('WS40005'),
  out_of_scope: ws('WS50000'),
  conflict: ws('WS59001'),
  stale: ws('WS59005'),
  throttled: ws('WS59006'),
  too_large: framework,
  unavailable: framework,
  no_route: framework,
  method: framework,
  media_type: framework,
  malformed: framework,
  internal: framework,
};

export const MYID_WORDS: Words = {
  'request.invalid': ws('WS30001'),
  'request.value_required': missing,
  'person.logon_name_required': missing,
  'person.name_required': validation('WS30017', "'First Name' or 'Last Name' must be provided", 'name.first'),
  'person.logon_name_taken': validation('WS39001', 'is already in use', 'logonName'),
  'role.invalid': validation('WS30004', 'invalid role specified', 'roles'),
  // As a value of a person it is an invalid one; by itself it is a thing that is not there.
  'role.not_found': (refusal) =>
    refusal.field === undefined
      ? wsError('WS40005')
      : wsError('WS30004', { field: 'roles', reason: 'invalid role specified' }),
  'role.beyond_actor': validation('WS30004', 'invalid role specified', 'roles'),
  'role.not_in_group': validation('WS30004', 'invalid role specified', 'roles'),
  'person.alias_taken': taken,
  'person.email_taken': taken,
  'person.external_id_taken': taken,
  'group.required': validation('WS30015', 'is mandatory', 'group'),
  'group.name_required': missing,
  'group.name_taken': taken,
  'group.not_empty': ws('WS59007'),
  'group.built_in': ws('WS59009'),
  'group.cycle': ws('WS59010'),
  'group.crosses_tenant': ws('WS59010'),
  'role.name_required': missing,
  'role.name_taken': taken,
  'role.in_use': ws('WS59008'),
  'role.built_in': ws('WS59009'),
  'attribute.name_taken': taken,
  'setting.invalid': notValid('value'),
  'image.empty': (refusal) => problem(400, refusal.requestId),
  'image.invalid': ws('WS39002'),
  'report.page_invalid': ws('WS30001'),
};
