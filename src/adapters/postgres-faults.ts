import { DomainError, ERRORS, type ErrorCode } from '#core/errors.ts';

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

/** What hostile input can cause: bad encoding, out of range, not a value of the type, too long for an index. */
const INPUT = new Set(['22021', '22P05', '22P02', '22003', '22007', '22008', '22001', '54000']);

/** By these PostgreSQL asks for the transaction to be tried again: serialization failure, deadlock. */
const TRY_AGAIN = new Set(['40001', '40P01']);

/** Operations settle races with `on conflict`; what slips through (unique, foreign key) is still only a race. */
const RACE = new Set(['23505', '23503']);

/** Turns what the driver throws into what core knows: an outage, a full disk, a value PostgreSQL cannot hold, or a bug. */
export function storageFault(error: unknown): unknown {
  if (error instanceof DomainError || !(error instanceof Error)) return error;
  const code = (error as { code?: string }).code ?? '';
  if (code === '53100' || code === '25006' || /No space left on device/.test(error.message)) {
    return new DomainError('storage.full', { cause: error });
  }
  // 08 connection, 53 resources (too many connections), 57 operator (shutdown, starting up, statement time-out),
  // 25P03 a transaction that did nothing for too long
  if (/^(08|53|57|25P03)/.test(code) || CONNECTION.has(code) || BROKEN.test(error.message)) {
    return new DomainError('storage.unavailable', { cause: error });
  }
  if (TRY_AGAIN.has(code)) return new DomainError('request.conflict', { cause: error });
  const telling = code.startsWith('23') ? codeOf(error) : undefined;
  if (telling ?? RACE.has(code)) return new DomainError(telling ?? 'request.conflict', { cause: error });
  if (INPUT.has(code)) return new DomainError('request.invalid', { cause: error });
  return error;
}

/** A constraint is named after the refusal that it stands for: `group_name_taken` is `group.name_taken`. */
function codeOf(error: Error & { constraint?: string }): ErrorCode | undefined {
  const code = (error.constraint ?? '').replace('_', '.');
  return Object.hasOwn(ERRORS, code) ? (code as ErrorCode) : undefined;
}

/** True for a transaction that may well succeed when it is run once more from its beginning. */
export function asksForAnotherTry(error: unknown): boolean {
  const cause = error instanceof DomainError ? error.cause : error;
  return TRY_AGAIN.has((cause as { code?: string } | undefined)?.code ?? '');
}
