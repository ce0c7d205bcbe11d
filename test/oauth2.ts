import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { createLocalJWKSet, type JWTPayload, jwtVerify } from 'jose';
import { loadOauth2Settings, type Oauth2Settings } from '#appsettings/oauth2-settings.ts';
import { createRefusals } from '#core/audit/audit.ts';
import type { Context, Services } from '#core/context.ts';
import { createSigningKeys, type SigningKeys } from '#core/keys/signing-keys.ts';
import { createVault, masterKey } from '#core/keys/vault.ts';
import { ensureBuiltIns } from '#core/organisation.ts';
import { addPerson } from '#core/people/people.ts';
import { systemActor } from '#core/roles/actor.ts';
import { type Actors, createActors } from '#core/roles/actors.ts';
import type { Mechanism } from '#core/roles/mechanisms.ts';
import { createTokenVerifier, type TokenVerifier } from '#core/sessions/access-tokens.ts';
import { myid } from '#dialects/myid/index.ts';
import { createServer, mount, type ServerOptions } from '#http/server.ts';
import { oauth2Service } from '../src/oidc/index.ts';
import type { Interactions } from '../src/oidc/interactions.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { restCoreSettings } from './server.ts';
import { SHIPPED, writeInto } from './settings-home.ts';
import { UNHURRIED } from './unhurried.ts';

/** The client of the guide's server-to-server example, and its secret. */
export const SYSTEM = {
  id: 'myid.mysystem',
  secret: '82564d6e-c4a6-4f64-a6d4-cac43781c67c',
  hash: 'kv31VP5z/oKS0QMMaIfZ2UrhmQOdgAPpXV/vaF1cymk=',
} as const;

export const systemClient = (over: object = {}) => ({
  ClientId: SYSTEM.id,
  ClientName: 'My system',
  AccessTokenLifetime: '3600',
  AllowedGrantTypes: ['client_credentials'],
  ClientSecrets: [{ Value: SYSTEM.hash }],
  AllowedScopes: ['myid.rest.basic'],
  Properties: { MyIDLogonName: 'api.external' },
  ...over,
});

/** Settings as read from the shipped files with these clients, scopes and APIs beside them. */
export function oauth2Settings(
  clients: readonly object[],
  more: { scopes?: readonly object[]; apis?: readonly object[]; identities?: readonly object[] } = {},
): Oauth2Settings {
  const home = mkdtempSync(join(tmpdir(), 'signet-oauth2-'));
  const write = (folder: string, entries: readonly object[] = []) =>
    entries.forEach((entry, i) => {
      writeInto(home, `web.oauth2/${folder}/${i}.json`, JSON.stringify(entry));
    });
  write('CustomClients', clients);
  write('CustomScopes', more.scopes);
  write('CustomAPIResources', more.apis);
  write('CustomIdentityResources', more.identities);
  const loaded = loadOauth2Settings(SHIPPED, home);
  rmSync(home, { recursive: true });
  if ('faults' in loaded) throw new Error(loaded.faults.map((fault) => fault.reason).join('; '));
  return loaded.settings;
}

export interface OauthServer {
  readonly app: FastifyInstance;
  readonly database: Pick<TestDatabase, 'db' | 'url'>;
  /** The master key. */
  readonly secret: Uint8Array;
  readonly services: Services;
  /** As Signet itself, who may do everything. */
  readonly ctx: Context;
  readonly keys: SigningKeys;
  readonly verify: TokenVerifier;
  readonly actors: Actors;
  /** What a reload would replace; undefined is a broken configuration. */
  readonly configured: { settings: Oauth2Settings | undefined };
  token(
    form: Record<string, string> | string,
    headers?: Record<string, string>,
  ): Promise<LightMyRequestResponse>;
  /** The published keys. */
  keySet(): Promise<{ keys: Record<string, string>[] }>;
  /** The claims of a token, verified by another implementation with the published keys. */
  verified(token: string): Promise<JWTPayload>;
  lastEvent(operation: string): Promise<Record<string, unknown> | undefined>;
  /** The status that the Core API gives to whoever comes with this token. */
  statusAtApi(token: string): Promise<number>;
}

export interface OauthServerOptions {
  settings: Oauth2Settings;
  database?: Pick<TestDatabase, 'db' | 'url'>;
  /** The master key, where several processes share a database. */
  secret?: Uint8Array;
  interactions?: Interactions;
  server?: Partial<ServerOptions>;
}

/** The authentication service on a database of its own, with the built-in groups and roles. Closed after the tests. */
export async function oauthServer(options: OauthServerOptions): Promise<OauthServer> {
  const database = options.database ?? (await testDatabase());
  const server = await openOauthServer({ ...options, database });
  after(() => server.close());
  return server;
}

/** The same for a process that runs no tests. */
export async function openOauthServer(
  options: OauthServerOptions & { database: Pick<TestDatabase, 'db' | 'url'> },
): Promise<OauthServer & { close(): Promise<void> }> {
  const { database } = options;
  const { db } = database;
  const secret = options.secret ?? randomBytes(32);
  const key = masterKey(secret);
  const services: Services = {
    sql: db.sql,
    begin: db.begin,
    now: () => new Date(),
    vault: createVault({ current: () => key, find: (id) => (id === key.id ? key : undefined) }),
    passwords: { hash: async () => 'hash', verify: async () => false },
  };
  const ctx: Context = {
    get now() {
      return services.now();
    },
    sql: db.sql,
    services,
    actor: systemActor('test'),
    origin: { window: 'system', requestId: '-', ip: null, clientIdentifier: null },
    inTransaction: false,
  };
  await ensureBuiltIns(ctx);

  const configured: OauthServer['configured'] = { settings: options.settings };
  const keys = createSigningKeys(services);
  const verify = createTokenVerifier({ keys, now: services.now });
  const faults: unknown[] = [];
  const app = createServer({
    publicUrl: 'https://myserver.example.com',
    limits: UNHURRIED,
    ...options.server,
  });
  const actors = createActors(services);
  const refusals = createRefusals((fault) => faults.push(fault));
  const service = oauth2Service({
    services,
    actors,
    refusals,
    keys,
    verify,
    settings: () => configured.settings,
    ...(options.interactions && { interactions: options.interactions }),
  });
  const restCore = restCoreSettings();
  const verifyForApi = (token: string) => verify(token, 'myid.rest');
  const run = { services, actors, refusals };
  mount(app, [service, myid({ verify: verifyForApi, run, settings: () => restCore })]);
  await app.ready();

  const keySet = async () => (await app.inject('/web.oauth2/.well-known/openid-configuration/jwks')).json();
  return {
    app,
    keySet,
    async verified(token) {
      const options = { audience: 'myid.rest', typ: 'at+jwt', algorithms: ['RS256', 'ES256'] };
      return (await jwtVerify(token, createLocalJWKSet(await keySet()), options)).payload;
    },
    async lastEvent(operation) {
      const [event] = await db.sql`
        select outcome, actor_name, client_id, ip, client_identifier, session_id, way_in, details
        from audit_event where operation = ${operation} order by id desc limit 1`;
      return event;
    },
    async close() {
      await app.close();
      if (faults.length > 0) throw faults[0];
    },
    database,
    secret,
    services,
    ctx,
    keys,
    verify,
    actors,
    configured,
    token: (form, headers = {}) =>
      app.inject({
        method: 'POST',
        url: '/web.oauth2/connect/token',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        payload: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
      }),
    async statusAtApi(token) {
      const headers = { authorization: `Bearer ${token}` };
      return (await app.inject({ url: '/rest.core/api/Groups?q=*', headers })).statusCode;
    },
  };
}

export const basic = (id: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
});

/** An account of the group System Startup; gives the person's id. */
export async function account(ctx: Context, logonName: string, role = 'Startup User'): Promise<string> {
  const [group] = await ctx.sql<{ id: string }>`select id from org_group where name = 'System Startup'`;
  const person = await addPerson(ctx, {
    logonName,
    firstName: logonName,
    groupId: group?.id ?? '',
    roles: [{ name: role, scope: 'all' }],
  });
  return person.id;
}

/**
 * Signs everybody in as `who.personId` without asking: what a real page does after its checks. For tests of what comes
 * after the sign-in only.
 */
export function signsIn(who: { personId: string; mechanism?: Mechanism; denies?: boolean }): Interactions {
  return {
    routes(app, find) {
      app.get('/Account/Login', async (request, reply) => {
        const pending = await find(request);
        const location = who.denies
          ? await pending.deny()
          : await pending.accept(who.personId, who.mechanism ?? 'Password Logon');
        return reply.code(302).header('location', location).send();
      });
    },
  };
}
