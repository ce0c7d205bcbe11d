import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { type App, type StartApp, sayReloaded, within } from './serve-app.ts';
import type { MetricsAsked, MetricsGiven } from './serve-metrics.ts';

/** What the primary tells a worker. */
export type ToWorker =
  /** By message, not by environment: it holds the password of the embedded database. */
  { type: 'start'; databaseUrl: string } | { type: 'reload' } | { type: 'drain' } | MetricsGiven;

/** What a worker tells the primary. */
export type FromWorker =
  | { type: 'hello' }
  | { type: 'listening'; url: string }
  | { type: 'failed'; message: string; code?: string; hint?: string }
  | { type: 'reloaded'; problems: string[] }
  | MetricsAsked;

/**
 * One of several processes on a port. Starts and stops as the primary says; when the primary is gone, node ends it at
 * once. Gives the exit code.
 */
export function beWorker(config: Config, startApp: StartApp, log: Logger): Promise<number> {
  // Ctrl-C reaches the whole group of processes; the primary says when to stop. A reload comes through it, too.
  process.on('SIGINT', () => {});
  process.on('SIGHUP', () => {});
  return new Promise((resolve) => {
    let app: App | undefined;
    let ending = false;
    const end = async () => {
      if (ending) return;
      ending = true;
      if (app) await within(config.SIGNET_DRAIN_SECONDS * 1_000, app.close());
      resolve(0);
    };
    process.on('SIGTERM', () => void end());
    process.on('message', (message: ToWorker) => {
      if (message.type === 'drain') void end();
      if (message.type === 'reload') void reload(app, log);
      if (message.type === 'start') {
        start(config, startApp, message.databaseUrl, log).then(
          (started) => {
            app = started;
          },
          (error: Error & { code?: string; hint?: string }) => {
            const { message, code, hint } = error;
            if (!code && !hint) log.error({ err: error }, 'a worker could not start');
            tell({ type: 'failed', message, ...(code && { code }), ...(hint && { hint }) });
            resolve(1);
          },
        );
      }
    });
    tell({ type: 'hello' });
  });
}

const tell = (message: FromWorker) => process.send?.(message, () => {});

async function start(config: Config, startApp: StartApp, databaseUrl: string, log: Logger): Promise<App> {
  const app = await startApp({ config, databaseUrl, log });
  try {
    const { url } = await app.listen();
    tell({ type: 'listening', url });
    return app;
  } catch (error) {
    await app.close().catch(() => {});
    throw error;
  }
}

async function reload(app: App | undefined, log: Logger): Promise<void> {
  try {
    const problems = (await app?.reload()) ?? [];
    tell({ type: 'reloaded', problems });
  } catch (err) {
    log.error({ err }, 'the configuration could not be read again');
    sayReloaded(log, [(err as Error).message]);
  }
}
