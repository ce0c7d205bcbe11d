import { DomainError } from '#core/errors.ts';

/** Asks whether what the server stands on is there (the database); throws when it is not. */
export type Ready = () => Promise<void>;

/** Milliseconds that a probe waits for an answer. */
const PATIENCE = 2000;

/**
 * Bounds a question: whatever is wrong, and silence too, is "not now"; and whoever asks while it is under way waits for
 * the same answer, so probes cannot pile up on a database that is slow already.
 */
export function patiently(ready: Ready, patience = PATIENCE): Ready {
  let asked: Promise<void> | undefined;
  return () => {
    asked ??= inTime(ready(), patience).finally(() => {
      asked = undefined;
    });
    return asked;
  };
}

async function inTime(asked: Promise<void>, patience: number): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new DomainError('storage.unavailable')), patience);
  try {
    await Promise.race([asked, late]);
  } catch (cause) {
    throw cause instanceof DomainError ? cause : new DomainError('storage.unavailable', { cause });
  } finally {
    clearTimeout(timer);
  }
}
