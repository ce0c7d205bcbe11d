import type { FastifyInstance } from 'fastify';
import createRouter from 'find-my-way';
import type { Target } from './target.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** How paths are matched, by Fastify and here. Parameters keep their letter case. */
export const ROUTING = { caseSensitive: false, ignoreTrailingSlash: true, maxParamLength: 512 } as const;

/**
 * Remembers every route, to tell which methods a path takes (405 and `Allow`, RFC 9110 15.5.6); Fastify itself only knows
 * that none matched. Call it before the routes are made. `more` are methods of what the path has beside routes.
 */
export function rememberRoutes(app: FastifyInstance): (target: Target, more: readonly string[]) => string[] {
  const router = createRouter(ROUTING);
  app.addHook('onRoute', ({ method, url }) => {
    for (const each of [method].flat() as (typeof METHODS)[number][]) {
      if (METHODS.includes(each) && !router.hasRoute(each, url)) router.on(each, url, () => {});
    }
  });
  return ({ canonical }, more) =>
    METHODS.filter((method) => more.includes(method) || router.find(method, encodeURI(canonical)) !== null);
}
