import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Binaries } from './embedded-postgres-binaries.ts';
import type { Place } from './embedded-postgres-place.ts';
import { isThere, syncFolder } from './home.ts';
import { codeOf, StartRefusal, type StorageLog } from './start-refusal.ts';

/** Signet's own role, which owns its database and no more; `postgres` is only for keeping the server. */
export const ROLE = 'signet';
export const ADMIN = 'postgres';

/**
 * What differs from PostgreSQL's defaults: small at rest, nothing about people in its log, durable. Written anew
 * when they change, so that an upgrade of Signet reaches old data folders; `postgresql.conf` may override it.
 */
const SETTINGS = {
  max_connections: '200',
  shared_buffers: '128MB',
  max_wal_size: '1GB',
  max_parallel_workers_per_gather: '0', // a container's /dev/shm is too small for the shared memory of parallel queries
  jit: 'off',
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_error_verbosity: 'terse', // a full one quotes rows
  log_min_messages: 'log', // errors of statements are told to the one who sent them
  log_min_error_statement: 'panic',
  log_checkpoints: 'off',
  cluster_name: 'signet',
};

/** Makes the data folder when there is none, and refuses one that these binaries cannot open. */
export function prepareCluster(
  place: Place,
  binaries: Binaries,
  password: string,
  log: StorageLog,
  extra: Record<string, string> = {},
): void {
  for (const draft of readdirSync(place.folder).filter((name) => name.startsWith('pgdata.new'))) {
    rmSync(join(place.folder, draft), { recursive: true, force: true }); // one that was killed half-way
  }
  const version = join(place.pgdata, 'PG_VERSION');
  if (!isThere(version)) {
    refuseForeign(place.pgdata);
    log.info({ folder: place.pgdata }, 'making the database');
    create(place, binaries, password);
  }
  refuseOtherVersion(place.pgdata, readFileSync(version, 'utf8').trim(), binaries);
  giveBack(place);
  writeSettings(place, { ...SETTINGS, ...extra });
}

/** Only when they differ: PostgreSQL shall start on a full disk, too. */
function writeSettings(place: Place, settings: Record<string, string>): void {
  const file = join(place.pgdata, 'signet.conf');
  const text = Object.entries(settings)
    .map(([name, value]) => `${name} = '${value}'\n`)
    .join('');
  if (isThere(file) && readFileSync(file, 'utf8') === text) return;
  runAs(place, 'cat > "$0.new" && mv "$0.new" "$0"', [file], text);
}

function refuseForeign(pgdata: string): void {
  if (!isThere(pgdata) || readdirSync(pgdata).length === 0) return;
  throw new StartRefusal(
    `${pgdata} is not empty and holds no PostgreSQL data.`,
    'Move it away, or name another home.',
  );
}

function refuseOtherVersion(pgdata: string, written: string, binaries: Binaries): void {
  if (written === String(binaries.major)) return;
  throw new StartRefusal(
    `The data in ${pgdata} was written by PostgreSQL ${written}; this Signet brings ${binaries.version}.`,
    'Take a backup with the Signet that wrote it, move the folder away, and restore the backup with this one.',
  );
}

/** initdb into a draft that is renamed when it is complete: a kill at any moment leaves all or nothing. */
function create(place: Place, binaries: Binaries, password: string): void {
  const draft = join(place.folder, `pgdata.new-${process.pid}`);
  mkdirSync(draft, { mode: 0o700 });
  if (place.as.uid !== undefined) chownSync(draft, place.as.uid, place.as.gid ?? place.as.uid);

  const program = (name: string) => join(binaries.folder, 'bin', name);
  // The password goes through a pipe: initdb opens a file, and one on disk would have to be readable for its user.
  const options = [
    `--pgdata=${draft}`,
    `--username=${ADMIN}`,
    '--pwfile=/dev/stdin',
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--data-checksums',
  ];
  runAs(place, 'cat | "$0" "$@"', [program('initdb'), ...options], `${password}\n`);
  const sql = `create role ${ROLE} login password '${password}';\ncreate database ${ROLE} owner ${ROLE};\n`;
  runAs(place, 'exec "$0" --single -D "$1" "$2"', [program('postgres'), draft, ADMIN], sql);
  runAs(place, 'cat >> "$0"', [join(draft, 'postgresql.conf')], INCLUDE);
  runAs(place, ': > "$0"', [join(draft, 'signet.conf')]);

  syncFolder(draft);
  renameSync(draft, place.pgdata);
  syncFolder(place.folder);
}

const INCLUDE = `
# Signet's settings, written anew when they change. Yours go below this line.
include = 'signet.conf'
`;

/**
 * Runs a script as PostgreSQL's user. Everything in the data folder is written this way: for root to write into a
 * folder of another user is to follow whatever links that user has put there.
 */
function runAs(place: Place, script: string, args: string[], input = ''): void {
  const options = { ...place.as, cwd: '/', input, encoding: 'utf8', env: PLAIN } as const;
  const done = spawnSync('/bin/sh', ['-c', script, ...args], options);
  const output = `${done.stdout ?? ''}${done.stderr ?? ''}`;
  // In single-user mode a failing statement does not fail the program.
  if (done.status === 0 && !/^.*(ERROR|FATAL|PANIC): /m.test(output)) return;
  if (/No space left on device/.test(output)) {
    throw new StartRefusal(`The disk is full: the database in ${place.folder} cannot be written.`);
  }
  const last = output.trim().split('\n').slice(-4).join(' / ');
  throw new StartRefusal(`The database in ${place.folder} cannot be made: ${done.error?.message ?? last}`);
}

/** Nothing of ours: a PGPORT or LD_PRELOAD of the caller must not reach PostgreSQL. */
export const PLAIN = { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C' };

/** Data that was restored by root belongs to root; PostgreSQL wants it to be its own. */
function giveBack(place: Place): void {
  if (place.as.uid === undefined || statSync(place.pgdata).uid === place.as.uid) return;
  execFileSync('chown', ['-hR', `${place.as.uid}:${place.as.gid}`, place.pgdata]);
}

/** The living postmaster of our data folder, if there is one. */
export function findPostmaster(place: Place): number | undefined {
  const pid = notedPid(place);
  return pid !== undefined && isPostmaster(pid, place.pgdata) ? pid : undefined;
}

/**
 * The process id in postmaster.pid, which a kill leaves behind. That process may have gone, or be some other program by
 * now, since ids are used again. The file stays: it also says how to see that processes of the old server still live.
 */
export function notedPid(place: Place): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(join(place.pgdata, 'postmaster.pid'), 'utf8'), 10);
    return pid > 0 ? pid : undefined;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Our postmaster was started as `…/postgres -D <pgdata>`, and keeps that in its process title. */
function isPostmaster(pid: number, pgdata: string): boolean {
  return `${commandOf(pid)} `.includes(`postgres -D ${pgdata} `);
}

function commandOf(pid: number): string {
  if (process.platform !== 'linux') {
    return spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout ?? '';
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return ''; // gone
  }
}
