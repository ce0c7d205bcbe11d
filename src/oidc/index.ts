import type { FastifyInstance } from 'fastify';
import { createLogons } from '#core/sessions/logons.ts';
import { type Dialect, WordedRefusal } from '#http/dialect.ts';
import { authorizeEndpoint } from './authorize.ts';
import { bearerEndpoints } from './bearer-endpoints.ts';
import { type Interactions, noSignIn } from './interactions.ts';
import { metadataEndpoints } from './metadata.ts';
import { BROKEN } from './pages.ts';
import { createMount } from './providers.ts';
import type { Ground } from './service.ts';
import { createSignIns } from './sign-ins.ts';
import { tokenEndpoint } from './token.ts';
import { tokenStatusEndpoints } from './token-status.ts';
import { oauth2 } from './window.ts';

export interface Oauth2Options extends Ground {
  /** Default: nobody can sign in, only programs. */
  readonly interactions?: Interactions;
}

/** The authentication service: OAuth 2.0 and OpenID Connect at `/web.oauth2`. */
export function oauth2Service(options: Oauth2Options): Dialect {
  const { interactions = noSignIn, ...ground } = options;
  const service = { ...ground, grantLogon: createLogons(ground.services) };
  const mount = createMount(service);
  return oauth2({
    allows: (origin) => service.settings()?.corsOrigins.has(origin) ?? false,
    isBroken: () => service.settings() === undefined,
    async routes(app: FastifyInstance) {
      app.addHook('onRequest', async () => {
        if (service.settings() === undefined) throw new WordedRefusal(BROKEN);
      });
      tokenEndpoint(app, service, mount);
      authorizeEndpoint(app, mount);
      tokenStatusEndpoints(app, service);
      bearerEndpoints(app, service);
      metadataEndpoints(app, service, mount);
      interactions.routes(app, createSignIns(mount));
    },
  });
}
