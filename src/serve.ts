import cluster from 'node:cluster';
import type { Logger } from 'pino';
import { bringUp } from '#adapters/bring-up.ts';
import { openHome } from '#adapters/home.ts';
import { StartRefusal } from '#adapters/start-refusal.ts';
import { openStorage, type Storage } from '#adapters/storage.ts';
import { readTls } from '#http/tls.ts';
import type { Config } from './config.ts';
import { type Running, type StartApp, sayReloaded, within } from './serve-app.ts';
import { createLog } from './serve-log.ts';
import { beWorker } from './serve-worker.ts';
import { startWorkers } from './serve-workers.ts';

export interface ServeOptions {
  startApp: StartApp;
  /** The folder of the migrations. */
  migrations: string;
  /** Runs once, after the migrations and before anything listens: built-in data, keys, the first account. */
  prepare?: (options: { config: Config; databaseUrl: string; log: Logger }) => Promise<void>;
  log?: Logger;
}

/**
 * Serves until a signal says stop, and gives the exit code; the caller ends the process with it. Throws StartRefusal
 * when it cannot start. SIGTERM and SIGINT drain, a second one ends at once; SIGHUP reloads the configuration. With
 * more than one worker the same program is started again for each, and comes here again.
 */
export async function serve(config: Config, options: ServeOptions): Promise<number> {
  const readable = process.stdout.isTTY === true;
  const log = options.log ?? createLog({ level: config.SIGNET_LOG_LEVEL, readable });
  endOnBugs(log);
  if (cluster.isWorker) return beWorker(config, options.startApp, log);

  const started = Date.now();
  checkCertificate(config);
  process.on('SIGHUP', () => {}); // until there is something to reload; the default would end us
  const home = openHome(config.SIGNET_HOME);
  const storage = await openStorage({
    home,
    databaseUrl: config.DATABASE_URL,
    log,
    use: 'serve',
    settings: { max_connections: String(Math.max(200, connections(config))) },
  });
  try {
    const databaseUrl = storage.url;
    await bringUp({ storage, migrations: options.migrations, log });
    await options.prepare?.({ config, databaseUrl, log });
    const running = await start(config, options, databaseUrl, log);
    const ended = untilStopped(config, running, storage, log); // before anybody is told that we are here
    storage.announce({ pid: process.pid, url: running.url });
    greet(log, readable, {
      url: running.url,
      home: home.folder,
      database: storage.description,
      workers: config.SIGNET_WORKERS,
      ms: Date.now() - started,
    });
    return await ended;
  } catch (error) {
    await storage.close();
    throw inWords(config, error);
  }
}

/** Before anything is made: a slip in these files shall not look like a fault of the server. */
function checkCertificate({ SIGNET_TLS_CERT: certFile, SIGNET_TLS_KEY: keyFile }: Config): void {
  if (!certFile || !keyFile) return;
  try {
    readTls({ certFile, keyFile });
  } catch (error) {
    const isPair = (error as { code?: string }).code !== 'ERR_OSSL_X509_KEY_VALUES_MISMATCH';
    const why = isPair ? (error as Error).message : 'the key belongs to another certificate';
    const hint = `SIGNET_TLS_CERT is ${certFile}, SIGNET_TLS_KEY is ${keyFile}; both are PEM.`;
    throw new StartRefusal(`There can be no HTTPS with these files: ${why}.`, hint, { cause: error });
  }
}

/** Room for every worker's pool, the primary's own connections, and some commands. */
const connections = (config: Config) => config.SIGNET_WORKERS * (config.SIGNET_DATABASE_CONNECTIONS + 5) + 50;

async function start(
  config: Config,
  options: ServeOptions,
  databaseUrl: string,
  log: Logger,
): Promise<Running> {
  if (config.SIGNET_WORKERS > 1) return startWorkers(config, databaseUrl, log);
  const app = await options.startApp({ config, databaseUrl, log });
  try {
    const { url } = await app.listen();
    return { url, close: () => app.close(), reload: () => app.reload() };
  } catch (error) {
    await app.close().catch(() => {});
    throw error;
  }
}

/** Resolves once everything has been closed after a signal. */
function untilStopped(config: Config, running: Running, storage: Storage, log: Logger): Promise<number> {
  process.removeAllListeners('SIGHUP');
  process.on('SIGHUP', () => {
    running.reload().then(
      (problems) => sayReloaded(log, problems),
      (err) => log.error({ err }, 'the configuration could not be read again'),
    );
  });
  return new Promise((resolve, reject) => {
    let stopping = false;
    const stop = (signal: NodeJS.Signals) => {
      if (stopping) process.exit(1); // PostgreSQL ends by itself when we are gone
      stopping = true;
      log.info({ signal }, 'stopping; a second signal ends at once');
      drain(config, running, storage, log).then(resolve, reject);
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  });
}

async function drain(config: Config, running: Running, storage: Storage, log: Logger): Promise<number> {
  const seconds = config.SIGNET_DRAIN_SECONDS;
  const closed = running.close().catch((err) => log.error({ err }, 'could not close everything'));
  if (!(await within(seconds * 1_000 + GRACE, closed))) {
    log.warn({ seconds }, 'some requests were still under way and have been cut off');
  }
  await storage.close();
  log.info({}, 'stopped');
  return 0;
}

/** Workers keep the same limit; they get a moment to say that they have reached it. */
const GRACE = 500;

function greet(log: Logger, readable: boolean, facts: Record<string, string | number>): void {
  if (!readable) {
    log.info(facts, 'Signet is ready');
    return;
  }
  const { url, home, database, workers, ms } = facts;
  const processes = workers === 1 ? '' : `  (${workers} processes)`;
  const lines = [`Signet is ready at ${url}${processes}, after ${(Number(ms) / 1_000).toFixed(1)} s`];
  lines.push(`  home      ${home}`, `  database  ${database}`, '  Ctrl-C stops it');
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** Node's codes for an address that cannot be listened on, in words. */
function inWords(config: Config, error: unknown): unknown {
  const at = `port ${config.SIGNET_PORT} of ${config.SIGNET_HOST}`;
  const hint = 'Name another with --port or SIGNET_PORT.';
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return new StartRefusal(`Something else listens on ${at}.`, hint, { cause: error });
    case 'EACCES':
      return new StartRefusal(`This user may not listen on ${at}.`, hint, { cause: error });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new StartRefusal(
        `${config.SIGNET_HOST} is not an address of this machine.`,
        'See --host and SIGNET_HOST.',
        {
          cause: error,
        },
      );
    default:
      return error;
  }
}

/** What nobody caught is a bug; the state of the process is unknown then, so it ends (and a worker is replaced). */
function endOnBugs(log: Logger): void {
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (err: unknown) => {
      log.fatal({ err }, 'a bug; this process ends');
      process.exit(70);
    });
  }
}
