import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, connectEmbedded, type EmbeddedOptions } from './embedded-postgres.ts';
import { findPlace, type Place } from './embedded-postgres-place.ts';
import type { Home } from './home.ts';
import { claimServer, type RunningServer } from './server-claim.ts';
import type { StorageLog } from './start-refusal.ts';

export interface Storage {
  /** For the driver: `postgresql://…` It stays the same when the embedded PostgreSQL has to be started again. */
  readonly url: string;
  /** What an operator may read: which database this is, without its password. */
  readonly description: string;
  /** Tells commands, and a second server, where this one listens. */
  announce(server: RunningServer): void;
  /** Close the pools first. The last user of an embedded PostgreSQL waits here until it has shut down. */
  close(): Promise<void>;
}

export interface StorageOptions {
  home: Home;
  databaseUrl?: string | undefined;
  log: StorageLog;
  /** A home has one server, which starts its PostgreSQL again when that dies; commands come and go beside it. */
  use: 'serve' | 'command';
  /** Settings of the embedded PostgreSQL on top of ours: `max_connections`. */
  settings?: Record<string, string>;
}

/** Opens the database that DATABASE_URL names, else the embedded one of this home: attached to, or started. */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  if (options.databaseUrl) {
    const [url, description] = [options.databaseUrl, describe(options.databaseUrl)];
    return { url, description, announce() {}, close: async () => {} };
  }
  const place = findPlace(options.home);
  return options.use === 'serve' ? serve(options, place) : command(options, place);
}

async function command(options: EmbeddedOptions, place: Place): Promise<Storage> {
  const connection = await connectEmbedded(options, place);
  return { ...facts(connection), announce() {}, close: () => connection.disconnect() };
}

async function serve(options: EmbeddedOptions, place: Place): Promise<Storage> {
  const claim = await claimServer(place);
  try {
    const connection = await connectEmbedded(options, place);
    const upkeep = keepUp(options, place, connection);
    const close = async () => {
      await upkeep.stop();
      claim.release();
    };
    return { ...facts(connection), announce: claim.announce, close };
  } catch (error) {
    claim.release();
    throw error;
  }
}

const facts = ({ url, version, place }: Connection) => ({
  url,
  description: `PostgreSQL ${version} (embedded), data in ${place.pgdata}`,
});

function describe(databaseUrl: string): string {
  const url = URL.parse(databaseUrl);
  if (!url) return 'the PostgreSQL of DATABASE_URL';
  const host = url.searchParams.get('host') || url.hostname || 'localhost';
  return `PostgreSQL at ${host}:${url.port || 5432}, database ${url.pathname.slice(1) || url.username}`;
}

/** Milliseconds before each attempt to start a PostgreSQL that died. */
const BACK_OFF = [0, 250, 500, 1_000, 2_000, 5_000, 10_000];
/** One that has died this often within a minute, though it started well each time, is not started at once either. */
const BURST = 30;
const PATIENT = 5;

/** Starts PostgreSQL again whenever it ends before `stop`. Meanwhile the pools refuse with `storage.unavailable`. */
function keepUp(options: EmbeddedOptions, place: Place, first: Connection): { stop(): Promise<void> } {
  const { log } = options;
  const stopping = new AbortController();
  let connection = first;

  async function restore(attempt: number): Promise<void> {
    const wait = BACK_OFF[Math.min(attempt, BACK_OFF.length - 1)] ?? 0;
    await sleep(wait, undefined, { signal: stopping.signal });
    const next = await connectEmbedded(options, place);
    connection.abandon();
    connection = next;
    log.info({}, 'the database is back');
  }

  async function run(): Promise<void> {
    let deaths: number[] = [];
    while (!stopping.signal.aborted) {
      await Promise.race([connection.ended, aborted(stopping.signal)]);
      if (stopping.signal.aborted) return;
      log.warn({}, 'the database server has ended; starting it again');
      const now = Date.now();
      deaths = [...deaths.filter((time) => time > now - 60_000), now];
      await restoreStubbornly(deaths.length > BURST ? PATIENT : 0);
    }
  }

  async function restoreStubbornly(first: number): Promise<void> {
    for (let attempt = first; ; attempt++) {
      try {
        return await restore(attempt);
      } catch (error) {
        if (stopping.signal.aborted) return;
        log.error(
          { reason: (error as Error).message },
          'the database server cannot be started; trying again',
        );
      }
    }
  }

  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
      await connection.disconnect();
    },
  };
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) =>
    signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true }),
  );
