import { tag } from '#adapters/sql-tag.ts';
import { getPerson } from '#core/people/people.ts';
import type { Ground, Installation } from './installations.ts';
import { type Measured, measure } from './load.ts';
import type { Pace } from './pace.ts';
import { type Server, startReference } from './servers.ts';
import { atLeast, middle, number, type Row } from './table.ts';

/** One person, whole. The reference runs the very statement of core, and nothing else: no token, no scope, no words. */
export async function person(ground: Ground, pace: Pace): Promise<Row[]> {
  const signet = await ground.installation('small', pace.few);
  const ids = await someIds(signet, 200);
  const statement = await statementOf(signet, ids[0] as string);
  const bare = await startReference(
    'person-select.ts',
    { ...statement, databaseUrl: signet.databaseUrl },
    signet.databaseOf,
  );
  const headers = { authorization: `Bearer ${await signet.token('all')}` };
  const paths = ids.map((id) => `/rest.core/api/People/${id}`);
  const run = ({ url, ...server }: Server, seconds = pace.seconds) =>
    measure({ url, paths, headers, connections: 16, seconds }, server);
  try {
    for (const server of [signet, bare]) await run(server, pace.warmUp);
    const ours: Measured[] = [];
    const theirs: Measured[] = [];
    for (let round = 0; round < pace.rounds; round++) {
      ours.push(await run(signet));
      theirs.push(await run(bare));
    }
    const perCpuSecond = (runs: Measured[]) => middle(runs, (r) => r.perCpuSecond);
    const told = (runs: Measured[]) =>
      `${number(perCpuSecond(runs))} per CPU-s, ${number(middle(runs, (r) => r.perSecond))}/s ` +
      `(PostgreSQL ${number(middle(runs, (r) => r.databaseMicroseconds))} µs each)`;
    return [
      {
        what: 'GET person: Fastify and pg with the same select',
        signet: told(ours),
        reference: told(theirs),
        ratio: perCpuSecond(ours) / perCpuSecond(theirs),
        aim: atLeast(0.5),
      },
    ];
  } finally {
    await bare.stop();
  }
}

async function someIds({ database }: Installation, count: number): Promise<string[]> {
  const rows = await database.sql<{ id: string }>`select id from person order by id limit ${count}`;
  return rows.map((row) => row.id);
}

/** The statement that core sends for a person, and which of its values is the id. */
async function statementOf({ ctx, database }: Installation, id: string) {
  const sent: { text: string; values: unknown[] }[] = [];
  const sql = tag((statement) => {
    sent.push(statement);
    return database.pool.query({ ...statement, rowMode: 'array' });
  });
  await getPerson({ ...ctx, sql }, id);
  const last = sent.at(-1);
  if (sent.length !== 1 || !last) throw new Error('core reads a person with another number of statements');
  return { text: last.text, values: last.values, id: last.values.indexOf(id) };
}
