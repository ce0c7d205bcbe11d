import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(new URL('./server-program.ts', import.meta.url));
const COMMAND = fileURLToPath(new URL('./command-program.ts', import.meta.url));

type Env = Record<string, string>;

/** A process of ours and everything it has said so far. */
export interface Program {
  readonly pid: number;
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  output(): string;
  /** Resolves when the output holds this; rejects when the program ends first. */
  says(text: string | RegExp): Promise<string>;
  signal(signal: NodeJS.Signals): void;
}

export interface Server extends Program {
  readonly url: string;
  readonly home: string;
}

const started = new Set<ChildProcess>();
const homes = new Map<string, string>();

// Whatever a failing test leaves behind.
after(async () => {
  for (const child of started) child.kill('SIGKILL');
  for (const [home, parent] of homes) await removeHome(home, parent);
});

/** A folder for a home of its own, removed after the tests of this file. */
export function temporaryHome(name = 'home'): string {
  const parent = mkdtempSync(join(tmpdir(), 'signet-storage-'));
  chmodSync(parent, 0o755); // PostgreSQL's user passes through it when we are root
  const home = join(parent, name);
  homes.set(home, parent);
  return home;
}

async function removeHome(home: string, parent: string): Promise<void> {
  const data = dataFolder(home);
  await eventually('the database server of a test has ended', () => postmasters(data).length === 0, 30_000);
  if (data !== join(home, 'pgdata')) rmSync(dirname(data), { recursive: true, force: true });
  rmSync(parent, { recursive: true, force: true });
}

/** Where `pgdata` of this home really is. */
export function dataFolder(home: string): string {
  const link = join(home, 'pgdata');
  try {
    return readlinkSync(link);
  } catch {
    return link;
  }
}

/** The process ids of the postmasters that run on a data folder. */
export function postmasters(data: string): number[] {
  const list = spawnSync('ps', ['-eo', 'pid=,args='], {
    encoding: 'utf8',
    maxBuffer: 10_000_000,
  }).stdout.split('\n');
  return list
    .filter((line) => /^\s*\d+ \S*\/postgres -D /.test(line) && line.includes(data))
    .map((line) => Number.parseInt(line, 10));
}

/** The keeper's process: the parent of the postmaster. */
export function parentOf(pid: number): number {
  return Number(spawnSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }).stdout);
}

export function childrenOf(pid: number): number[] {
  const list = spawnSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' }).stdout.trim().split('\n');
  return list
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([child, parent]) => (parent === pid && child ? [child] : []));
}

/** The postmaster that last wrote its pid file; undefined when there is none. */
export function notedPostmaster(home: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(join(dataFolder(home), 'postmaster.pid'), 'utf8'), 10);
  } catch {
    return undefined;
  }
}

export function postmasterOf(home: string): number {
  const [pid, more] = postmasters(dataFolder(home));
  if (pid === undefined || more !== undefined) {
    throw new Error(`${pid === undefined ? 'no' : 'more than one'} postmaster of ${home}`);
  }
  return pid;
}

/** Polls until the condition holds; a failure says what was waited for. */
export async function eventually(
  what: string,
  condition: () => boolean | Promise<boolean>,
  within = 15_000,
): Promise<void> {
  for (const until = Date.now() + within; !(await condition()); await sleep(10)) {
    if (Date.now() > until) throw new Error(`still not so after ${within} ms: ${what}`);
  }
}

/** Starts a program; `wrap` puts a command in front, such as one that changes the user. */
export function startProgram(args: string[], env: Env = {}, wrap: string[] = []): Program {
  const [command = '', ...rest] = [...wrap, process.execPath, ...args];
  const child = spawn(command, rest, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  started.add(child);
  let text = '';
  child.stdout.on('data', (chunk) => (text += chunk));
  child.stderr.on('data', (chunk) => (text += chunk));
  const exited = once(child, 'close').then(([code]) => {
    started.delete(child);
    return code as number | null;
  });
  let ended = false;
  void exited.then(() => (ended = true));
  const output = () => text;
  return {
    pid: child.pid ?? 0,
    child,
    exited,
    output,
    async says(wanted) {
      const found = () => (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text));
      await eventually(`output with ${wanted}; it is: ${text}`, () => found() || ended, 60_000);
      if (!found()) throw new Error(`the program ended without saying ${wanted}; it said: ${text}`);
      return text;
    },
    signal: (signal) => child.kill(signal),
  };
}

export const startServerProgram = (home: string, env: Env = {}, wrap: string[] = []) =>
  startProgram([SERVER], { SIGNET_HOME: home, SIGNET_PORT: '0', ...env }, wrap);

/** Starts a server and waits until it is ready. */
export async function startServer(home: string, env: Env = {}, wrap: string[] = []): Promise<Server> {
  const program = startServerProgram(home, env, wrap);
  const text = await program.says('"msg":"Signet is ready"');
  const ready = text.split('\n').find((line) => line.includes('Signet is ready')) ?? '';
  return { ...program, url: JSON.parse(ready).url, home };
}

export async function kill(program: Program): Promise<void> {
  program.signal('SIGKILL');
  await program.exited;
}

export async function stop(program: Program): Promise<number | null> {
  program.signal('SIGTERM');
  return program.exited;
}

/** Runs the command to its end: the lines it found, in order. */
export async function runCommand(home: string, line: string, seconds = 0): Promise<string[]> {
  const program = startProgram([COMMAND, home, line, String(seconds)]);
  if ((await program.exited) !== 0) throw new Error(`the command failed: ${program.output()}`);
  return JSON.parse(program.output());
}

export const startCommand = (home: string, line: string, seconds = 0) =>
  startProgram([COMMAND, home, line, String(seconds)]);

export interface Answer {
  status: number;
  body: string;
}

/** Status 0 when nobody answers. */
export async function ask(url: string, method = 'GET'): Promise<Answer> {
  try {
    const response = await fetch(url, { method, signal: AbortSignal.timeout(60_000) });
    return { status: response.status, body: await response.text() };
  } catch (error) {
    return { status: 0, body: String((error as Error).cause ?? error) };
  }
}

/** Writers that put lines, each as soon as its last one was answered, and remember which ones were acknowledged. */
export class Writers {
  readonly acknowledged: string[] = [];
  readonly refused: Answer[] = [];
  #url: string | undefined;
  #stopped = false;
  #next = 0;
  readonly #loops: Promise<void>[];

  constructor(count = 4) {
    this.#loops = Array.from({ length: count }, () => this.#write());
    after(() => this.stop());
  }

  /** Where to write from now on; nowhere while undefined. */
  aim(url: string | undefined): void {
    this.#url = url;
  }

  async #write(): Promise<void> {
    while (!this.#stopped) {
      const url = this.#url;
      if (url === undefined) {
        await sleep(5);
        continue;
      }
      const line = `line-${this.#next++}`;
      const answer = await ask(`${url}/${line}`, 'PUT');
      if (answer.status === 201) this.acknowledged.push(line);
      else {
        this.refused.push(answer);
        await sleep(10);
      }
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#loops);
  }
}

/** Every line that a server has stored. */
export async function storedLines(url: string): Promise<Set<string>> {
  const { body } = await ask(`${url}/lines`);
  return new Set(JSON.parse(body) as string[]);
}

export const noteOf = (home: string) =>
  JSON.parse(readFileSync(join(dirname(dataFolder(home)), 'run', 'server.json'), 'utf8'));

/** The names in a folder; none when it is not there. */
export const listFolder = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).sort() : [];
