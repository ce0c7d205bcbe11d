/** The candidate that a slip of the finger would most likely have meant; undefined when none is near. */
export function nearest(given: string, candidates: readonly string[]): string | undefined {
  const word = given.toLowerCase();
  let best: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const far = distance(word, candidate.toLowerCase());
    if (far < least) [best, least] = [candidate, far];
  }
  // The beginning of exactly one is as good as a slip.
  const begun = candidates.filter((candidate) => candidate.toLowerCase().startsWith(word));
  return best ?? (begun.length === 1 ? begun[0] : undefined);
}

/** How many letters must be added, dropped, changed or swapped with their neighbour to make b of a. */
function distance(a: string, b: string): number {
  let older: number[] = [];
  let old = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        (row[j - 1] as number) + 1,
        (old[j] as number) + 1,
        (old[j - 1] as number) + (same ? 0 : 1),
        swapped ? (older[j - 2] as number) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [older, old] = [old, row];
  }
  return old[b.length] as number;
}
