import { readdirSync, readFileSync } from 'node:fs';

/** CPU seconds, user and system together. */
export interface Usage {
  /** Of a server with all its workers. */
  server: number;
  database: number;
}

interface Process {
  parent: number;
  isPostgres: boolean;
  seconds: number;
  /** Of children that have ended. */
  childSeconds: number;
}

/** A server, and the process whose PostgreSQL it works on. */
export interface Watched {
  pid: number;
  databaseOf: number;
}

/** What a server and its PostgreSQL have used so far, from /proc. Take the difference of two. */
export function usage({ pid, databaseOf }: Watched): Usage {
  const all = processes();
  const seconds = (wanted: Iterable<Process>) =>
    Array.from(wanted, (p) => p.seconds).reduce((a, b) => a + b, 0);
  const postgres = [...below(all, databaseOf)].filter((p) => p.isPostgres);
  const masters = postgres.filter((p) => !all.get(p.parent)?.isPostgres);
  return {
    server: seconds([...below(all, pid)].filter((p) => !p.isPostgres)),
    database: seconds(postgres) + masters.reduce((sum, p) => sum + p.childSeconds, 0),
  };
}

function* below(all: ReadonlyMap<number, Process>, pid: number): Generator<Process> {
  const own = all.get(pid);
  if (own) yield own;
  for (const [child, { parent }] of all) if (parent === pid) yield* below(all, child);
}

/** Proportional (PSS) and resident (RSS) memory of one process, in MB. */
export function memory(pid: number): { pss: number; rss: number } {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const megabytes = (name: string) => Number(new RegExp(`^${name}: +(\\d+) kB`, 'm').exec(text)?.[1]) / 1024;
  return { pss: megabytes('Pss'), rss: megabytes('Rss') };
}

function processes(): Map<number, Process> {
  const found = new Map<number, Process>();
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) && readIfThere(`/proc/${name}/stat`);
    if (!stat) continue;
    // The name stands in brackets and may itself hold some; what follows is counted from field 3 on (proc_pid_stat(5)).
    const [open, close] = [stat.indexOf('('), stat.lastIndexOf(')')];
    const fields = stat.slice(close + 2).split(' ');
    found.set(Number(name), {
      parent: Number(fields[1]),
      isPostgres: stat.slice(open + 1, close) === 'postgres',
      seconds: secondsOf(name),
      childSeconds: (Number(fields[13]) + Number(fields[14])) / 100, // in ticks, of which there are 100 on every platform
    });
  }
  return found;
}

/** In nanoseconds of each thread (schedstat): finer than the ticks of `stat`. */
function secondsOf(pid: string): number {
  let nanoseconds = 0;
  for (const thread of listIfThere(`/proc/${pid}/task`))
    nanoseconds += Number(readIfThere(`/proc/${pid}/task/${thread}/schedstat`)?.split(' ')[0] ?? 0);
  return nanoseconds / 1e9;
}

function listIfThere(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Processes end while we look. */
function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
