import { openDatabase } from '#adapters/postgres.ts';
import { oauth2Settings, openOauthServer } from '../oauth2.ts';

/** A process of its own that serves the authentication service; see `start`. */
process.once(
  'message',
  async ({ url, secret, clients }: { url: string; secret: string; clients: object[] }) => {
    const db = openDatabase({ url });
    const server = await openOauthServer({
      settings: oauth2Settings(clients),
      database: { url, db },
      secret: Buffer.from(secret, 'base64'),
    });
    await server.app.listen({ host: '127.0.0.1', port: 0 });
    process.send?.(server.app.listeningOrigin);
    process.once('disconnect', async () => {
      await server.close();
      await db.close();
    });
  },
);
