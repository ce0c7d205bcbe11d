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

/** Milliseconds before the next attempt to start a PostgreSQL that died. One that lived this long had started well. */
const BACK_OFF = [0, 250, 500, 1_000, 2_000, 5_000, 10_000];
const STABLE = 500;

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
    for (let attempt = 0; !stopping.signal.aborted; ) {
      const since = Date.now();
      await Promise.race([connection.ended, aborted(stopping.signal)]);
      if (stopping.signal.aborted) return;
      if (Date.now() - since > STABLE) attempt = 0;
      log.warn({}, 'the database server has ended; starting it again');
      for (let up = false; !up && !stopping.signal.aborted; attempt++) {
        up = await restore(attempt).then(
          () => true,
          (error: Error) => {
            if (!stopping.signal.aborted)
              log.error({ reason: error.message }, 'the database server cannot be started; trying again');
            return false;
          },
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
