import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { send } from '#http/answer.ts';
import { WordedRefusal } from '#http/dialect.ts';
import { type Ask, type Exchange, exchange } from './exchange.ts';
import { pageAnswer, pageOf } from './pages.ts';
import { formPairs, queryPairs } from './parameters.ts';
import type { Mount } from './providers.ts';
import { OFFLINE_ACCESS } from './scopes.ts';

/** Characters of all parameters together; a browser could not come back with more. */
const LONGEST = 8_000;

/** The authorization endpoint (contract 2.4), and where the browser comes back to after signing in. */
export function authorizeEndpoint(app: FastifyInstance, mount: Mount): void {
  const authorize = async (request: FastifyRequest, reply: FastifyReply) => {
    const query = asked(request);
    return answer(request, reply, { request, method: 'GET', path: '/connect/authorize', query });
  };
  app.get('/connect/authorize', authorize);
  // It comes from the client's own page, so no cookie can be relied on and none is needed: it is answered as a GET.
  app.post('/connect/authorize', authorize);

  app.get<{ Params: { uid: string } }>('/connect/authorize/:uid', async (request, reply) => {
    const path = `/connect/authorize/${encodeURIComponent(request.params.uid)}`;
    return answer(request, reply, { request, method: 'GET', path });
  });

  async function answer(request: FastifyRequest, reply: FastifyReply, ask: Ask) {
    return show(reply, await exchange(await mount(request), ask));
  }
}

/** The parameters, with `prompt=consent` where refresh tokens are asked for: whether to ask is the client's setting. */
function asked(request: FastifyRequest): URLSearchParams {
  const query = new URLSearchParams(pairsOf(request).filter(([, value]) => value !== ''));
  if (query.toString().length > LONGEST) throw badRequest('The request is too long.');
  const prompts = query.get('prompt')?.split(' ') ?? [];
  const wantsRefresh = query.get('scope')?.split(' ').includes(OFFLINE_ACCESS);
  if (wantsRefresh && !prompts.includes('none') && !prompts.includes('consent'))
    query.set('prompt', [...prompts, 'consent'].join(' '));
  return query;
}

function pairsOf(request: FastifyRequest): [string, string][] {
  try {
    return request.method === 'POST' ? formPairs(request) : queryPairs(request);
  } catch (error) {
    throw error instanceof WordedRefusal ? badRequest('The request is not well formed.') : error;
  }
}

const badRequest = (text: string) =>
  new WordedRefusal(pageAnswer(400, 'The request cannot be answered', text));

/** A redirect, or a page where the client's own address cannot be trusted with the error. */
function show(reply: FastifyReply, { koa, mounted, query }: Exchange): FastifyReply {
  if (!koa) throw new Error('oidc-provider gave no answer');
  const session = `${mounted.provider.cookieName('session')}=`;
  const cookies = koa.response.headers['set-cookie'];
  const kept = [cookies ?? []].flat().filter((cookie) => !cookie.startsWith(session));
  if (kept.length > 0) reply.header('set-cookie', kept);
  const location = koa.response.get('location');
  // 303 where oidc-provider says so; the contract's clients look for 302, which means the same for a GET.
  const asFragment = query?.get('response_mode') === 'fragment';
  if (location)
    return reply
      .code(302)
      .header('location', asFragment ? location : inQuery(location))
      .send();
  const status = koa.status === 200 ? 200 : 400;
  return send(reply, pageOf(status, String(koa.body)));
}

/** Clients of codes look in the query, also for the error that another response type gets. */
function inQuery(location: string): string {
  const url = location.includes('#') ? URL.parse(location) : null;
  if (!url) return location;
  for (const [name, value] of new URLSearchParams(url.hash.slice(1))) url.searchParams.set(name, value);
  url.hash = '';
  return url.href;
}
