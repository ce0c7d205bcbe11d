/** How much is measured. */
export interface Pace {
  rounds: number;
  /** Of one load run. */
  seconds: number;
  warmUp: number;
  opensslSeconds: number;
  /** People of the small installation and of the big one. */
  few: number;
  many: number;
  auditEvents: number;
  /** Of one term. */
  searches: number;
}

export const FULL: Pace = {
  rounds: 3,
  seconds: 4,
  warmUp: 2,
  opensslSeconds: 3,
  few: 10_000,
  many: 1_000_000,
  auditEvents: 200_000,
  searches: 15,
};

/** For somebody at work on one of these: figures of about a fifth more scatter, and a tenth of the people. */
export const QUICK: Pace = {
  rounds: 1,
  seconds: 2,
  warmUp: 1,
  opensslSeconds: 1,
  few: 1_000,
  many: 100_000,
  auditEvents: 20_000,
  searches: 5,
};
