import Fastify from 'fastify';
import pg from 'pg';

/** Fastify and pg as they come: one statement, which is Signet's own, and its row as JSON. Nobody is asked who they are. */
process.once(
  'message',
  async (given: { databaseUrl: string; text: string; values: unknown[]; id: number }) => {
    const pool = new pg.Pool({
      connectionString: given.databaseUrl,
      max: 10,
      pipeline: true,
    } as pg.PoolConfig);
    const app = Fastify();
    app.get<{ Params: { id: string } }>('/rest.core/api/People/:id', async (request) => {
      const values = given.values.with(given.id, request.params.id);
      const { rows } = await pool.query({ name: 'person', text: given.text, values });
      return rows[0];
    });
    await app.listen({ host: '127.0.0.1', port: 0 });
    process.send?.(app.listeningOrigin);
  },
);
process.once('disconnect', () => process.exit());
