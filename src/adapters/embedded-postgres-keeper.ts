import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, closeSync, constants, fstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PLAIN } from './embedded-postgres-cluster.ts';
import type { Place } from './embedded-postgres-place.ts';
import { isThere } from './home.ts';
import { codeOf } from './start-refusal.ts';

/**
 * Runs PostgreSQL for as long as anybody holds it. Fd 3 is the reading end of a pipe with a name (the hold); every
 * process that uses the database has the writing end open, and the kernel closes that with the process, however it
 * ends. So the end of file comes when the last user has gone, and then PostgreSQL is shut down (SIGINT: fast, clean).
 *
 * A line `hold <nonce>` is answered by making a file of that name: whoever sees it knows that the end of file had not
 * come before it held. Where setpriv is there, PostgreSQL and the reader end with the keeper, even by kill -9.
 */
const KEEPER = `
answers=$1; shift
tie=; setpriv --pdeathsig INT --no-new-privs true 2>/dev/null && tie='setpriv --no-new-privs --pdeathsig'
trap 'kill -INT "$server" 2>/dev/null' TERM INT HUP
$tie \${tie:+INT} "$@" 3<&- &
server=$!
$tie \${tie:+KILL} /bin/sh -c '
  while read -r word nonce <&3; do
    case $word in hold) : > "$1/$nonce" ;; esac
  done
  kill -TERM "$2"' signet-hold "$answers" $$ &
reader=$!
exec 3<&-
wait "$server"; code=$?
while kill -0 "$server" 2>/dev/null; do wait "$server"; code=$?; done
kill -KILL "$reader" 2>/dev/null
exit "$code"
`;

/** Our share in the life of a PostgreSQL: it runs at least until `release`, or until this process ends. */
export interface Hold {
  /** False when PostgreSQL or its keeper has ended. */
  isAlive(): boolean;
  release(): void;
}

const pathOf = (place: Place) => join(place.run, 'hold');

/** Starts PostgreSQL under a keeper of its own session: a signal to our terminal is not meant for it. */
export function startKeeper(place: Place, socket: string, command: string[], env: object = {}): Hold {
  const path = pathOf(place);
  rmSync(path, { force: true });
  execFileSync('mkfifo', ['-m', '600', path]);
  own(path, place);
  const log = openLog(place);
  // Opened for both, a pipe never waits for its other end; this one only bridges the moment until the real ones are open.
  const bridge = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const reading = openSync(path, constants.O_RDONLY);
  const writing = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  try {
    const child = spawn('/bin/sh', ['-c', KEEPER, 'signet-postgres', socket, ...command], {
      ...place.as,
      cwd: '/',
      env: { ...PLAIN, ...env },
      detached: true,
      stdio: ['ignore', log, log, reading],
    });
    child.on('error', () => {}); // the hold is dead then, which is what the caller looks at
    child.unref();
  } finally {
    for (const fd of [bridge, reading, log]) closeSync(fd);
  }
  return holdOf(writing);
}

/** Takes a share in a PostgreSQL that runs already; undefined when none does, or when it is about to end. */
export async function takeHold(place: Place, socket: string): Promise<Hold | undefined> {
  let writing: number;
  try {
    writing = openSync(pathOf(place), constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (['ENXIO', 'ENOENT'].includes(codeOf(error))) return undefined;
    throw error;
  }
  const nonce = randomBytes(12).toString('hex');
  const answer = join(socket, nonce);
  const hold = holdOf(writing);
  for (const until = Date.now() + 10_000; Date.now() < until && send(writing, `hold ${nonce}\n`); ) {
    for (let i = 0; i < 50 && !isThere(answer); i++) await sleep(5);
    if (!isThere(answer)) continue;
    rmSync(answer);
    return hold;
  }
  hold.release();
  return undefined;
}

function holdOf(writing: number): Hold {
  let open = true;
  return {
    isAlive: () => open && send(writing, 'alive?\n'),
    release() {
      if (open) closeSync(writing);
      open = false;
    },
  };
}

/** False when nobody has the reading end any more. */
function send(writing: number, line: string): boolean {
  try {
    writeSync(writing, line);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EAGAIN') return true; // full: the reader is there, but stopped
    if (codeOf(error) === 'EPIPE') return false;
    throw error;
  }
}

const LOG_SIZE = 5_000_000;

export const logPath = (place: Place) => join(place.run, 'postgresql.log');

function openLog(place: Place): number {
  const path = logPath(place);
  const log = openSync(path, 'a', 0o600);
  own(path, place);
  if (fstatSync(log).size < LOG_SIZE) return log;
  closeSync(log);
  renameSync(path, `${path}.1`);
  return openLog(place);
}

/** So that its owner can go on with a home that root has used once. */
function own(path: string, place: Place): void {
  if (place.as.uid !== undefined) chownSync(path, place.as.uid, place.as.gid ?? place.as.uid);
}
