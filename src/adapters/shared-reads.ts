import type { Duplex } from 'node:stream';
import type pg from 'pg';
import type { Statement } from './sql-tag.ts';

type Result = pg.QueryArrayResult;
type Lend = <T>(work: (client: pg.PoolClient) => Promise<T>) => Promise<T>;
type Run = (client: pg.PoolClient, statement: Statement) => Promise<Result>;

interface Asked {
  statement: Statement;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/** Statements on one connection at once: more would only wait for one another. */
const MOST = 4;

/**
 * Runs plain reads that are asked for in the same turn of the event loop on one connection, sent in one packet: an
 * authenticated request reads who calls and what they ask for in the same moment, and a packet costs more than either.
 * Whatever may wait for a lock goes alone, so that nobody stands behind it.
 */
export function sharedReads(lend: Lend, run: Run): (statement: Statement) => Promise<Result> {
  let asked: Asked[] = [];

  function send(): void {
    const all = asked;
    asked = [];
    for (let i = 0; i < all.length; i += MOST) void together(all.slice(i, i + MOST));
  }

  /** Every statement gets its own answer as soon as it is there; only the loss of the connection is everybody's. */
  async function together(some: readonly Asked[]): Promise<void> {
    try {
      await lend(async (client) => {
        const answers = some.map(({ statement, resolve, reject }) =>
          run(client, statement).then(resolve, (error) => {
            reject(error);
            throw error;
          }),
        );
        const lost = (await Promise.allSettled(answers)).findLast((answer) => answer.status === 'rejected');
        // Lending looks at it, and dials again if it was the connection.
        if (lost) throw lost.reason;
      });
    } catch (error) {
      for (const { reject } of some) reject(error); // those that have their answer already keep it
    }
  }

  return (statement) => {
    if (!isPlainRead(statement)) return lend((client) => run(client, statement));
    return new Promise((resolve, reject) => {
      // A tick comes when no microtask is left: whatever was to be asked in this turn has been.
      if (asked.push({ statement, resolve, reject }) === 1) process.nextTick(send);
    });
  };
}

/** What is sent in the same turn of the event loop goes out in one packet. */
export function holdWrites(client: pg.PoolClient): void {
  const { stream } = (client as unknown as { connection: { stream: Duplex } }).connection;
  stream.cork();
  process.nextTick(() => stream.uncork());
}

const known = new Map<string, boolean>();

/** A select that takes no lock. */
function isPlainRead({ name, text }: Statement): boolean {
  if (name === undefined) return false;
  let plain = known.get(name);
  if (plain === undefined) {
    plain =
      /^\s*select\b/i.test(text) &&
      !/\bfor\s+(?:no\s+key\s+)?(?:update|share|key)\b|\bpg_\w*(?:lock|sleep)/i.test(text);
    if (known.size < 5_000) known.set(name, plain);
  }
  return plain;
}
