import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { postmasters } from './machine.ts';

const SERVER = fileURLToPath(new URL('./server-program.ts', import.meta.url));
/** Programs that start a hundred times need not be translated each time. */
const COMPILED = fileURLToPath(new URL('../../node_modules/.cache/signet-tests', import.meta.url));
const COMMAND = fileURLToPath(new URL('./command-program.ts', import.meta.url));

/** Ours, without what would lead a program to another installation. */
const ENVIRONMENT = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(SIGNET_|DATABASE_URL|NODE_TEST)/.test(name)),
  ),
  NODE_COMPILE_CACHE: COMPILED,
};

type Env = Record<string, string>;
type As = { uid?: number; gid?: number };

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

let seed: Promise<string> | undefined;

/** A home whose database has been made already, with no line in it: a copy, which is quicker than making one. */
export async function madeHome(): Promise<string> {
  seed ??= makeSeed();
  const [from, home] = [await seed, temporaryHome()];
  const copy = startProgram(['cp', '-a', from, home]);
  if ((await copy.exited) !== 0) throw new Error(copy.output());
  return home;
}

async function makeSeed(): Promise<string> {
  const home = temporaryHome();
  await stop(await startServer(home));
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
  within = 60_000,
): Promise<void> {
  for (const until = Date.now() + within; !(await condition()); await sleep(10)) {
    if (Date.now() > until) throw new Error(`still not so after ${within} ms: ${what}`);
  }
}

/** Starts a program, as somebody else if so wanted. */
export function startProgram([program = '', ...args]: string[], env: Env = {}, as: As = {}): Program {
  const child = spawn(program, args, {
    ...as,
    cwd: '/',
    env: { ...ENVIRONMENT, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
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
      await eventually(`output with ${wanted}; it is: ${text}`, () => found() || ended, 120_000);
      if (!found()) throw new Error(`the program ended without saying ${wanted}; it said: ${text}`);
      return text;
    },
    signal: (signal) => child.kill(signal),
  };
}

/** `wrap` puts a command in front, such as one that gives it a file system of its own. */
export const startServerProgram = (home: string, env: Env = {}, wrap: string[] = []) =>
  startProgram([...wrap, process.execPath, SERVER], { SIGNET_HOME: home, SIGNET_PORT: '0', ...env });

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
export const runCommand = (home: string, line: string) => linesOf(startCommand(home, line));

/** With a file named, it holds the database until that is there. */
export const startCommand = (home: string, line: string, file?: string) =>
  startProgram([process.execPath, COMMAND, home, line, ...(file ? [file] : [])]);

export async function linesOf(command: Program): Promise<string[]> {
  if ((await command.exited) !== 0) throw new Error(`the command failed: ${command.output()}`);
  return JSON.parse(command.output());
}

export interface Answer {
  status: number;
  body: string;
}

/** Asks on a connection of its own, so that any worker may get it. Status 0 when nobody answers. */
export function ask(url: string, method = 'GET'): Promise<Answer> {
  return new Promise((resolve) => {
    const failed = (error: Error) => resolve({ status: 0, body: error.message });
    const call = request(url, { method, agent: false, timeout: 60_000 }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      response.on('error', failed);
    });
    call.on('timeout', () => call.destroy(new Error('no answer within a minute')));
    call.on('error', failed);
    call.end();
  });
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
        await sleep(50);
      }
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#loops);
  }

  /** Ends them; every refusal must have been said as it should be, and every acknowledged line must be there. */
  async verify(url: string): Promise<void> {
    await this.stop();
    const odd = this.refused.filter(({ status, body }) => status !== 503 || body !== 'storage.unavailable');
    assert.deepEqual(odd, []);
    await this.verifyStored(url);
  }

  async verifyStored(url: string): Promise<void> {
    const stored = await storedLines(url);
    const lost = this.acknowledged.filter((line) => !stored.has(line));
    assert.deepEqual(lost, []);
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
