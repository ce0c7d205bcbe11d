import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Usage, usage, type Watched } from './processes.ts';

/** Requests to send for a while, over connections that are kept. */
export interface Load {
  url: string;
  connections: number;
  /** At most 8. */
  seconds: number;
  method?: 'GET' | 'POST';
  headers?: Record<string, string>;
  body?: string;
  /** Sent in turn, below the URL. */
  paths?: string[];
  /** Every occurrence in the body gets another number behind it with each request. */
  numbered?: string;
}

export interface Outcome {
  answers: number;
  failures: number;
  perSecond: number;
  /** Median latency. */
  milliseconds: number;
}

/** What one run gave, and what it took. */
export interface Measured extends Outcome {
  /** Answers for each second that the server's processes were on a CPU. */
  perCpuSecond: number;
  /** CPU microseconds for each answer. */
  serverMicroseconds: number;
  databaseMicroseconds: number;
}

const PROGRAM = fileURLToPath(new URL('./load-program.ts', import.meta.url));

/** Puts a load on a server and measures what its processes and PostgreSQL take for it. An error answer is a failure. */
export async function measure(load: Load, watched: Watched): Promise<Measured> {
  const program = fork(PROGRAM, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = once(program, 'exit');
  await once(program, 'message');
  const before = usage(watched);
  program.send(load);
  const [outcome] = (await Promise.race([once(program, 'message'), ended.then(failed)])) as [Outcome];
  const used = since(before, watched);
  await ended;
  if (outcome.failures > 0 || outcome.answers === 0)
    throw new Error(`${load.url}: ${outcome.failures} failures, ${outcome.answers} answers`);
  return {
    ...outcome,
    perCpuSecond: outcome.answers / used.server,
    serverMicroseconds: (used.server / outcome.answers) * 1e6,
    databaseMicroseconds: (used.database / outcome.answers) * 1e6,
  };
}

export function since(before: Usage, watched: Watched): Usage {
  const now = usage(watched);
  return { server: now.server - before.server, database: now.database - before.database };
}

function failed(): never {
  throw new Error('the load generator ended without a result');
}
