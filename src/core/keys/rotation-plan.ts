/** When a key signs. */
export interface Term {
  readonly signsFrom: Date;
  readonly signsUntil: Date;
}

const DAY_MS = 86_400_000;
/** A key that is needed at once signs from before now, so that a process whose clock is behind can use it too. */
const CLOCK_SKEW_MS = 300_000;

/**
 * The key that must be made now, given those of the same algorithm; undefined while there are enough. The next key is
 * made `overlapDays` before the last one ends to sign, so that it is published as long before it signs. Only where no
 * key signs now is one made that signs at once.
 */
export function nextTerm(
  keys: readonly Term[],
  now: Date,
  days: { lifetime: number; overlap: number },
): Term | undefined {
  const time = now.getTime();
  const end = Math.max(...keys.map((key) => key.signsUntil.getTime()));
  const isSigning = keys.some((key) => key.signsFrom.getTime() <= time && time < key.signsUntil.getTime());
  if (isSigning && end - days.overlap * DAY_MS > time) return undefined;
  const from = isSigning ? end : time - CLOCK_SKEW_MS;
  return { signsFrom: new Date(from), signsUntil: new Date(from + days.lifetime * DAY_MS) };
}
