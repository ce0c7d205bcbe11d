import { closeSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { prepareBinaries } from './embedded-postgres-binaries.ts';
import { ADMIN, findPostmaster, notedPid, prepareCluster, ROLE } from './embedded-postgres-cluster.ts';
import { type Hold, logPath, startKeeper, takeHold } from './embedded-postgres-keeper.ts';
import { findPlace, leaveSocketFolder, type Place, socketFolder } from './embedded-postgres-place.ts';
import { waitForLock } from './file-lock.ts';
import { type Home, secretFile } from './home.ts';
import { codeOf, StartRefusal, type StorageLog } from './start-refusal.ts';

export interface EmbeddedOptions {
  home: Home;
  log: StorageLog;
  /** PostgreSQL settings on top of ours; only those of whoever happens to start it count. */
  settings?: Record<string, string>;
}

/** A running embedded PostgreSQL that stays up at least until we disconnect from it. */
export interface Connection {
  readonly place: Place;
  readonly url: string;
  /** The superuser, for the keeping of the server itself. */
  readonly adminUrl: string;
  readonly version: string;
  /** Settles when PostgreSQL, or this connection to it, has ended. */
  readonly ended: Promise<void>;
  /** Gives up our share. The last one to do so waits until PostgreSQL has shut down. */
  disconnect(): Promise<void>;
  /** Gives it up without waiting: another connection has taken its place. */
  abandon(): void;
}

/**
 * Attaches to the PostgreSQL of this home, or starts it. Nobody owns it: it runs as long as anybody uses it, so a
 * command and a server may come and go in any order. Starting, attaching and leaving happen one at a time.
 */
export async function connectEmbedded(
  options: EmbeddedOptions,
  place: Place = findPlace(options.home),
): Promise<Connection> {
  const { home, log } = options;
  const lock = await waitForLock(join(place.run, 'start.lock'), log);
  try {
    const password = secretFile(join(home.keys, 'database.password'));
    const socket = socketFolder(place);
    const target = { place, socket, password, log };
    const running = await takeHold(place, socket);
    const attached = running && (await watch(target, running));
    if (attached) return attached;

    await endStray(place, log);
    const binaries = prepareBinaries(place.as, place.copies);
    prepareCluster(place, binaries, password, log, options.settings);
    return await start(target, join(binaries.folder, 'bin/postgres'));
  } finally {
    lock.release();
  }
}

interface Target {
  place: Place;
  socket: string;
  password: string;
  log: StorageLog;
}

const urlOf = (t: Target, role: string, database: string) =>
  `postgresql://${role}:${t.password}@localhost:5432/${database}?host=${encodeURIComponent(t.socket)}&sslmode=disable`;

const command = (t: Target, postgres: string) => [
  ...[postgres, '-D', t.place.pgdata],
  ...['-c', 'listen_addresses='],
  ...['-c', 'port=5432'],
  ...['-c', `unix_socket_directories=${quoted(t.socket)}`],
  ...['-c', 'unix_socket_permissions=0700'],
];

/** The setting is a list: quotes keep a comma or a space in a path from dividing it. */
const quoted = (path: string) => `"${path.replaceAll('"', '""')}"`;

async function start(target: Target, postgres: string): Promise<Connection> {
  const { place, socket } = target;
  const log = logPath(place);
  rmSync(join(socket, '.s.PGSQL.5432.lock'), { force: true });
  // After a kill -9 of PostgreSQL its last processes need a moment to notice; until then a new one refuses to start.
  for (const until = Date.now() + 30_000; ; await sleep(100)) {
    const from = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
    // No server of ours lives, so whoever has the noted process id now is another program. PostgreSQL would take it for
    // an old server of its own and refuse, except for its starter's parent, which is what this variable is for.
    const pid = notedPid(place);
    const env = pid === undefined ? {} : { PG_GRANDPARENT_PID: String(pid) };
    const started = await watch(target, startKeeper(place, socket, command(target, postgres), env));
    if (started) return started;
    const said = readFrom(log, from);
    if (/pre-existing shared memory block|lock file ".*" already exists/.test(said) && Date.now() < until)
      continue;
    throw notStarted(place, said);
  }
}

/** What PostgreSQL always says, and tells nobody anything here. */
const USUAL =
  /^(starting PostgreSQL|listening on|database system (is|was) shut down|the database system is starting)/;

function notStarted(place: Place, said: string): StartRefusal {
  const hint = `Its log is ${logPath(place)}`;
  if (/No space left on device/.test(said)) {
    return new StartRefusal(
      `The disk is full: the database in ${place.folder} cannot start.`,
      'Make room; nothing is lost.',
    );
  }
  const words = said
    .split('\n')
    .map((line) => /(?:LOG|FATAL|PANIC|HINT|postgres): +(.*)/.exec(line)?.[1] ?? line)
    .filter((line) => line.trim() !== '' && !USUAL.test(line));
  return new StartRefusal(
    `The database did not start: ${words.slice(-3).join('; ') || 'it ended without a word'}`,
    hint,
  );
}

function readFrom(path: string, from: number): string {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(Math.min(Math.max(size - from, 0), 64_000));
    return bytes.toString('utf8', 0, readSync(file, bytes, 0, bytes.length, from));
  } finally {
    closeSync(file);
  }
}

/** By this name PostgreSQL knows each process that uses it. */
const HOLDER = 'signet hold';

/** Waits until PostgreSQL answers, however long its recovery takes; undefined when it ends first. */
async function watch(target: Target, hold: Hold): Promise<Connection | undefined> {
  for (let tries = 1; ; tries++) {
    const client = new pg.Client({
      connectionString: urlOf(target, ADMIN, ADMIN),
      application_name: HOLDER,
      connectionTimeoutMillis: 10_000,
    });
    const ended = new Promise<void>((resolve) => client.once('end', resolve));
    client.on('error', () => {}); // 'end' follows
    try {
      await client.connect();
      return await connection(target, hold, client, ended);
    } catch (error) {
      void client.end().catch(() => {});
      if (!isComing(error)) {
        hold.release();
        throw explain(target.place, error);
      }
    }
    if (!hold.isAlive()) {
      hold.release();
      return undefined;
    }
    if (tries % 250 === 0) target.log.info({}, 'waiting for the database to get ready');
    await sleep(20);
  }
}

async function connection(
  target: Target,
  hold: Hold,
  client: pg.Client,
  ended: Promise<void>,
): Promise<Connection> {
  const { rows } = await client.query<{ version: string }>(
    `select current_setting('server_version') as version`,
  );
  keepRunningFor(client, false);
  return {
    place: target.place,
    url: urlOf(target, ROLE, ROLE),
    adminUrl: urlOf(target, ADMIN, ADMIN),
    version: rows[0]?.version ?? '',
    ended,
    disconnect: () => leave(target, client, hold),
    abandon() {
      hold.release();
      void client.end().catch(() => {});
    },
  };
}

/** No socket yet, starting up or shutting down, or every place taken. */
const isComing = (error: unknown) =>
  /^(ENOENT|ECONNREFUSED|ECONNRESET|EPIPE|57P0[1-3]|53\d\d\d)$/.test(codeOf(error)) ||
  /terminated unexpectedly|timeout/.test((error as Error).message);

function explain(place: Place, error: unknown): unknown {
  if (codeOf(error) !== '28P01') return error;
  return new StartRefusal(
    `The password in keys/database.password is not the one of the data in ${place.pgdata}.`,
    'Restore the file from the backup that the data came from.',
    { cause: error },
  );
}

/** Our process may end while this connection is open: a command that fails and forgets to close ends all the same. */
function keepRunningFor(client: pg.Client, wanted: boolean): void {
  const { ref, unref } = client as unknown as { ref(): void; unref(): void };
  (wanted ? ref : unref).call(client);
}

async function leave({ place, log }: Target, client: pg.Client, hold: Hold): Promise<void> {
  const lock = await waitForLock(join(place.run, 'start.lock'), log);
  try {
    keepRunningFor(client, true);
    const others = await countOthers(client);
    await client.end().catch(() => {});
    hold.release();
    if (others === 0) {
      await endStray(place, log);
      leaveSocketFolder(place);
    }
    // It could not say, so others may need it: its keeper knows.
    if (others === undefined) await isGone(place, 2_000);
  } finally {
    lock.release();
  }
}

/** How many other processes use it; undefined when it does not answer. */
async function countOthers(client: pg.Client): Promise<number | undefined> {
  const text = `
    select count(*)::int as others
    from pg_stat_activity
    where application_name = $1 and pid <> pg_backend_pid()`;
  const query = { text, values: [HOLDER], query_timeout: 5_000 } as pg.QueryConfig;
  const answer = await client.query<{ others: number }>(query).catch(() => undefined);
  return answer?.rows[0]?.others;
}

/** How long a shutdown may take before it is asked for more firmly, in milliseconds. */
const PATIENCE = [
  { signal: undefined, wait: 2_000 }, // its keeper has asked for a fast shutdown
  { signal: 'SIGINT', wait: 60_000 }, // or nobody has: an orphan
  { signal: 'SIGQUIT', wait: 5_000 }, // without a checkpoint; the next start recovers
  { signal: 'SIGKILL', wait: 5_000 },
] as const;

/** Waits for a PostgreSQL that nobody holds to end, and ends one that does not (its keeper was killed, say). */
async function endStray(place: Place, log: StorageLog): Promise<void> {
  for (const { signal, wait } of PATIENCE) {
    const pid = findPostmaster(place);
    if (pid === undefined) return;
    if (signal) {
      log.warn({ pid, signal }, 'ending a database server that nobody uses');
      process.kill(pid, signal);
    }
    if (await isGone(place, wait)) return;
  }
  throw new StartRefusal(
    `An old database server on ${place.pgdata} does not end.`,
    `Its process id is in ${place.pgdata}/postmaster.pid`,
  );
}

async function isGone(place: Place, milliseconds: number): Promise<boolean> {
  for (const until = Date.now() + milliseconds; findPostmaster(place) !== undefined; await sleep(10)) {
    if (Date.now() > until) return false;
  }
  return true;
}
