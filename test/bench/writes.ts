import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Ground, Installation } from './installations.ts';
import { type Load, type Measured, measure, since } from './load.ts';
import type { Pace } from './pace.ts';
import { usage } from './processes.ts';
import type { Adding } from './references/adder.ts';
import { type Server, startSignet } from './servers.ts';
import { atLeast, middle, number, type Row } from './table.ts';

/**
 * Audited changes by two processes against one. A machine with no more cores than there are workers also has PostgreSQL
 * and the load generator to run on them, so both are told: the rates, and what each change takes of a CPU. If a
 * change takes no more with two processes than with one, they do not stand in each other's way.
 */
export async function writes(ground: Ground, pace: Pace): Promise<Row[]> {
  const small = await ground.installation('small', pace.few);
  const { home, databaseUrl, databaseOf } = small;
  const two = await startSignet({ home, databaseUrl, databaseOf, workers: 2 });
  try {
    return [...(await overHttp(small, two, pace)), ...(await throughCore(small, pace))];
  } finally {
    await two.stop();
  }
}

async function overHttp(one: Installation, two: Server, pace: Pace): Promise<Row[]> {
  const token = await one.token('all');
  const run = async (server: Server, connections: number, seconds = pace.seconds) =>
    measure(adding(server.url, token, one.population.team, connections, seconds), server);
  const rows: Row[] = [];
  for (const server of [one, two]) await run(server, 8, pace.warmUp);
  for (const connections of [2, 8]) {
    const [single, double]: [Measured[], Measured[]] = [[], []];
    for (let round = 0; round < pace.rounds; round++) {
      single.push(await run(one, connections));
      double.push(await run(two, connections));
    }
    rows.push(...compared(`POST people, ${connections} at once`, single, double));
  }
  return rows;
}

const adding = (url: string, token: string, group: string, connections: number, seconds: number): Load => {
  const name = `added-${randomUUID()}-`;
  return {
    url,
    connections,
    seconds,
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    paths: ['/rest.core/api/People'],
    body: JSON.stringify({ logonName: name, name: { first: 'Added', last: name }, group: { id: group } }),
    numbered: name,
  };
};

type Run = Pick<Measured, 'perSecond' | 'serverMicroseconds' | 'databaseMicroseconds'>;

function compared(what: string, single: readonly Run[], double: readonly Run[]): Row[] {
  const told = (runs: readonly Run[]) =>
    `${number(middle(runs, (r) => r.perSecond))}/s, each ${number(middle(runs, (r) => r.serverMicroseconds))} µs CPU ` +
    `and PostgreSQL ${number(middle(runs, (r) => r.databaseMicroseconds))} µs`;
  const perCpuSecond = (runs: readonly Run[]) =>
    1e6 / middle(runs, (r) => r.serverMicroseconds + r.databaseMicroseconds);
  return [
    {
      what: `${what}: two processes against one, by the clock`,
      signet: told(double),
      reference: told(single),
      ratio: middle(double, (r) => r.perSecond) / middle(single, (r) => r.perSecond),
    },
    {
      what: `${what}: two processes against one, by CPU time of server and PostgreSQL`,
      signet: `${number(perCpuSecond(double))} per CPU-s`,
      reference: `${number(perCpuSecond(single))} per CPU-s`,
      ratio: (2 * perCpuSecond(double)) / perCpuSecond(single),
      aim: atLeast(1.7),
    },
  ];
}

async function throughCore(signet: Installation, pace: Pace): Promise<Row[]> {
  const [single, double]: [Run[], Run[]] = [[], []];
  for (let round = 0; round < pace.rounds; round++) {
    single.push(await addThroughCore(signet, 1, pace.seconds));
    double.push(await addThroughCore(signet, 2, pace.seconds));
  }
  return compared('addPerson of core, 4 at once in each process', single, double);
}

const ADDER = fileURLToPath(new URL('./references/adder.ts', import.meta.url));

async function addThroughCore(signet: Installation, processes: number, seconds: number): Promise<Run> {
  const { databaseUrl, databaseOf, population } = signet;
  const adders = Array.from({ length: processes }, () => {
    const child = fork(ADDER, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const task: Adding = {
      databaseUrl,
      groupId: population.team,
      name: `core.${randomUUID()}`,
      atOnce: 4,
      seconds,
    };
    child.send(task);
    return { child, watched: { pid: child.pid as number, databaseOf } };
  });
  const told = () =>
    Promise.all(adders.map(async ({ child }) => (await once(child, 'message'))[0] as number));
  await told();
  const before = adders.map(({ watched }) => usage(watched));
  const results = told();
  for (const { child } of adders) child.send('go');
  const added = (await results).reduce((a, b) => a + b, 0);
  const used = adders.map(({ watched }, i) => since(before[i] as (typeof before)[0], watched));
  for (const { child } of adders) child.disconnect();
  return {
    perSecond: added / seconds,
    serverMicroseconds: (used.reduce((sum, { server }) => sum + server, 0) / added) * 1e6,
    databaseMicroseconds: ((used[0]?.database ?? 0) / added) * 1e6,
  };
}
