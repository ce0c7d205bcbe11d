import type { LoadLimits } from './overload.ts';

/** What one caller, or all together, may ask of the server. Times in milliseconds. */
export interface Limits extends LoadLimits {
  /** Connections at once; more are closed at once. */
  readonly connections: number;
  /** Characters of an address. */
  readonly urlLength: number;
  /** Bytes of all headers, with the request line. */
  readonly headerSize: number;
  /** For the headers to come in, from the first byte on. */
  readonly headersTimeout: number;
  /** For the whole request to come in. */
  readonly requestTimeout: number;
  /** Of silence on a connection in the middle of an exchange. */
  readonly idleTimeout: number;
  /** Of silence between two requests; longer than balancers keep theirs. */
  readonly keepAliveTimeout: number;
  /** How often the two before are looked at. */
  readonly checkInterval: number;
}

export const DEFAULT_LIMITS: Limits = {
  requestsUnderWay: 1000,
  eventLoopDelay: 1000,
  handlerTimeout: 75_000, // above the longest poll, 60 s
  connections: 10_000,
  urlLength: 8192,
  headerSize: 16_384,
  headersTimeout: 15_000,
  requestTimeout: 120_000,
  idleTimeout: 120_000,
  keepAliveTimeout: 75_000,
  checkInterval: 5000,
};
