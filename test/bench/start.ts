import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ground } from './installations.ts';
import type { Pace } from './pace.ts';
import { memory } from './processes.ts';
import { startSignet } from './servers.ts';
import { atMost, median, number, type Row } from './table.ts';

/** How long after its start a server that nobody has asked anything is looked at. */
const IDLE_MS = 5_000;

/** A start as an operator has it, with the embedded database; not the first one, which makes that. */
export async function start(ground: Ground, pace: Pace): Promise<Row[]> {
  const home = join(ground.folder, 'start');
  const first = await once(home);
  const starts = [];
  for (let round = 0; round < pace.rounds; round++) starts.push(await once(home));
  const [seconds, pss, rss] = [
    median(starts.map((s) => s.seconds)),
    median(starts.map((s) => s.pss)),
    median(starts.map((s) => s.rss)),
  ];
  return [
    {
      what: 'start until /readyz answers 200, s',
      signet: `${number(seconds)} s; the very first ${number(first.seconds)} s`,
      reference: '',
      ratio: seconds,
      aim: atMost(2, ' s'),
    },
    {
      what: 'idle memory of the server process, RSS in MB',
      signet: `RSS ${number(rss)} MB, PSS ${number(pss)} MB`,
      reference: '',
      ratio: rss,
      aim: atMost(150, ' MB'),
    },
  ];
}

async function once(home: string): Promise<{ seconds: number; pss: number; rss: number }> {
  const started = performance.now();
  const server = await startSignet({ home });
  const { status } = await fetch(`${server.url}/readyz`);
  const seconds = (performance.now() - started) / 1000;
  if (status !== 200) throw new Error(`/readyz says ${status}`);
  await sleep(IDLE_MS);
  const used = memory(server.pid);
  await server.stop();
  return { seconds, ...used };
}
