import cluster, { type Worker } from 'node:cluster';
import type { Logger } from 'pino';
import { StartRefusal } from '#adapters/start-refusal.ts';
import type { Config } from './config.ts';
import type { Running } from './serve-app.ts';
import type { FromWorker, ToWorker } from './serve-worker.ts';

/** Milliseconds before a worker is replaced, by how often one has died young. */
const BACK_OFF = [100, 500, 1_000, 2_000, 5_000, 10_000];
/** A worker that lived this long did not die young. */
const STABLE = 30_000;

/** Starts N processes of this same program that share one port. One that dies later is replaced. */
export async function startWorkers(config: Config, databaseUrl: string, log: Logger): Promise<Running> {
  const fleet = new Fleet(databaseUrl, log);
  try {
    const urls = await Promise.all(Array.from({ length: config.SIGNET_WORKERS }, () => fleet.add()));
    fleet.keep();
    return { url: urls[0] as string, close: () => fleet.close(), reload: () => fleet.reload() };
  } catch (error) {
    await fleet.close();
    throw error;
  }
}

const send = (worker: Worker, message: ToWorker) => worker.isConnected() && worker.send(message, () => {});

/** Loaded at the first question only: who does not ask does not pay for it. */
async function answerMetrics(worker: Worker, id: number): Promise<void> {
  const { gatherMetrics } = await import('./serve-metrics.ts');
  const text = await gatherMetrics();
  send(worker, { type: 'metrics', id, ...(text !== undefined && { text }) });
}

class Fleet {
  readonly #databaseUrl: string;
  readonly #log: Logger;
  readonly #workers = new Set<Worker>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #kept = false;
  #closing = false;
  #diedYoung = 0;

  constructor(databaseUrl: string, log: Logger) {
    this.#databaseUrl = databaseUrl;
    this.#log = log;
  }

  /** Starts one; resolves with its address when it listens, rejects when it cannot. */
  add(): Promise<string> {
    const worker = cluster.fork();
    const since = Date.now();
    this.#workers.add(worker);
    return new Promise((resolve, reject) => {
      worker.on('message', (message: FromWorker) => {
        if (message.type === 'hello') send(worker, { type: 'start', databaseUrl: this.#databaseUrl });
        if (message.type === 'listening') resolve(message.url);
        if (message.type === 'failed') reject(failure(message));
        if (message.type === 'metrics') void answerMetrics(worker, message.id);
      });
      worker.on('error', reject);
      worker.on('exit', (code, signal) => {
        this.#workers.delete(worker);
        reject(new StartRefusal(`A worker ended while it started (${signal ?? `exit ${code}`}).`));
        if (this.#kept && !this.#closing) this.#replace(worker.process.pid, code, signal, Date.now() - since);
      });
    });
  }

  /** From now on whoever dies is replaced. */
  keep(): void {
    this.#kept = true;
  }

  #replace(pid: number | undefined, code: number, signal: string | null, age: number): void {
    this.#diedYoung = age < STABLE ? this.#diedYoung + 1 : 0;
    const wait = BACK_OFF[Math.min(this.#diedYoung, BACK_OFF.length) - 1] ?? BACK_OFF[0];
    this.#log.error({ worker: pid, code, signal, replacedInMs: wait }, 'a worker has died');
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.add().catch((error: Error) =>
        this.#log.error({ reason: error.message }, 'a worker could not start'),
      );
    }, wait);
    this.#timers.add(timer);
  }

  /** What is wrong, once for all workers: they read the same files. */
  async reload(): Promise<string[]> {
    const answers = [...this.#workers].map(
      (worker) =>
        new Promise<string[]>((resolve) => {
          const listen = (message: FromWorker) => {
            if (message.type !== 'reloaded') return;
            worker.off('message', listen);
            resolve(message.problems);
          };
          worker.on('message', listen);
          worker.once('exit', () => resolve([]));
          send(worker, { type: 'reload' });
        }),
    );
    return [...new Set((await Promise.all(answers)).flat())];
  }

  /** Every worker drains; resolves when all have ended. */
  async close(): Promise<void> {
    this.#closing = true;
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all(
      [...this.#workers].map(
        (worker) =>
          new Promise<void>((resolve) => {
            worker.once('exit', () => resolve());
            send(worker, { type: 'drain' });
          }),
      ),
    );
  }
}

function failure({ message, code, hint }: Extract<FromWorker, { type: 'failed' }>): Error {
  return hint ? new StartRefusal(message, hint) : Object.assign(new Error(message), code && { code });
}
