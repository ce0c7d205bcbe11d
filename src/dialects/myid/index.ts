import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { RestCoreSettings } from '#appsettings/rest-core-settings.ts';
import { authorize } from '#core/roles/authorize.ts';
import { BROKEN_SERVICE } from '#http/broken-service.ts';
import { type Dialect, type RefusalKind, type Voice, WordedRefusal } from '#http/dialect.ts';
import { installRun, type RunOptions } from '#http/run.ts';
import { bearer, type VerifyToken } from './auth.ts';
import { Bytes, callOf } from './call.ts';
import { MYID_VOICE, MYID_WORDS, problem } from './errors.ts';
import { HANDLERS, type Handler } from './handlers.ts';
import { OPERATION_NAMES, OPERATIONS, type Operation } from './operations.ts';
import { documentation } from './swagger.ts';

export interface MyidOptions {
  verify: VerifyToken;
  run: RunOptions;
  /** The configuration of rest.core, asked at every request since it reloads; undefined while its files are broken. */
  settings(): RestCoreSettings | undefined;
}

/** The MyID Core API, without its authentication service (`/web.oauth2` has a dialect of its own). */
export const myid = (options: MyidOptions): Dialect => ({
  name: 'myid',
  prefixes: ['/rest.core'],
  voice: unlessBroken(MYID_VOICE, options),
  words: MYID_WORDS,
  cors: {
    allows: (origin) => options.settings()?.corsOrigins.has(origin) ?? false,
    methods: 'GET, POST, PATCH, DELETE',
    headers: 'Authorization, Content-Type, x-api-version',
  },
  bodyLimit: 1024 * 1024,
  // Read by the operation, when it is known who calls.
  readBody: (_request, bytes) => bytes,
  routes: (app) => routes(app, options),
});

/** With broken files the service says that and nothing else, also where no route is found. */
function unlessBroken(voice: Voice, { settings }: MyidOptions): Voice {
  const kinds = Object.keys(voice) as RefusalKind[];
  return Object.fromEntries(
    kinds.map((kind) => [kind, (refusal) => (settings() ? voice[kind](refusal) : BROKEN_SERVICE)]),
  ) as Voice;
}

async function routes(app: FastifyInstance, options: MyidOptions): Promise<void> {
  installRun(app, options.run, bearer(options.verify));
  app.addHook('onRequest', async (request) => {
    if (!options.settings()) throw new WordedRefusal(BROKEN_SERVICE);
    refuseOtherVersions(request);
  });
  for (const name of OPERATION_NAMES) {
    const { method, path, permission, bodyLimit }: Operation = OPERATIONS[name];
    app.route({
      method,
      url: `/api${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
      ...(bodyLimit && { bodyLimit }),
      handler: (request, reply) => answer(HANDLERS[name], permission, request, reply),
    });
  }
  documentation(app, options);
}

/** There is one version of the API; a caller may name it, blanks around it do not count. */
function refuseOtherVersions({ headers, id }: FastifyRequest): void {
  const version = headers['x-api-version'];
  if (version === undefined) return;
  if (!/^(?:1(?:\.0)?)?$/.test(String(version).trim())) throw new WordedRefusal(problem(400, id));
}

/** First who calls, then whether they may at all, and only then what they sent. */
async function answer(
  handler: Handler,
  permission: Operation['permission'],
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const result = await request.run(async (ctx) => {
    if (permission !== null) authorize(ctx.actor, permission);
    return handler(ctx, callOf(request));
  });
  if (result instanceof Bytes) return reply.type(result.type).send(result.bytes);
  return result;
}
