import { type Fields, group, list, optional, readFields, required, table, type ValuesOf } from './fields.ts';
import { type CustomFolder, readLayers } from './files.ts';
import { findingAt, type Loaded, type NoticeCode, type Report } from './findings.ts';
import * as kinds from './kinds.ts';

const CLIENT = {
  ClientId: required(kinds.clientId, 'Names the client; upper and lower case differ.'),
  ClientName: optional(kinds.optionalText, null, 'Shown to people, in the sign-in and consent pages.'),
  Enabled: optional(kinds.flag, true, '`false`: as if the client were not configured.'),
  AllowedGrantTypes: list(
    kinds.oneOf(
      'authorization_code',
      'client_credentials',
      'operation',
      'refresh_token',
      'urn:ietf:params:oauth:grant-type:device_code',
    ),
    'How the client may get tokens. `refresh_token` follows from `AllowOfflineAccess` and need not be listed.',
  ),
  RequireClientSecret: optional(
    kinds.flag,
    true,
    'The client must send its secret. Always so for `client_credentials`.',
  ),
  ClientSecrets: table(
    { Value: required(kinds.secretHash, 'What `signet client-secret` prints as `SHA256+base64`.') },
    'The secrets of the client; any of them is accepted, so that a new one can be brought in before the old one goes.',
  ),
  RequirePkce: optional(
    kinds.flag,
    true,
    'Authorization codes need a code challenge (RFC 7636, S256). Always so for a client without a secret.',
  ),
  RedirectUris: list(
    kinds.redirectUri,
    'Where the browser may be sent back to, compared as exact text. `RedirectUri` is the same key; both together count.',
    'RedirectUri',
  ),
  AllowedCorsOrigins: list(
    kinds.origin,
    'Web pages that may call `/web.oauth2` from a browser. No slash at the end.',
  ),
  AllowedScopes: list(kinds.scopeName, 'The scopes that the client may ask for.'),
  RequireConsent: optional(
    kinds.flag,
    false,
    'People are asked whether they agree, with the names of client and scopes.',
  ),
  AllowAccessTokensViaBrowser: optional(
    kinds.flag,
    false,
    'Accepted and without effect: tokens never go through the address bar.',
  ),
  AccessTokenLifetime: optional(kinds.seconds, 3600, 'How long an access token is good.'),
  AccessTokenSigningAlgorithm: optional(
    kinds.oneOf('RS256', 'ES256'),
    'RS256',
    'How access tokens are signed (RFC 7518).',
  ),
  AllowOfflineAccess: optional(
    kinds.flag,
    false,
    'The client may ask for `offline_access` and gets refresh tokens.',
  ),
  SlidingRefreshTokenLifetime: optional(
    kinds.seconds,
    7200,
    'How long a refresh token is good after it was issued.',
  ),
  AbsoluteRefreshTokenLifetime: optional(
    kinds.seconds,
    518400,
    'How long after the authorization request the last refresh token ends.',
  ),
  RefreshTokenReuse: optional(
    kinds.oneOf('EndsFamily', 'NewestSurvives'),
    'EndsFamily',
    'What a second use of a refresh token does, besides being refused: end all tokens of that sign-in (RFC 9700 4.14), or leave the newest one alive.',
  ),
  Properties: group(
    {
      MyIDLogonName: optional(
        kinds.optionalText,
        null,
        'Logon name of the account as which `client_credentials` runs.',
      ),
    },
    'Anything else in it is ignored.',
    'open',
  ),
} satisfies Fields;

const SCOPE = {
  Name: required(kinds.scopeName, 'Names the scope.'),
  Description: optional(kinds.optionalText, null, 'Shown to people on the consent page.'),
  UserClaims: list(kinds.text, 'The claims that this scope puts into a token.'),
} satisfies Fields;

/** Every key of the files of `web.oauth2`. */
export const OAUTH2_FIELDS = {
  MyID: group(
    {
      ClientIdentifierHeader: optional(
        kinds.headerName,
        'CLIENT_IDENTIFIER',
        'The request header whose value the audit keeps as the identifier of the calling machine.',
      ),
    },
    'Settings of the service itself.',
  ),
  Clients: table(CLIENT, 'The programs that may ask for tokens.', 'ClientId'),
  Scopes: table(SCOPE, 'What a client can ask for.', 'Name'),
  ApiResources: table(
    {
      Name: required(kinds.text, 'The audience (`aud`) of tokens for this API.'),
      Scopes: list(kinds.scopeName, 'The scopes that make a token one for this API.'),
    },
    'The APIs that tokens are for.',
    'Name',
  ),
  IdentityResources: table(
    {
      Name: required(kinds.scopeName, 'The scope, such as `openid`.'),
      UserClaims: list(kinds.text, 'The claims about a person that this scope gives.'),
    },
    'What a client can learn of a person by OpenID Connect.',
    'Name',
  ),
} satisfies Fields;

/** The lists that may also be kept as a file for each entry. */
export const OAUTH2_CUSTOM_FOLDERS: readonly CustomFolder[] = [
  { folder: 'CustomClients', list: 'Clients', identity: 'ClientId' },
  { folder: 'CustomScopes', list: 'Scopes', identity: 'Name' },
  { folder: 'CustomAPIResources', list: 'ApiResources', identity: 'Name' },
  { folder: 'CustomIdentityResources', list: 'IdentityResources', identity: 'Name' },
];

type Read = ValuesOf<typeof OAUTH2_FIELDS>;
export type ClientSettings = Read['clients'][number];
export type ScopeSettings = Read['scopes'][number];
export type ApiResourceSettings = Read['apiResources'][number];
export type IdentityResourceSettings = Read['identityResources'][number];

/** The configuration of `/web.oauth2`. Each map is keyed by the identity of its entries. */
export interface Oauth2Settings {
  /** As written; header names match without regard to case. */
  readonly clientIdentifierHeader: string;
  /** Without the disabled ones. */
  readonly clients: ReadonlyMap<string, ClientSettings>;
  readonly scopes: ReadonlyMap<string, ScopeSettings>;
  readonly apiResources: ReadonlyMap<string, ApiResourceSettings>;
  readonly identityResources: ReadonlyMap<string, IdentityResourceSettings>;
  /** Of all clients together, since a preflight request does not name its client; as browsers send them. */
  readonly corsOrigins: ReadonlySet<string>;
}

/**
 * Reads the configuration of `web.oauth2`: `<baseFolder>/web.oauth2/appsettings.json` and over it what
 * `<homeFolder>/web.oauth2` holds. Throws for nothing that a file can hold.
 */
export function loadOauth2Settings(baseFolder: string, homeFolder: string): Loaded<Oauth2Settings> {
  const report: Report = { faults: [], notices: [], places: new Map() };
  const root = readLayers(
    'web.oauth2',
    baseFolder,
    homeFolder,
    OAUTH2_CUSTOM_FOLDERS,
    report.faults,
    report.notices,
  );
  if (root === undefined) return { faults: report.faults };
  const read = readFields(OAUTH2_FIELDS, root, root.at, report);
  if (report.faults.length > 0) return { faults: report.faults };
  checkScopes(read, report);
  const clients = read.clients.filter((client) => client.enabled).map((client) => harden(client, report));
  return {
    settings: {
      clientIdentifierHeader: read.myID.clientIdentifierHeader,
      clients: new Map(clients.map((client) => [client.clientId, client])),
      scopes: byName(read.scopes),
      apiResources: byName(read.apiResources),
      identityResources: byName(read.identityResources),
      corsOrigins: kinds.matchableOrigins(clients.flatMap((client) => client.allowedCorsOrigins)),
    },
    notices: report.notices,
  };
}

function byName<Entry extends { readonly name: string }>(
  entries: readonly Entry[],
): ReadonlyMap<string, Entry> {
  return new Map(entries.map((entry) => [entry.name, entry]));
}

/**
 * Makes good what the standards forbid to leave open, and tells of that and of clients that can never get a token.
 * Neither is a fault: one careless client must not take the service away from all others.
 */
function harden(client: ClientSettings, report: Report): ClientSettings {
  const grants: readonly string[] = client.allowedGrantTypes;
  const tell = (code: NoticeCode, reason: string) => {
    const at = report.places.get(client);
    if (at === undefined) return;
    report.notices.push(findingAt(code, at, `The client ${JSON.stringify(client.clientId)} ${reason}`));
  };

  const requireClientSecret = client.requireClientSecret || grants.includes('client_credentials');
  if (requireClientSecret && !client.requireClientSecret) {
    tell('client.hardened', 'uses client_credentials, so it must send a secret all the same (RFC 6749 4.4).');
  }
  const requirePkce = client.requirePkce || !requireClientSecret;
  if (requirePkce && !client.requirePkce && grants.includes('authorization_code')) {
    tell('client.hardened', 'sends no secret, so it must use PKCE all the same (RFC 9700 2.1.1).');
  }
  if (grants.length === 0) tell('client.unusable', 'has no AllowedGrantTypes, so it gets no tokens.');
  if (requireClientSecret && client.clientSecrets.length === 0) {
    tell('client.unusable', 'must send a secret but has no ClientSecrets, so it is always refused.');
  }
  if (grants.includes('client_credentials') && client.properties.myIDLogonName === null) {
    tell('client.unusable', 'uses client_credentials but has no Properties.MyIDLogonName to run as.');
  }
  return { ...client, requireClientSecret, requirePkce };
}

function checkScopes(read: Read, report: Report): void {
  const known = new Set([
    'offline_access',
    ...[...read.scopes, ...read.identityResources].map(({ name }) => name),
  ]);
  const uses = [
    ...read.clients.map((client) => ({ entry: client, scopes: client.allowedScopes })),
    ...read.apiResources.map((resource) => ({ entry: resource, scopes: resource.scopes })),
  ];
  for (const { entry, scopes } of uses) {
    const at = report.places.get(entry);
    const unknown = scopes.filter((scope) => !known.has(scope));
    if (at === undefined || unknown.length === 0) continue;
    const reason = `This lists scopes that are not configured: ${unknown.join(', ')}.`;
    report.notices.push(findingAt('scope.unknown', at, reason));
  }
}
