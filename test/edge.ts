import { after } from 'node:test';
import type { FastifyInstance } from 'fastify';
import type { RestCoreSettings } from '#appsettings/rest-core-settings.ts';
import { authx } from '#dialects/authx/index.ts';
import { loginid } from '#dialects/loginid/index.ts';
import { type MyidOptions, myid } from '#dialects/myid/index.ts';
import { nevisidm } from '#dialects/nevisidm/index.ts';
import { privacyidea } from '#dialects/privacyidea/index.ts';
import { type Dialect, listed } from '#http/dialect.ts';
import { type Owner, ownerOf, SEGMENTS } from '#http/segments.ts';
import { createServer, mount, type ServerOptions } from '#http/server.ts';
import { oauth2 } from '../src/oidc/window.ts';
import { UNHURRIED } from './unhurried.ts';

/** The one origin whose pages may call, wherever pages may call. */
export const PAGE = 'https://app.example.com';

const allowedOrigins = () => [PAGE];
const settings = () => ({ corsOrigins: new Set(allowedOrigins()) }) as unknown as RestCoreSettings;

/** All dialects. MyID and the authentication service are without their routes, which need a database. */
export const DIALECTS: readonly Dialect[] = [
  { ...myid({ settings } as MyidOptions), routes: async () => {} },
  oauth2({ allows: listed(allowedOrigins), routes: async () => {} }),
  nevisidm(),
  authx(),
  loginid({ allowedOrigins }),
  privacyidea({ ready: async () => {}, allowedOrigins }),
];

/** An address of `owner` below a first segment, at which the test has a route; undefined where it owns nothing. */
export function probePath(segment: string, owner: Owner): string | undefined {
  return ownerOf([segment, 'probe']) === owner ? `/${segment}/probe` : undefined;
}

/** The routes of a dialect, and below each of its segments: POST …/probe/:name tells what came. */
function withProbes(dialect: Dialect): Dialect[] {
  const paths = Object.keys(SEGMENTS).flatMap((segment) => probePath(segment, dialect.name) ?? []);
  const probes = async (app: FastifyInstance) => {
    for (const path of paths) {
      app.post<{ Params: { name: string } }>(`${path}/:name`, async (request) => ({
        name: request.params.name,
        body: request.body === undefined ? 'none' : 'some',
      }));
    }
  };
  return [dialect, { ...dialect, prefixes: [''], routes: probes }];
}

/** A server with everything mounted, closed after the test file; `extra` adds routes to dialects by name. */
export function edge(
  options: ServerOptions = {},
  extra: Partial<Record<Dialect['name'], Dialect['routes']>> = {},
): FastifyInstance {
  const app = createServer({ ...options, limits: { ...UNHURRIED, ...options.limits } });
  for (const dialect of DIALECTS) {
    mount(app, withProbes(dialect));
    const routes = extra[dialect.name];
    if (routes) mount(app, [{ ...dialect, prefixes: [''], routes }]);
  }
  after(() => app.close());
  return app;
}
