import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Watched } from './processes.ts';

/** A process that answers HTTP. */
export interface Server extends Watched {
  url: string;
  stop(): Promise<void>;
}

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const running = new Set<ChildProcess>();

/** Ends what is left, if the bench ends in the middle. */
process.on('exit', () => {
  for (const child of running) child.kill('SIGTERM');
});

export interface SignetOptions {
  home: string;
  /** Else the embedded database of the home. */
  databaseUrl?: string;
  /** The process whose PostgreSQL that is; else its own. */
  databaseOf?: number;
  workers?: number;
  environment?: Record<string, string>;
}

/** Starts Signet as an operator does, and waits until it says where it listens. */
export async function startSignet(options: SignetOptions): Promise<Server> {
  const { home, databaseUrl, workers = 1, environment = {} } = options;
  const inherited = Object.entries(process.env).filter(([name]) => !/^(SIGNET_|DATABASE_URL)/.test(name));
  const child = spawn(file('../../bin/signet'), ['serve', '--workers', String(workers)], {
    env: {
      ...Object.fromEntries(inherited),
      SIGNET_HOME: home,
      SIGNET_PORT: '0',
      SIGNET_BOOTSTRAP_PASSWORD: 'not used by anybody',
      ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  child.stderr.on('data', (chunk) => said.push(String(chunk)));
  const lines = createInterface(child.stdout);
  const url = new Promise<string>((resolve, reject) => {
    lines.on('line', (line) => {
      said.push(line);
      if (line.includes('"msg":"Signet is ready"')) resolve(JSON.parse(line).url);
    });
    child.once('exit', () => reject(new Error(`Signet ended before it was ready:\n${said.join('\n')}`)));
  });
  return served(child, await kept(child, url), options.databaseOf);
}

/** Starts one of the servers that Signet is measured against; it gets the parameters as a message and answers its URL. */
export async function startReference(name: string, parameters: object, databaseOf?: number): Promise<Server> {
  const child = fork(file(`./references/${name}`), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = once(child, 'exit').then(() => {
    throw new Error(`${name} ended before it was ready`);
  });
  child.send(parameters);
  const [url] = (await kept(child, Promise.race([once(child, 'message'), ended]))) as [string];
  ended.catch(() => {});
  return served(child, url, databaseOf);
}

function kept<T>(child: ChildProcess, ready: Promise<T>): Promise<T> {
  running.add(child);
  child.once('exit', () => running.delete(child));
  return ready;
}

function served(child: ChildProcess, url: string, databaseOf?: number): Server {
  const pid = child.pid as number;
  return {
    url,
    pid,
    databaseOf: databaseOf ?? pid,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
