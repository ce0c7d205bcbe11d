import type { Context } from '#core/context.ts';
import type { DomainError, ErrorKind } from '#core/errors.ts';
import { type AuditOperation, eventRow, type NewEvent } from './event.ts';
import { insertEvent } from './store.ts';

/** Records an event in the transaction of the change it tells of. */
export async function record(ctx: Context, event: NewEvent): Promise<void> {
  await insertEvent(ctx.sql, eventRow(ctx, event));
}

/** Outages are not decisions, and no row could be written. */
const NOT_TOLD = new Set<ErrorKind>(['unavailable', 'too_large']);

/** Equal refusals within this time are counted and told in one row. */
const WINDOW_MS = 60_000;
const MOST_REMEMBERED = 10_000;

export interface Refusals {
  /**
   * Tells the audit of a refusal, in a transaction of its own. Never throws: the refusal itself is what the caller gets.
   * `more` says what it was about where that is more than an operation refused; its target must not be of the caller's
   * making, since equal refusals are told together by it.
   */
  tell(
    ctx: Context,
    error: DomainError,
    more?: Pick<NewEvent, 'target' | 'details'> & { operation: AuditOperation },
  ): Promise<void>;
  /** Writes what was counted and not yet told; at shutdown, and from time to time. */
  flush(before?: Date): Promise<void>;
}

interface Counted {
  since: number;
  /** Refusals after the first, which is written. */
  more: number;
  last: Context;
  event: NewEvent;
}

/**
 * Keeps refusals from flooding the audit: the first of its kind is written at once, equal ones (same actor, network,
 * error and target) in the next minute become one row with their number.
 */
export function createRefusals(onFailure: (error: unknown) => void, most = MOST_REMEMBERED): Refusals {
  const seen = new Map<string, Counted>();

  async function write(ctx: Context, event: NewEvent): Promise<void> {
    try {
      await insertEvent(ctx.services.sql, eventRow(ctx, event));
    } catch (error) {
      onFailure(error);
    }
  }

  async function writeCounted(entries: readonly Counted[]): Promise<void> {
    for (const { last, event, more } of entries) if (more > 0) await write(last, { ...event, count: more });
  }

  /** Takes them out before the first is written: meanwhile nobody else counts on or writes them as well. */
  function taken(isDue: (entry: Counted) => boolean): Counted[] {
    const due = [...seen].filter(([, entry]) => isDue(entry));
    for (const [key] of due) seen.delete(key);
    return due.map(([, entry]) => entry);
  }

  const flush = (before = new Date(8.64e15)): Promise<void> =>
    writeCounted(taken((entry) => entry.since + WINDOW_MS <= before.getTime()));

  return {
    flush,
    async tell(ctx, error, more) {
      if (NOT_TOLD.has(error.kind)) return;
      const event: NewEvent = {
        operation: 'access.refused',
        outcome: 'refused',
        refusal: error.code,
        message: error.message,
        details: error.field ? { field: error.field } : {},
        ...more,
      };
      const key = [
        ctx.actor.kind,
        ctx.actor.id,
        ctx.origin.window,
        networkOf(ctx.origin.ip),
        error.code,
        error.field,
        more?.operation,
        more?.target?.id,
      ].join('\n');
      const entry = seen.get(key);
      if (entry && entry.since + WINDOW_MS > ctx.now.getTime()) {
        entry.more++;
        entry.last = ctx;
        return;
      }
      const counted = seen.size >= most ? taken(() => true) : entry ? [entry] : [];
      seen.set(key, { since: ctx.now.getTime(), more: 0, last: ctx, event });
      await write(ctx, event);
      await writeCounted(counted);
    },
  };
}

/** A host with IPv6 has a whole network of addresses to come from. */
function networkOf(ip: string | null): string | null {
  if (!ip?.includes(':')) return ip;
  const [front = '', back] = ip.split('::');
  const groups = front.split(':');
  return back === undefined || groups.length >= 4 ? groups.slice(0, 4).join(':') : `${front}::`;
}
