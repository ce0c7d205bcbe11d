import type { Services } from '#core/context.ts';
import { removeExpired } from './store.ts';

const DAY_MS = 86_400_000;
/** The audit keeps every logon for good; this table only serves sessions and what looks back at recent ones. */
const LOGONS_KEPT_MS = 90 * DAY_MS;
const READINGS_KEPT_MS = DAY_MS;

/** Removes expired rows, in passes until little is left. Gives how many went. */
export async function tidyUp(services: Services): Promise<number> {
  let removed = 0;
  for (let pass = 0; pass < 20; pass++) {
    const now = services.now();
    const before = (ms: number) => new Date(now.getTime() - ms);
    const count = await removeExpired(services.sql, now, before(LOGONS_KEPT_MS), before(READINGS_KEPT_MS));
    removed += count;
    if (count < 1_000) break;
  }
  return removed;
}
