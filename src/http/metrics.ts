import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** The pool of database connections, as the driver counts it. */
export interface PoolUse {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
}

/** What this process counts. Others add to `registry`; names start with `signet_`. */
export interface Metrics {
  readonly registry: Registry;
  readonly requests: Histogram<'window' | 'route' | 'method' | 'status'>;
  /** Requests that ended in a bug of ours, also where a dialect words that as a success of HTTP. */
  readonly faults: Counter<'window'>;
  /** Requests refused because there were too many. */
  readonly overloaded: Counter;
}

/** Makes the registry of one process. */
export function createMetrics(watched: { pool?: () => PoolUse; underWay?: () => number } = {}): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const { pool, underWay } = watched;
  if (pool) {
    new Gauge({
      name: 'signet_database_connections',
      help: 'Connections to the database, and callers that wait for one',
      labelNames: ['state'] as const,
      registers,
      collect() {
        const { totalCount, idleCount, waitingCount } = pool();
        this.set({ state: 'used' }, totalCount - idleCount);
        this.set({ state: 'idle' }, idleCount);
        this.set({ state: 'waiting' }, waitingCount);
      },
    });
  }
  if (underWay) {
    new Gauge({
      name: 'signet_http_requests_under_way',
      help: 'Requests that have no answer yet',
      registers,
      collect() {
        this.set(underWay());
      },
    });
  }
  return {
    registry,
    requests: new Histogram({
      name: 'signet_http_request_duration_seconds',
      help: 'Time from the head of a request to the end of its answer',
      labelNames: ['window', 'route', 'method', 'status'] as const,
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    }),
    faults: new Counter({
      name: 'signet_http_faults_total',
      help: 'Requests that ended in an unexpected error',
      labelNames: ['window'] as const,
      registers,
    }),
    overloaded: new Counter({
      name: 'signet_http_overloaded_total',
      help: 'Requests refused because the server had too many',
      registers,
    }),
  };
}
