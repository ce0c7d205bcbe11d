import type { FastifyInstance, FastifyRequest } from 'fastify';
import { exchange } from './exchange.ts';
import type { Mount } from './providers.ts';
import type { Service } from './service.ts';

/** A key set is read anew when it is older than this, in case the notice of a change was lost. */
const FRESH_MS = 1_000;

/** Discovery (OpenID Connect Discovery 4, RFC 8414) and the public keys. */
export function metadataEndpoints(app: FastifyInstance, service: Service, mount: Mount): void {
  async function told(request: FastifyRequest, path: string): Promise<object> {
    const made = await exchange(await mount(request), { request, method: 'GET', path });
    if (made.fault !== undefined) throw made.fault;
    return made.koa?.body as object;
  }

  const discovery = async (request: FastifyRequest) => ({
    ...(await told(request, '/.well-known/openid-configuration')),
    response_modes_supported: ['query', 'fragment'], // oidc-provider names one that clients may not have
  });
  app.get('/.well-known/openid-configuration', discovery);
  app.get('/.well-known/oauth-authorization-server', discovery);

  app.get('/.well-known/openid-configuration/jwks', async (request, reply) => {
    await service.keys.refresh(FRESH_MS);
    reply.type('application/jwk-set+json; charset=utf-8');
    return JSON.stringify(await told(request, '/.well-known/openid-configuration/jwks'));
  });
}
