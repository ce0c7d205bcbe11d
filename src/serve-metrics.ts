import cluster from 'node:cluster';
import { AggregatorRegistry, type Registry } from 'prom-client';

/** How a worker asks for the metrics of all workers, and is answered. Without `text` they could not be had. */
export type MetricsAsked = { type: 'metrics'; id: number };
export type MetricsGiven = { type: 'metrics'; id: number; text?: string };

/** Longer than the primary waits for its workers. */
const PATIENCE_MS = 6_000;

/**
 * The metrics of all workers together, as one of them can tell them: a scrape reaches any one. Undefined in a process that
 * serves alone.
 */
export function metricsOfAll(registry: () => Registry): (() => Promise<string>) | undefined {
  if (!cluster.isWorker) return undefined;
  // Answers the primary, which asks every worker through prom-client's own messages.
  new AggregatorRegistry();
  setImmediate(() => AggregatorRegistry.setRegistries([registry()]));
  let asked = 0;
  return () => {
    const id = ++asked;
    return new Promise((resolve) => {
      const end = (text?: string) => {
        clearTimeout(timer);
        process.off('message', hear);
        resolve(text ?? registry().metrics());
      };
      const hear = (message: MetricsGiven) => {
        if (message.type === 'metrics' && message.id === id) end(message.text);
      };
      const timer = setTimeout(end, PATIENCE_MS);
      process.on('message', hear);
      process.send?.({ type: 'metrics', id } satisfies MetricsAsked);
    });
  };
}

let gathering: AggregatorRegistry<typeof AggregatorRegistry.PROMETHEUS_CONTENT_TYPE> | undefined;

/** The primary's part: what all workers count, added up. Undefined when one of them does not answer in time. */
export async function gatherMetrics(): Promise<string | undefined> {
  gathering ??= new AggregatorRegistry();
  return gathering.clusterMetrics().catch(() => undefined);
}
