import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** What all processes on one database may be asked to read again. */
export type Reloadable = 'web.oauth2' | 'rest.core' | 'keys';

/** Asked on `signet_reload`, as JSON. */
export interface ReloadRequest {
  id: string;
  service: Reloadable;
  /** With `keys`: the master key that a process must have at hand. */
  key?: string;
}

/** Given on `signet_reloaded`, as JSON. */
export interface ReloadAnswer {
  /** Of the request. */
  id: string;
  /** Of the process that answers, as it stands in the name of its listening connection. */
  listener: string;
  /** For people: `host:pid`. */
  process: string;
  /** What is wrong, a line each; then the process goes on with what it had. */
  faults: string[];
}

export const ASKED = 'signet_reload';
export const ANSWERED = 'signet_reloaded';

/** Every listening connection has this name and its own id, so that whoever asks knows who must answer. */
export const LISTENER_NAME = 'signet reload ';

/** PostgreSQL takes no longer notification than 8000 bytes. */
const LONGEST = 7_500;

/** The answer as a payload; faults that do not fit are counted instead. */
export function answerText(answer: ReloadAnswer): string {
  const { faults } = answer;
  for (let kept = faults.length; ; kept--) {
    const left = faults.length - kept;
    const told = left === 0 ? faults : [...faults.slice(0, kept), `… and ${left} more`];
    const text = JSON.stringify({ ...answer, faults: told });
    if (Buffer.byteLength(text) <= LONGEST || kept === 0) return text;
  }
}

export interface Asked {
  answers: ReloadAnswer[];
  /** How many listen and have not answered in time. */
  silent: number;
}

/** Asks every process on the database, and waits until each of them has answered. */
export async function askProcesses(
  url: string,
  request: Omit<ReloadRequest, 'id'>,
  patienceMs = 15_000,
): Promise<Asked> {
  const id = randomUUID();
  const answers = new Map<string, ReloadAnswer>();
  const client = new pg.Client({
    connectionString: url,
    application_name: 'signet command',
    connectionTimeoutMillis: 5_000,
    query_timeout: 5_000,
  });
  client.on('error', () => {}); // the statement under way fails with the same news
  client.on('notification', ({ payload }) => {
    const answer = JSON.parse(payload ?? '{}') as ReloadAnswer;
    if (answer.id === id) answers.set(answer.listener, answer);
  });
  await client.connect();
  try {
    await client.query(`listen ${ANSWERED}`);
    let waiting = await listeners(client);
    if (waiting.length > 0) {
      await client.query('select pg_notify($1, $2)', [ASKED, JSON.stringify({ ...request, id })]);
    }
    for (const end = Date.now() + patienceMs; waiting.length > 0 && Date.now() < end; ) {
      await sleep(20);
      // Also the round trip that brings notifications; whoever has ended meanwhile need not answer any more.
      const alive = new Set(await listeners(client));
      waiting = waiting.filter((listener) => !answers.has(listener) && alive.has(listener));
    }
    return { answers: [...answers.values()], silent: waiting.length };
  } finally {
    await client.end();
  }
}

async function listeners(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query(
    'select application_name as name from pg_stat_activity where datname = current_database() and starts_with(application_name, $1)',
    [LISTENER_NAME],
  );
  return rows.map((row) => row.name.slice(LISTENER_NAME.length));
}
