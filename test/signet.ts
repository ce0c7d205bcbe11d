import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** Signet as an operator has it: the program, started, and its command line. */
const SIGNET = fileURLToPath(new URL('../bin/signet', import.meta.url));

export type Env = Readonly<Record<string, string | undefined>>;

/** What a program that has ended left behind. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A server that answers. */
export interface Signet {
  readonly url: string;
  readonly pid: number;
  readonly exited: Promise<number | null>;
  /** Everything it has written. */
  log(): string;
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM, and waits. Gives the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL, and waits. */
  kill(): Promise<void>;
}

const servers = new Set<ChildProcess>();
const folders: string[] = [];

after(async () => {
  // What a failing test leaves behind; its PostgreSQL ends with it.
  for (const server of servers) server.kill('SIGTERM');
  await Promise.all([...servers].map((server) => once(server, 'close')));
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 20 });
});

/** A folder of its own for the tests of a file, removed after them. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'signet-started-'));
  chmodSync(folder, 0o711); // as root, PostgreSQL runs as somebody else and has to get through
  folders.push(folder);
  return folder;
}

/** A home that does not exist yet, with these files in it (`web.oauth2/CustomClients/a.json`). */
export function newHome(files: Readonly<Record<string, string | Uint8Array | object>> = {}): string {
  const home = join(temporaryFolder(), 'home');
  for (const [name, content] of Object.entries(files)) put(home, name, content);
  return home;
}

/** Writes a file of a home; an object becomes JSON. */
export function put(home: string, name: string, content: string | Uint8Array | object): void {
  const file = join(home, name);
  mkdirSync(dirname(file), { recursive: true });
  const isText = typeof content === 'string' || content instanceof Uint8Array;
  writeFileSync(file, isText ? content : JSON.stringify(content, null, 2));
}

/** The environment of what we start: ours, without what would lead it to another installation. */
function environment(home: string, env: Env): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(SIGNET_|DATABASE_URL|NODE_TEST_CONTEXT)/.test(name),
  );
  return { ...Object.fromEntries(own), SIGNET_HOME: home, SIGNET_PORT: '0', ...env };
}

/** Starts a server and waits until it is ready. Rejects with what it said when it ends instead. */
export async function startSignet(home: string, env: Env = {}, options: string[] = []): Promise<Signet> {
  const child = spawn(SIGNET, ['serve', ...options], {
    env: environment(home, env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  servers.add(child);
  let text = '';
  child.stdout.on('data', (chunk) => (text += chunk));
  child.stderr.on('data', (chunk) => (text += chunk));
  let hasEnded = false;
  const exited = once(child, 'close').then(([code]) => {
    hasEnded = true;
    servers.delete(child);
    return code as number | null;
  });
  let url: string | undefined;
  await eventually(
    () => `the server is ready; it says:\n${text}`,
    () => {
      if (hasEnded) throw new Error(`the server ended before it was ready:\n${text}`);
      const line = text.split('\n').find((each) => each.includes('"msg":"Signet is ready"'));
      url = line && JSON.parse(line).url;
      return url !== undefined;
    },
    60_000,
  );
  const signal = (name: NodeJS.Signals) => void child.kill(name);
  const end = (name: NodeJS.Signals) => {
    signal(name);
    return exited;
  };
  return {
    url: url as unknown as string,
    pid: child.pid as number,
    exited,
    log: () => text,
    signal,
    stop: () => end('SIGTERM'),
    kill: async () => void (await end('SIGKILL')),
  };
}

/** Runs any program to its end. */
export async function run(
  program: string,
  words: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; input?: string } = {},
): Promise<Finished> {
  const { input = '', ...rest } = options;
  const child = spawn(program, words, { ...rest, stdio: ['pipe', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  child.stdin.on('error', () => {}); // it need not read its input
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}

/** The command line on this home, whatever its exit code. */
export const signet = (home: string, words: readonly string[], input?: string, env: Env = {}) =>
  run(SIGNET, words, { env: environment(home, env), ...(input !== undefined && { input }) });

/** The command line on this home; gives what it printed, and rejects unless it succeeded. */
export async function command(home: string, ...words: string[]): Promise<string> {
  return printed(words, await signet(home, words));
}

/** The same with an environment of its own, such as a DATABASE_URL. */
export const commandWith =
  (home: string, env: Env) =>
  async (...words: string[]): Promise<string> =>
    printed(words, await signet(home, words, undefined, env));

function printed(words: readonly string[], { code, stdout, stderr }: Finished): string {
  if (code !== 0) throw new Error(`signet ${words.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
  return stdout;
}

/** Polls until the condition holds; a failure says what was waited for. */
export async function eventually(
  what: string | (() => string),
  condition: () => boolean | Promise<boolean>,
  within = 20_000,
): Promise<void> {
  for (const until = Date.now() + within; !(await condition()); await sleep(20)) {
    if (Date.now() > until) {
      throw new Error(`still not so after ${within} ms: ${typeof what === 'string' ? what : what()}`);
    }
  }
}
