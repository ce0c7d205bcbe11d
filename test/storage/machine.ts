import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

interface Running {
  pid: number;
  parent: number;
  command: string;
}

/** Every process of this machine; read from /proc where there is one, since starting `ps` takes far longer. */
function processes(): Running[] {
  if (!existsSync('/proc/self/stat')) return processesByPs();
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return [{ pid: Number(name), parent: Number(parent), command }];
    } catch {
      return []; // it has just ended
    }
  });
}

function processesByPs(): Running[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,ppid=,args='], {
    encoding: 'utf8',
    maxBuffer: 10_000_000,
  });
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return command === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command }];
  });
}

/** The process ids of the postmasters that run on a data folder. */
export const postmasters = (data: string): number[] =>
  processes().flatMap(({ pid, command }) =>
    /^\S*\/postgres -D /.test(command) && command.includes(data) ? [pid] : [],
  );

/** The keeper's process: the parent of the postmaster. */
export const parentOf = (pid: number): number => processes().find((other) => other.pid === pid)?.parent ?? 0;

export const childrenOf = (pid: number): number[] =>
  processes().flatMap((other) => (other.parent === pid ? [other.pid] : []));
