import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { RestCoreSettings } from '#appsettings/rest-core-settings.ts';
import type { Context } from '#core/context.ts';
import { listAttributes } from '#core/people/attributes.ts';
import { systemActor } from '#core/roles/actor.ts';
import { listRoles } from '#core/roles/roles.ts';
import { EdgeFault } from '#http/refusals.ts';
import type { RunOptions } from '#http/run.ts';
import { openapi } from './openapi.ts';
import { INDEX_PAGE, initializer, PAGE_POLICY } from './swagger-page.ts';

export interface DocumentationOptions {
  run: RunOptions;
  settings(): RestCoreSettings | undefined;
}

/** The files of Swagger UI that the page needs, and the types they are sent with. */
const FILES = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'oauth2-redirect.html': 'text/html; charset=utf-8',
  'oauth2-redirect.js': 'text/javascript; charset=utf-8',
} as const;

type FileName = keyof typeof FILES;

/** The documentation of the API (contract 4.7). Open to everyone; with `GenerateDocumentation` off it is not there. */
export function documentation(app: FastifyInstance, options: DocumentationOptions): void {
  const get = (url: string, answer: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>) =>
    app.get(`/swagger${url}`, (request, reply) => {
      if (!chosen(options).generateDocumentation) throw new EdgeFault('no_route');
      return answer(request, reply);
    });

  get('', async (request, reply) => reply.redirect(`${request.publicUrl}/rest.core/swagger/index.html`));
  get('/index.html', async (_request, reply) => page(reply, 'text/html; charset=utf-8').send(INDEX_PAGE));
  get('/swagger-initializer.js', async (_request, reply) =>
    page(reply, 'text/javascript; charset=utf-8').send(initializer(chosen(options))),
  );
  get('/v1/swagger.json', async (request, reply) => {
    reply.header('cache-control', 'no-cache');
    return live(request, options);
  });
  const files = new Map<FileName, Promise<StaticFile>>();
  for (const name of Object.keys(FILES) as FileName[]) {
    get(`/${name}`, async (request, reply) => {
      if (!files.has(name)) files.set(name, readStatic(name));
      return sendStatic(request, reply, (await files.get(name)) as StaticFile);
    });
  }
}

/** The routes are closed while the files are broken, so there are settings here. */
const chosen = ({ settings }: DocumentationOptions) =>
  (settings() as RestCoreSettings).swaggerApiDocumentation;

/** Reads what the document tells of the system at every request, so that a new attribute or role is there at once. */
async function live(request: FastifyRequest, options: DocumentationOptions): Promise<object> {
  const { services } = options.run;
  const ctx: Context = {
    sql: services.sql,
    services,
    actor: systemActor('documentation'),
    origin: request.origin,
    now: services.now(),
    inTransaction: false,
  };
  const settings = chosen(options);
  const [attributes, roles] = await Promise.all([
    listAttributes(ctx),
    settings.showPermissions ? listRoles(ctx) : [],
  ]);
  return openapi(settings, { publicUrl: request.publicUrl, attributes, roles });
}

function page(reply: FastifyReply, type: string): FastifyReply {
  return reply.type(type).header('content-security-policy', PAGE_POLICY).header('cache-control', 'no-cache');
}

interface StaticFile {
  type: string;
  etag: string;
  plain: Buffer;
  packed: Buffer;
}

const folder = join(dirname(createRequire(import.meta.url).resolve('@fastify/swagger-ui')), 'static');

async function readStatic(name: FileName): Promise<StaticFile> {
  const plain = await readFile(join(folder, name));
  const etag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`;
  return { type: FILES[name], etag, plain, packed: await promisify(gzip)(plain) };
}

function sendStatic(request: FastifyRequest, reply: FastifyReply, file: StaticFile): FastifyReply {
  page(reply, file.type).header('etag', file.etag).header('vary', 'Accept-Encoding');
  if (request.headers['if-none-match'] === file.etag) return reply.code(304).send();
  if (!/\bgzip\b/.test(String(request.headers['accept-encoding']))) return reply.send(file.plain);
  return reply.header('content-encoding', 'gzip').send(file.packed);
}
