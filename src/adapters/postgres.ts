import pg from 'pg';
import type { Sql } from '#core/context.ts';
import { DomainError } from '#core/errors.ts';
import { asksForAnotherTry, storageFault } from './postgres-faults.ts';
import { holdWrites, sharedReads } from './shared-reads.ts';
import { type Statement, tag } from './sql-tag.ts';

type Parse = (text: string) => unknown;

/** Asked for each column of each result. */
const parsers = new Map<number, Parse>([
  [pg.types.builtins.INT8, wholeNumber],
  [pg.types.builtins.DATE, (text) => text], // a date has no time zone
]);

const types = {
  getTypeParser(oid: number): Parse {
    let parse = parsers.get(oid);
    if (!parse) {
      parse = pg.types.getTypeParser(oid) as Parse;
      parsers.set(oid, parse);
    }
    return parse;
  },
};

/** Our counters stay far below 2^53; one that does not is not rounded in silence. */
function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${text} is beyond what a number holds`);
  return number;
}

/** The connections of one process. `sql` runs each statement on a free one; `begin` holds one for a transaction. */
export interface Database {
  readonly sql: Sql;
  readonly pool: pg.Pool;
  begin<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  url: string;
  /** Connections at most; default 10. */
  max?: number;
  applicationName?: string;
  /** Milliseconds a statement may run; default 15 s, 0 for none (migrations, exports). */
  statementTimeout?: number;
  onError?: (error: Error) => void;
}

/** Connects lazily: nothing is dialled before the first statement. */
export function openDatabase(options: DatabaseOptions): Database {
  const statementTimeout = options.statementTimeout ?? 15_000;
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.max ?? 10,
    application_name: options.applicationName ?? 'signet',
    connectionTimeoutMillis: 3_000,
    idleTimeoutMillis: 60_000,
    allowExitOnIdle: true, // a command that fails and forgets to close shall end all the same
    keepAlive: true,
    statement_timeout: statementTimeout,
    // PostgreSQL keeps the limit above; this one is for when it cannot be reached any more, or is stopped.
    ...(statementTimeout > 0 && { query_timeout: statementTimeout + 2_000 }),
    idle_in_transaction_session_timeout: 30_000,
    pipeline: true,
    types,
  } as pg.PoolConfig);
  // An idle connection that breaks is replaced at the next use; without a listener it would end the process.
  pool.on('error', (error) => options.onError?.(error));

  return {
    pool,
    sql: tag(sharedReads((work) => withClient(pool, work), run)),
    begin: (work) => begin(pool, work),
    close: () => pool.end(),
  };
}

const TRIES = 4;

async function begin<T>(pool: pg.Pool, work: (sql: Sql) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await once(pool, work);
    } catch (error) {
      if (attempt === TRIES || !asksForAnotherTry(error)) throw error;
    }
  }
}

async function once<T>(pool: pg.Pool, work: (sql: Sql) => Promise<T>): Promise<T> {
  return withClient(pool, async (client) => {
    try {
      // Not awaited: pipelining sends it together with the first statement of the work.
      const started = client.query('begin');
      started.catch(() => {});
      const result = await work(tag((statement) => run(client, statement)));
      await started;
      const { command } = await client.query('commit');
      // PostgreSQL says ROLLBACK, not an error, when a failed statement was caught by the work.
      if (command !== 'COMMIT') throw new Error('The transaction went on after a statement in it had failed');
      return result;
    } catch (error) {
      await client.query('rollback').catch(() => {}); // fails only with the connection, which is seen below
      throw error;
    }
  });
}

/** Lends a connection of the pool, which keeps it unless it broke: a refused statement is no reason to dial again. */
async function withClient<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  let broken: Error | undefined;
  // A connection that breaks while no statement is under way says so only here.
  const onError = (error: Error) => {
    broken = error;
  };
  let client: pg.PoolClient | undefined;
  try {
    client = await pool.connect();
    client.on('error', onError);
    return await work(client);
  } catch (error) {
    const fault = storageFault(error);
    if (fault instanceof DomainError && fault.code === 'storage.unavailable') broken ??= fault;
    throw fault;
  } finally {
    client?.off('error', onError);
    client?.release(broken);
  }
}

async function run(client: pg.PoolClient, statement: Statement) {
  holdWrites(client);
  try {
    return await client.query({ ...statement, rowMode: 'array' });
  } catch (error) {
    throw storageFault(error);
  }
}
