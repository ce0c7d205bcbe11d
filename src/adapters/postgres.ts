import { createHash } from 'node:crypto';
import pg from 'pg';
import { type Sql, SqlJson, type SqlQuery, type SqlValue } from '#core/context.ts';
import { DomainError } from '#core/errors.ts';
import { asksForAnotherTry, storageFault } from './postgres-faults.ts';
import { type Statement, sharedReads } from './shared-reads.ts';

type Part = SqlValue | SqlQuery<object>;
type Runner = (statement: Statement) => Promise<pg.QueryArrayResult>;

const types = {
  getTypeParser(oid: number, format?: string) {
    if (oid === pg.types.builtins.INT8) return wholeNumber;
    if (oid === pg.types.builtins.DATE) return (text: string) => text; // a date has no time zone
    return pg.types.getTypeParser(oid, format as 'text');
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
  try {
    return await client.query({ ...statement, rowMode: 'array' });
  } catch (error) {
    throw storageFault(error);
  }
}

/** Makes the `sql` tag over something that runs statements. */
export function tag(runner: Runner): Sql {
  const sql = <Row extends object>(strings: TemplateStringsArray, ...values: Part[]): SqlQuery<Row> =>
    toQuery(runner, { strings, values }, nameOf);
  return Object.assign(sql, {
    json: (value: unknown) => new SqlJson(value),
    unprepared: <Row extends object>(query: SqlQuery<Row>): SqlQuery<Row> =>
      toQuery(runner, query, () => undefined),
  });
}

type Text = Pick<SqlQuery<object>, 'strings' | 'values'>;

/** Only what the tag made is ever written as SQL: an object of that shape in a request is not. */
const made = new WeakSet<object>();
const isQuery = (value: Part): value is SqlQuery<object> => made.has(value as object);

function toQuery<Row extends object>(
  runner: Runner,
  { strings, values }: Text,
  name: (text: string) => string | undefined,
): SqlQuery<Row> {
  let started: Promise<Row[]> | undefined;
  const query: SqlQuery<Row> = {
    strings,
    values,
    // biome-ignore lint/suspicious/noThenProperty: awaiting the statement is what runs it
    then(resolve, reject) {
      started ??= execute<Row>(runner, { strings, values }, name);
      return started.then(resolve, reject);
    },
  };
  made.add(query);
  return query;
}

async function execute<Row extends object>(
  runner: Runner,
  query: Text,
  nameOf: (text: string) => string | undefined,
) {
  const { text, values } = statementOf(query);
  const result = await runner({ name: nameOf(text), text, values });
  const columns = result.fields.map((f) => camelCase(f.name));
  return result.rows.map((cells) => {
    const row: Record<string, unknown> = {};
    for (let i = 0; i < columns.length; i++) row[columns[i] as string] = cells[i];
    return row as Row;
  });
}

/** The texts of statements that no other one is a part of, by the template that made them: always the same. */
const texts = new WeakMap<readonly string[], string>();

function statementOf(query: Text): { text: string; values: unknown[] } {
  const isWhole = !query.values.some(isQuery);
  const known = isWhole ? texts.get(query.strings) : undefined;
  if (known !== undefined)
    return { text: known, values: query.values.map((value) => toParameter(value as SqlValue)) };
  const values: unknown[] = [];
  const text = write(query, values);
  if (isWhole) texts.set(query.strings, text);
  return { text, values };
}

function write(query: Text, values: unknown[]): string {
  let text = query.strings[0] ?? '';
  query.values.forEach((value, i) => {
    if (isQuery(value)) text += write(value, values);
    else text += `$${values.push(toParameter(value))}`;
    text += query.strings[i + 1] ?? '';
  });
  return text;
}

/** Types are not there when a request is read: what is none of SqlValue is refused, not guessed at by the driver. */
function toParameter(value: SqlValue): unknown {
  if (typeof value === 'string') return wellFormed(value);
  if (value === null || value === undefined) return null;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return value;
  if (value instanceof SqlJson) return value.text;
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value;
  if (value instanceof Uint8Array) return asBuffer(value);
  if (Array.isArray(value)) return value.map(toParameter);
  throw new DomainError('request.invalid', { cause: new TypeError(`not a parameter: ${typeof value}`) });
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Half of a surrogate pair would be stored as another character in silence. */
function wellFormed(text: string): string {
  if (!text.isWellFormed()) throw new DomainError('request.invalid');
  return text;
}

const names = new Map<string, string>();
function nameOf(text: string): string {
  let name = names.get(text);
  if (!name) {
    name = createHash('sha256').update(text).digest('base64url').slice(0, 20);
    if (names.size < 5_000) names.set(text, name);
  }
  return name;
}

const camels = new Map<string, string>();
function camelCase(column: string): string {
  let camel = camels.get(column);
  if (!camel) {
    camel = column.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
    if (camels.size < 5_000) camels.set(column, camel);
  }
  return camel;
}
