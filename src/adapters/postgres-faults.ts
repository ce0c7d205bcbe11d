import { DomainError } from '#core/errors.ts';

/** Node's words for a connection that could not be made or broke. */
const CONNECTION = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOENT',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
const BROKEN =
  /Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Client was closed/;

/** Class 22 data exceptions that hostile input can cause: bad encoding, out of range, not a value of the type. */
const INPUT = new Set(['22021', '22P05', '22P02', '22003', '22007', '22008', '22001']);

/** Turns what the driver throws into what core knows: an outage, a full disk, a value PostgreSQL cannot hold, or a bug. */
export function storageFault(error: unknown): unknown {
  if (error instanceof DomainError || !(error instanceof Error)) return error;
  const code = (error as { code?: string }).code ?? '';
  if (code === '53100' || code === '25006' || /No space left on device/.test(error.message)) {
    return new DomainError('storage.full', { cause: error });
  }
  // 08 connection, 53 resources (too many connections), 57 operator (shutdown, starting up, statement time-out)
  if (/^(08|53|57)/.test(code) || CONNECTION.has(code) || BROKEN.test(error.message)) {
    return new DomainError('storage.unavailable', { cause: error });
  }
  // Operations settle races with `on conflict`; what slips through (unique, foreign key) is still only a race.
  if (code === '23505' || code === '23503') return new DomainError('request.conflict', { cause: error });
  if (INPUT.has(code)) return new DomainError('request.invalid', { cause: error });
  return error;
}
