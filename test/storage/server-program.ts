// The smallest server there is: the life of Signet's process around two requests. Started by the tests of storage.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { openDatabase } from '#adapters/postgres.ts';
import { StartRefusal } from '#adapters/start-refusal.ts';
import { DomainError } from '#core/errors.ts';
import { loadConfig } from '../../src/config.ts';
import { serve } from '../../src/serve.ts';
import type { App, StartApp } from '../../src/serve-app.ts';
import { fillDisk } from './ballast.ts';

/**
 * `PUT /<line>` writes a line and answers 201 when it is committed; `GET /` counts them; `GET /slow` takes a second and `/busy` tells how many of
 * those there are;
 * `GET /ballast/<bytes>` fills the disk until so many are free; `/log` writes a megabyte of log; `/wal-left` gives the
 * bytes left in the current segment of the write-ahead log; `GET /lines` lists them; `GET /pid` tells which process answers; `GET /die` throws where nobody catches. Refusals answer 503 with their code.
 */
const startApp: StartApp = async ({ config, databaseUrl }): Promise<App> => {
  if (process.env.SIGNET_TEST_REFUSE) throw new StartRefusal(process.env.SIGNET_TEST_REFUSE, 'Put it there.');
  const db = openDatabase({
    url: databaseUrl,
    max: config.SIGNET_DATABASE_CONNECTIONS,
    statementTimeout: 3_000,
  });
  let reloads = 0;
  let busy = 0;

  async function answer(method: string, path: string): Promise<{ status: number; body: string }> {
    if (method === 'PUT') {
      // noise, which PostgreSQL cannot compress
      const bulk = path.includes('bulk') ? randomBytes(250_000).toString('hex') : null;
      await db.sql`insert into written (line, bulk) values (${path.slice(1)}, ${bulk})`;
      return { status: 201, body: 'written' };
    }
    // the write-ahead log grows and no table does
    if (path === '/log') await db.sql`select pg_logical_emit_message(true, 'test', ${'x'.repeat(900_000)})`;
    const [, ballast] = /^\/ballast\/(\d+)$/.exec(path) ?? [];
    if (ballast) fillDisk(config.SIGNET_HOME, Number(ballast));
    if (path === '/wal-left') {
      const [row] = await db.sql<{ left: number }>`
        select 16777216 - (pg_current_wal_lsn() - '0/0') % 16777216 as left`;
      return { status: 200, body: String(row?.left) };
    }
    if (path === '/pid') return { status: 200, body: String(process.pid) };
    if (path === '/reloads') return { status: 200, body: String(reloads) };
    if (path === '/lines') {
      const rows = await db.sql<{ line: string }>`select line from written`;
      return { status: 200, body: JSON.stringify(rows.map((row) => row.line)) };
    }
    if (path === '/busy') return { status: 200, body: String(busy) };
    if (path === '/slow') {
      busy++;
      await db.sql`select pg_sleep(1)`;
      busy--;
    }
    if (path === '/die') setImmediate(() => Promise.reject(new Error('on purpose')));
    const [row] = await db.sql<{ count: number }>`select count(*) as count from written`;
    return { status: 200, body: String(row?.count) };
  }

  const server = createServer((request, response) => {
    answer(request.method ?? '', request.url ?? '').then(
      ({ status, body }) => response.writeHead(status).end(body),
      (error) => {
        const code = error instanceof DomainError ? error.code : 'bug';
        response.writeHead(code === 'bug' ? 500 : 503).end(code === 'bug' ? String(error) : code);
      },
    );
  });

  return {
    listen: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(config.SIGNET_PORT, config.SIGNET_HOST, () => {
          const { port } = server.address() as { port: number };
          resolve({ url: `http://${config.SIGNET_HOST}:${port}` });
        });
      }),
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      await closed;
      await db.close();
    },
    reload: async () => {
      reloads++;
      return process.env.SIGNET_TEST_BROKEN ? [`broken: ${process.env.SIGNET_TEST_BROKEN}`] : [];
    },
  };
};

try {
  const migrations = fileURLToPath(new URL('./migrations', import.meta.url));
  process.exit(await serve(loadConfig(process.env), { startApp, migrations }));
} catch (error) {
  const known = error instanceof StartRefusal;
  process.stderr.write(known ? `${error.message} ${error.hint ?? ''}\n` : `${(error as Error).stack}\n`);
  process.exit(1);
}
