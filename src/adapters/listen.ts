import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

export interface Listener {
  /** Resolves once the server has taken the LISTENs, at the latest when it is closed. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

/** Longest wait between two tries to connect again. */
const SLOWEST_MS = 5_000;

/**
 * Hears what other processes NOTIFY, on a connection of its own, made again whenever it breaks. What was said while it
 * was broken is lost: `onReconnect` says that, so that whoever keeps something in memory reads it anew.
 */
export function listen(
  url: string,
  channels: Record<string, (payload: string) => void>,
  onReconnect: () => void = () => {},
  applicationName = 'signet listen',
): Listener {
  let client: pg.Client | undefined;
  let closed = false;
  const ready = Promise.withResolvers<void>();
  const stopped = new AbortController();

  async function connect(): Promise<void> {
    const next = new pg.Client({ connectionString: url, application_name: applicationName, keepAlive: true });
    const broken = new Promise<void>((resolve) => {
      next.on('error', () => resolve());
      next.on('end', () => resolve());
    });
    next.on('notification', ({ channel, payload }) => channels[channel]?.(payload ?? ''));
    client = next;
    await next.connect();
    for (const channel of Object.keys(channels)) await next.query(`listen ${next.escapeIdentifier(channel)}`);
    ready.resolve();
    await broken;
  }

  async function keepConnected(): Promise<void> {
    for (let wait = 100, first = true; !closed; first = false) {
      if (!first) onReconnect();
      const since = Date.now();
      await connect().catch(() => {});
      await client?.end().catch(() => {});
      wait = Date.now() - since > SLOWEST_MS ? 100 : Math.min(wait * 2, SLOWEST_MS);
      if (!closed) await sleep(wait, undefined, { signal: stopped.signal }).catch(() => {});
    }
  }

  const done = keepConnected();
  return {
    ready: ready.promise,
    async close() {
      closed = true;
      ready.resolve();
      stopped.abort();
      await client?.end().catch(() => {});
      await done;
    },
  };
}
