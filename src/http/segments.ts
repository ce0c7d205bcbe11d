/** Who owns a path. `signet` is our own pages, and the voice for paths that nobody owns. */
export type Owner = 'signet' | 'myid' | 'oauth2' | 'privacyidea' | 'loginid' | 'authx' | 'nevisidm';

/** Some first segments belong to two; the second segment (lower case, '' if there is none) settles it. */
type Row = Owner | ((second: string) => Owner);

/**
 * The first segment of every path, in lower case, and its owner. The one place where the dialects meet: a route outside
 * the segments of its dialect is refused at start. What is not here is nobody's.
 */
export const SEGMENTS: Readonly<Record<string, Row>> = {
  '': 'signet',
  account: 'signet',
  pki: 'signet',
  readyz: 'signet',
  metrics: 'signet',
  scim: 'signet',
  console: 'signet',

  'rest.core': 'myid',
  'web.oauth2': 'oauth2',
  nevisidm: 'nevisidm',

  authx: 'authx',
  publicapiaccesstoken: 'authx',
  adduser: 'authx',
  updateuser: 'authx',
  deactivateuser: 'authx',
  activateuser: 'authx',

  // privacyIDEA has GET and POST /register itself, LoginID only what is below it.
  register: (second) => (second === '' ? 'privacyidea' : 'loginid'),
  // LoginID's second base address; Signet's own API will be at /api/v1.
  api: (second) => (second === 'v1' ? 'signet' : 'loginid'),
  authenticate: 'loginid',
  codes: 'loginid',
  credentials: 'loginid',
  manage: 'loginid',
  tx: 'loginid',
  certs: 'loginid',
  push_authentication: 'loginid',
  add_authenticator: 'loginid',

  privacyidea: 'privacyidea',
  auth: 'privacyidea',
  token: 'privacyidea',
  validate: 'privacyidea',
  user: 'privacyidea',
  realm: 'privacyidea',
  defaultrealm: 'privacyidea',
  resolver: 'privacyidea',
  policy: 'privacyidea',
  audit: 'privacyidea',
  system: 'privacyidea',
  machine: 'privacyidea',
  machineresolver: 'privacyidea',
  application: 'privacyidea',
  event: 'privacyidea',
  periodictask: 'privacyidea',
  smsgateway: 'privacyidea',
  smtpserver: 'privacyidea',
  radiusserver: 'privacyidea',
  caconnector: 'privacyidea',
  privacyideaserver: 'privacyidea',
  client: 'privacyidea',
  subscriptions: 'privacyidea',
  monitoring: 'privacyidea',
  tokengroup: 'privacyidea',
  serviceid: 'privacyidea',
  container: 'privacyidea',
  info: 'privacyidea',
  recover: 'privacyidea',
  ttype: 'privacyidea',
  healthz: 'privacyidea',
  static: 'privacyidea',
};

/** Whose path this is; undefined when nobody's. `segments` as sent but percent-decoded, without empty ones. */
export function ownerOf(segments: readonly string[]): Owner | undefined {
  const first = (segments[0] ?? '').toLowerCase();
  const row = Object.hasOwn(SEGMENTS, first) ? SEGMENTS[first] : undefined;
  return typeof row === 'function' ? row((segments[1] ?? '').toLowerCase()) : row;
}
