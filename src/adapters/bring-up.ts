import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '#core/errors.ts';
import { migrate } from './migrate.ts';
import { storageFault } from './postgres-faults.ts';
import { codeOf, StartRefusal, type StorageLog } from './start-refusal.ts';
import type { Storage } from './storage.ts';

export interface BringUpOptions {
  storage: Pick<Storage, 'url' | 'description'>;
  /** The folder of the migrations. */
  migrations: string;
  log: StorageLog;
  /** Milliseconds to wait for a database that cannot be reached yet; default 30 s, for one that starts beside us. */
  patience?: number;
}

/** Waits for the database and brings its schema up to date. Refuses what waiting does not cure. */
export async function bringUp({
  storage,
  migrations,
  log,
  patience = 30_000,
}: BringUpOptions): Promise<void> {
  const until = Date.now() + patience;
  for (let told = 0; ; await sleep(250)) {
    try {
      const applied = await migrate(storage.url, migrations);
      if (applied > 0) log.info({ applied }, 'the schema of the database is up to date');
      return;
    } catch (error) {
      if (!isAway(error)) throw explain(storage, error);
      if (Date.now() > until) {
        const why = (error as Error).message || codeOf(error);
        throw new StartRefusal(
          `The database cannot be reached (${storage.description}): ${why}`,
          'Is it running? Is DATABASE_URL right?',
          {
            cause: error,
          },
        );
      }
      if (Date.now() - told > 5_000) {
        told = Date.now();
        log.warn(
          { reason: codeOf(error) || (error as Error).message },
          `waiting for the database: ${storage.description}`,
        );
      }
    }
  }
}

function isAway(error: unknown): boolean {
  const fault = storageFault(error);
  return fault instanceof DomainError && fault.code === 'storage.unavailable';
}

/** Class 28: wrong user or password. 3D000: no such database. 42501: not allowed to make tables. */
function explain(storage: Pick<Storage, 'description'>, error: unknown): unknown {
  if (!/^(28...|3D000|42501)$/.test(codeOf(error))) return error;
  return new StartRefusal(
    `The database refuses us (${storage.description}): ${(error as Error).message}`,
    'Check DATABASE_URL.',
    {
      cause: error,
    },
  );
}
