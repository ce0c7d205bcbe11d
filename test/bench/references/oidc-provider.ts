import { generateKeyPairSync, hash, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

/**
 * oidc-provider as it comes, in memory: the same grant, the same form of token and the same length of key as Signet's,
 * and nothing else. What Signet adds is the account, its checks, the session and the audit event, committed.
 */
process.once('message', ({ client, secret }: { client: string; secret: string }) => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = {
    ...privateKey.export({ format: 'jwk' }),
    kid: hash('sha256', randomUUID()),
    use: 'sig',
    alg: 'RS256',
  };
  const server = createServer();
  server.listen(0, '127.0.0.1', () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const provider = new Provider(url, {
      clients: [
        {
          client_id: client,
          client_secret: secret,
          grant_types: ['client_credentials'],
          redirect_uris: [],
          response_types: [],
          token_endpoint_auth_method: 'client_secret_post',
          scope: 'myid.rest.basic',
        },
      ],
      jwks: { keys: [key as never] },
      scopes: ['myid.rest.basic'],
      clientAuthMethods: ['client_secret_basic', 'client_secret_post'],
      routes: { token: '/web.oauth2/connect/token' },
      features: {
        devInteractions: { enabled: false },
        clientCredentials: { enabled: true },
        resourceIndicators: {
          enabled: true,
          defaultResource: () => 'urn:myid:rest',
          useGrantedResource: () => true,
          getResourceServerInfo: () => ({
            scope: 'myid.rest.basic',
            audience: 'myid.rest',
            accessTokenFormat: 'jwt',
            accessTokenTTL: 3600,
            jwt: { sign: { alg: 'RS256' } },
          }),
        },
      },
    });
    server.on('request', provider.callback());
    process.send?.(url);
  });
});
process.once('disconnect', () => process.exit());
