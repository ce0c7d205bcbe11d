import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartRefusal, type StorageLog } from './start-refusal.ts';

/** Something only one process has at a time. */
export interface FileLock {
  release(): void;
}

/** SQLITE_BUSY: another process holds the lock. */
const BUSY = 5;

/**
 * Takes the lock that the file stands for, or gives undefined when another process (or another part of this one) has
 * it. The kernel releases it with the process, however that ends, so a `kill -9` leaves nothing to clean up. Node has
 * no flock; SQLite's exclusive transaction is the same thing on every platform, and no row is ever written.
 */
export function tryLock(path: string): FileLock | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    database.exec('pragma journal_mode = off; begin exclusive');
    const held = database;
    return { release: () => held.close() };
  } catch (error) {
    database?.close();
    if ((error as { errcode?: number }).errcode === BUSY) return undefined;
    const why = `The lock ${path} cannot be taken: ${(error as Error).message}.`;
    throw new StartRefusal(why, 'Is the folder ours, and has the disk room?', { cause: error });
  }
}

/** Waits until the lock is free. Says so after five seconds, and gives up after two minutes. */
export async function waitForLock(path: string, log: StorageLog): Promise<FileLock> {
  const started = Date.now();
  for (let told = false; ; await sleep(20)) {
    const lock = tryLock(path);
    if (lock) return lock;
    const waited = Date.now() - started;
    if (waited > 120_000) {
      throw new StartRefusal(
        `Another process has been holding ${path} for two minutes.`,
        `See which: fuser ${path}`,
      );
    }
    if (waited > 5_000 && !told) {
      log.warn({ lock: path }, 'waiting for another process that is starting or stopping the database');
      told = true;
    }
  }
}
