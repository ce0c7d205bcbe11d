import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { type Listener, listen } from '#adapters/listen.ts';
import type { Database } from '#adapters/postgres.ts';
import { ANSWERED, ASKED, answerText, LISTENER_NAME, type ReloadRequest } from '#adapters/reload-call.ts';
import { DomainError } from '#core/errors.ts';
import type { MasterKeys } from '#core/keys/master-keys.ts';

/** Reads a service's configuration again. What is wrong with it is given, a line each; then the one before stays. */
export type ReloadHandler = (
  service: 'web.oauth2' | 'rest.core',
) => Promise<{ ok: boolean; faults: string[] }>;

/**
 * Answers `signet reload` and `signet keys rotate`, which ask every process on the database by a notification. Master
 * keys are this module's own business: a process says whether it has the key that is asked for, and turns to the
 * current one. They are looked at again, too, whenever the connection was lost, since a rotation may have been missed.
 */
export function listenForReload(
  database: Database,
  handler: ReloadHandler,
  { keys, onFailure }: { keys: MasterKeys; onFailure: (error: unknown) => void },
): Listener {
  const listener = randomBytes(8).toString('hex');
  const url = database.pool.options.connectionString as string;
  const process = `${hostname()}:${globalThis.process.pid}`;

  async function answer(payload: string): Promise<void> {
    const request = JSON.parse(payload) as ReloadRequest;
    const faults = await faultsOf(request).catch((error: Error) => {
      onFailure(error);
      return [error instanceof DomainError ? `${error.message} ${error.detail ?? ''}`.trim() : error.message];
    });
    const text = answerText({ id: request.id, listener, process, faults });
    await database.pool.query('select pg_notify($1, $2)', [ANSWERED, text]);
  }

  async function faultsOf(request: ReloadRequest): Promise<string[]> {
    if (request.service !== 'keys') return (await handler(request.service)).faults;
    await keys.refresh(); // also reads the key store again
    if (request.key && !keys.find(request.key)) {
      return [`${keys.store.place} of ${process} does not hold the master key ${request.key}`];
    }
    return [];
  }

  return listen(
    url,
    { [ASKED]: (payload) => void answer(payload).catch(onFailure) },
    () => void keys.refresh().catch(onFailure),
    `${LISTENER_NAME}${listener}`,
  );
}
