/** Limits for tests: a machine that is busy with other tests refuses nobody for that. */
export const UNHURRIED = { eventLoopDelay: Number.POSITIVE_INFINITY } as const;
