import type { Checkpoint } from './chain.ts';

/** What is wrong with the first bad row. */
export type FaultKind =
  | 'altered'
  | 'missing'
  | 'moved'
  | 'forked'
  | 'tail_missing'
  | 'head_altered'
  | 'rewritten'
  | 'checkpoint_forged'
  | 'key_forged'
  | 'overlooked'
  | 'unsigned'
  | 'not_covered'
  | 'malformed'
  | 'truncated';

export interface Fault {
  kind: FaultKind;
  /** The place in the chain. */
  sequence: number | null;
  eventId: number | null;
  message: string;
}

export interface Verdict {
  ok: boolean;
  /** Sealed events found good. */
  events: number;
  /** The last of them, and the chain's hash there. */
  through: number;
  hash: string;
  checkpoints: number;
  /** Up to here a checkpoint vouches; null when there is none yet. */
  signedThrough: number | null;
  /** The keys that signed; `isOurs` is null in an export, where only `trustedKeys` or a checkpoint kept elsewhere tells. */
  keys: { kid: string; isOurs: boolean | null }[];
  /** The newest events, which are not sealed (in an export: or not signed) yet: nothing can be said of them. */
  unsealed: number;
  fault: Fault | null;
}

export interface VerifyOptions {
  /** A checkpoint that was kept elsewhere: the chain must lead to it. */
  checkpoint?: Checkpoint;
  /** The ids of the keys that may sign; without them every key of the history may. */
  trustedKeys?: readonly string[];
  onProgress?: (done: number, total: number) => void;
}
