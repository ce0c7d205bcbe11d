import type { FastifyInstance, LightMyRequestResponse } from 'fastify';

/** Where a browser has come to: a page of the server, or the address of somebody else that it was sent to. */
export interface Visited {
  readonly response: LightMyRequestResponse;
  /** Set when it was sent away from the server. */
  readonly left: URL | undefined;
  /** Where it was sent on the way. */
  readonly path: readonly string[];
}

export interface Browser {
  get(url: string): Promise<Visited>;
  /** Submits a form, as a page of another site does. */
  post(url: string, form: Record<string, string>): Promise<Visited>;
}

interface Cookie {
  name: string;
  value: string;
  path: string;
}

/** A browser of its own: it keeps cookies by their paths, and follows redirects as long as they stay on the server. */
export function browser(app: FastifyInstance, origin = 'https://myserver.example.com'): Browser {
  const jar = new Map<string, Cookie>();

  async function visit(first: URL, form?: Record<string, string>): Promise<Visited> {
    const path: string[] = [];
    let url = first;
    for (let hop = 0; hop < 10; hop++) {
      const isPost = hop === 0 && form !== undefined;
      const response = await app.inject({
        method: isPost ? 'POST' : 'GET',
        url: url.pathname + url.search,
        headers: {
          ...cookieHeader(jar, url),
          ...(isPost && { 'content-type': 'application/x-www-form-urlencoded' }),
        },
        ...(isPost && { payload: new URLSearchParams(form).toString() }),
      });
      keep(jar, response, url);
      const location = response.headers.location;
      if (typeof location !== 'string') return { response, left: undefined, path };
      path.push(location);
      url = new URL(location, url);
      if (url.origin !== origin) return { response, left: url, path };
    }
    throw new Error(`redirected too often: ${path.join(' -> ')}`);
  }

  return {
    get: (url) => visit(new URL(url, origin)),
    post: (url, form) => visit(new URL(url, origin), form),
  };
}

function cookieHeader(jar: Map<string, Cookie>, url: URL): { cookie?: string } {
  const sent = [...jar.values()].filter(
    ({ path }) => url.pathname === path || url.pathname.startsWith(path.replace(/\/?$/, '/')),
  );
  return sent.length === 0 ? {} : { cookie: sent.map(({ name, value }) => `${name}=${value}`).join('; ') };
}

function keep(jar: Map<string, Cookie>, response: LightMyRequestResponse, url: URL): void {
  for (const { name, value, path = url.pathname, expires } of response.cookies as (Cookie & {
    expires?: Date;
  })[]) {
    if (expires && expires.getTime() <= Date.now()) jar.delete(name + path);
    else jar.set(name + path, { name, value, path });
  }
}
