import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { after } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { decodeJwt, jwtVerify, SignJWT } from 'jose';
import { pino } from 'pino';
import type { RestCoreSettings } from '#appsettings/rest-core-settings.ts';
import { createRefusals } from '#core/audit/audit.ts';
import type { Context, Services } from '#core/context.ts';
import { addGroup, findGroup } from '#core/groups/groups.ts';
import { ensureBuiltIns } from '#core/organisation.ts';
import { addPerson } from '#core/people/people.ts';
import { systemActor } from '#core/roles/actor.ts';
import { createActors } from '#core/roles/actors.ts';
import type { Mechanism } from '#core/roles/mechanisms.ts';
import { addRole } from '#core/roles/roles.ts';
import { authx } from '#dialects/authx/index.ts';
import { loginid } from '#dialects/loginid/index.ts';
import type { VerifyToken } from '#dialects/myid/auth.ts';
import { myid } from '#dialects/myid/index.ts';
import { nevisidm } from '#dialects/nevisidm/index.ts';
import { privacyidea } from '#dialects/privacyidea/index.ts';
import { LOG_OPTIONS } from '#http/log.ts';
import { createServer, mount, type ServerOptions } from '#http/server.ts';
import { testDatabase } from './database.ts';
import { UNHURRIED } from './unhurried.ts';

export interface NewActor {
  /** Name or path; default System Startup. */
  group?: string;
  /** An existing role; else one is made of `operations`. */
  role?: string;
  operations?: readonly string[];
  scope?: string;
  /** How they signed in; default as programs do. */
  mechanism?: Mechanism;
}

/**
 * A server with all dialects on a database of its own, and people who are signed in to it. Make it before the first
 * test of the file: it is closed as soon as no test is left.
 */
export interface TestServer {
  readonly app: FastifyInstance;
  readonly services: Services;
  /** As Signet itself, who may do everything. */
  readonly ctx: Context;
  /** The time by which everything goes; a test may set it. */
  readonly clock: { time: number };
  /** Configuration that a test may change, as a reload would; undefined is a broken one. */
  readonly settings: { restCore: RestCoreSettings | undefined };
  /** For transcripts. */
  readonly values: Map<string, string>;
  /** The access token of someone known by name: `operator`, who may do everything, and whoever was added. */
  token(name: string): string | undefined;
  bearer(name: string): { authorization: string };
  /** Adds someone who is signed in; gives their person's id. */
  actor(name: string, who: NewActor): Promise<string>;
  /** Gives the name a token of the operator that is past its time. */
  expired(name: string): Promise<void>;
  /** Any other token. */
  mint(claims: Record<string, unknown>): Promise<string>;
  group(path: string): Promise<string>;
}

const HOUR = 3600;

export async function server(options: Partial<ServerOptions> = {}): Promise<TestServer> {
  const { db } = await testDatabase();
  const clock = { time: Date.parse('2026-01-15T10:00:00Z') };
  const services: Services = {
    sql: db.sql,
    begin: db.begin,
    now: () => new Date(clock.time),
    vault: { seal: (plain) => plain, unseal: (sealed) => sealed },
    passwords: { hash: async () => 'hash', verify: async () => false },
  };
  const origin = { window: 'system', requestId: '-', ip: null, clientIdentifier: null };
  const ctx: Context = {
    get now() {
      return services.now();
    },
    sql: db.sql,
    services,
    actor: systemActor('test'),
    origin,
    inTransaction: false,
  };
  await ensureBuiltIns(ctx);

  const { mint, verify } = tokens(() => services.now());
  const bearers = new Map<string, string>();
  const settings: TestServer['settings'] = { restCore: restCoreSettings() };
  const ready = async () => void (await db.sql`select 1 as ready`);
  // A bug shows itself in the output of the test that met it.
  const logger = pino({ ...LOG_OPTIONS, level: 'error' }, pino.destination({ dest: 2, sync: true }));
  const app = createServer({ logger, ready, limits: UNHURRIED, ...options });
  const faults: unknown[] = [];
  const run = { services, actors: createActors(services), refusals: createRefusals((e) => faults.push(e)) };
  mount(app, [
    myid({ verify, run, settings: () => settings.restCore }),
    privacyidea({ ready }),
    loginid({ allowedOrigins: () => [] }),
    authx(),
    nevisidm(),
  ]);
  await app.ready();
  after(() => app.close());

  const made: TestServer = {
    app,
    services,
    ctx,
    clock,
    settings,
    values: new Map(),
    mint,
    async expired(name) {
      const claims = decodeJwt(bearers.get('operator') as string);
      bearers.set(name, await mint({ ...claims, exp: Math.floor(clock.time / 1000) - 1 }));
    },
    token: (name) => bearers.get(name),
    bearer(name) {
      return { authorization: `Bearer ${bearers.get(name) ?? name}` };
    },
    async group(path) {
      const found = await findGroup(ctx, path).catch(() => undefined);
      if (found) return found.id;
      const at = path.lastIndexOf('/');
      const parent = at === -1 ? undefined : await made.group(path.slice(0, at));
      return (await addGroup(ctx, { name: path.slice(at + 1), parent })).id;
    },
    async actor(name, { group = 'System Startup', role, operations = [], scope = 'all', mechanism }) {
      const means = mechanism ?? 'Client Credentials OAuth2 Logon';
      const held =
        role ?? (await addRole(ctx, { name: `role of ${name}`, operations, mechanisms: [means] })).name;
      const groupId = await made.group(group);
      const person = await addPerson(ctx, {
        logonName: name,
        firstName: name,
        groupId,
        roles: [{ name: held, scope }],
      });
      bearers.set(name, await mint(await signIn(services, person.id, means)));
      return person.id;
    },
  };
  await made.actor('operator', { role: 'Startup User' });
  return made;
}

/** Makes a session, as signing in would; gives the claims of its token. */
async function signIn(services: Services, personId: string, mechanism: Mechanism) {
  const id = randomUUID();
  const now = services.now();
  await services.sql`
    insert into logon (id, person_id, client_id, mechanism, grant_type, ip, client_identifier, at, expires_at)
    values (${id}, ${personId}, 'test', ${mechanism}, 'client_credentials', '127.0.0.1', null, ${now},
      ${new Date(now.getTime() + HOUR * 1000)})`;
  return { sub: personId, myidSessionId: id };
}

/** Signs and verifies tokens with a key of its own. */
function tokens(now: () => Date) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const mint = (claims: Record<string, unknown>) => {
    const iat = Math.floor(now().getTime() / 1000);
    return new SignJWT({
      iss: 'https://signet.test/web.oauth2',
      aud: 'myid.rest',
      iat,
      exp: iat + HOUR,
      jti: randomUUID(),
      client_id: 'test',
      scope: ['myid.rest.basic'],
      ...claims,
    })
      .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt' })
      .sign(privateKey);
  };
  const verify: VerifyToken = async (token) => {
    const options = { currentDate: now(), audience: 'myid.rest', algorithms: ['RS256'], typ: 'at+jwt' };
    const verified = await jwtVerify(token, publicKey, options).catch(() => undefined);
    if (!verified) return undefined;
    const { myidSessionId, jti, scope } = verified.payload;
    return { sessionId: String(myidSessionId), revocationIds: [`jti:${jti}`], scope: scope as string[] };
  };
  return { mint, verify };
}

export function restCoreSettings(
  documentation: Partial<RestCoreSettings['swaggerApiDocumentation']> = {},
  corsOrigins: readonly string[] = [],
): RestCoreSettings {
  return {
    swaggerApiDocumentation: {
      generateDocumentation: true,
      documentErrorCodes: false,
      documentMIReports: true,
      allowTestFromDocumentation: false,
      showPermissions: false,
      orderAlphabetically: true,
      ...documentation,
    },
    corsOrigins: new Set(corsOrigins),
  };
}
