import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findPlace, type Place } from './embedded-postgres-place.ts';
import { tryLock } from './file-lock.ts';
import type { Home } from './home.ts';
import { StartRefusal } from './start-refusal.ts';

/** What a server says of itself to whoever finds its home taken. */
export interface RunningServer {
  readonly pid: number;
  /** Where it listens; undefined while it starts. */
  readonly url?: string;
}

export interface ServerClaim {
  announce(server: RunningServer): void;
  release(): void;
}

const lockPath = (place: Place) => join(place.run, 'server.lock');
const notePath = (place: Place) => join(place.run, 'server.json');

/** Makes this process the one server of the embedded database; refuses at once when another is, naming it. */
export async function claimServer(place: Place): Promise<ServerClaim> {
  // A command that asks who serves has the lock for an instant, hence a few tries.
  for (let tries = 0; tries < 10; tries++) {
    const lock = tryLock(lockPath(place));
    if (lock) {
      const announce = (server: RunningServer) => writeNote(place, server);
      announce({ pid: process.pid });
      return { announce, release: () => lock.release() };
    }
    await sleep(20);
  }
  const { pid, url } = readNote(place) ?? {};
  throw new StartRefusal(
    `Signet already serves from this home${pid ? `: process ${pid}` : ''}${url ? `, ${url}` : ''}.`,
    'Stop it first, or name another home with --home. Several servers can share one database: see DATABASE_URL.',
  );
}

/** The server that runs from this home on its embedded database, if one does. */
export function runningServer(home: Home): RunningServer | undefined {
  const place = findPlace(home);
  const lock = tryLock(lockPath(place));
  if (!lock) return readNote(place);
  lock.release();
  return undefined;
}

/** The note alone proves nothing (a killed server leaves it behind); it counts only while the lock is taken. */
function readNote(place: Place): RunningServer | undefined {
  try {
    return JSON.parse(readFileSync(notePath(place), 'utf8')) as RunningServer;
  } catch {
    return undefined;
  }
}

function writeNote(place: Place, server: RunningServer): void {
  const draft = `${notePath(place)}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(server), { mode: 0o600 });
  renameSync(draft, notePath(place));
}
