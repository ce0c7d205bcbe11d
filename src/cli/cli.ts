import type { StorageLog } from '#adapters/start-refusal.ts';
import type { Context } from '#core/context.ts';
import { askSecret, readAll } from './ask.ts';
import type { Deployment, Installation } from './installation.ts';
import { type Progress, startProgress } from './progress.ts';

/** What the command line runs in: the process, or a test. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly version: string;
  /** Folders of the program itself: migrations and shipped configuration. */
  readonly migrations: string;
  readonly config: string;
  /** Reads the environment. Throws ConfigError. */
  deployment(env: Surroundings['env']): Promise<Deployment>;
  /** Serves until it is told to stop; gives the exit code. */
  serve(env: Surroundings['env']): Promise<number>;
}

/** What a command works with. */
export interface Cli {
  readonly surroundings: Surroundings;
  readonly json: boolean;
  readonly progress: Progress;
  /** The environment, with the options that stand for a part of it. */
  readonly env: Surroundings['env'];
  deployment(): Promise<Deployment>;
  /** The installation; opened once, and closed after the command. */
  installation(options?: { create?: boolean }): Promise<Installation>;
  /** Runs an operation of core on the installation. */
  run<T>(operation: (ctx: Context) => Promise<T>): Promise<T>;
  /** A secret from standard input, asked for where somebody sits at a terminal. */
  secret(what: string): Promise<string>;
  stdin(): Promise<string>;
  /** A line for whoever watches, with `--json` a `{note}`; never part of the result. */
  note(line: string): void;
}

export interface OpenCli {
  cli: Cli;
  close(): Promise<void>;
}

export function openCli(
  surroundings: Surroundings,
  { home, json }: { home: string | undefined; json: boolean },
): OpenCli {
  const { stdin, stderr } = surroundings;
  const env =
    home === undefined
      ? surroundings.env
      : { ...surroundings.env, SIGNET_HOME: home, SIGNET_HOME_FILE: undefined };
  const progress = startProgress(stderr);
  const note = (line: string) => {
    progress.end();
    stderr.write(json ? `${JSON.stringify({ note: line.replace(/^signet: /, '') })}\n` : `${line}\n`);
  };
  let deployment: Promise<Deployment> | undefined;
  let installation: Promise<Installation> | undefined;

  const cli: Cli = {
    surroundings,
    json,
    progress,
    env,
    deployment: () => (deployment ??= surroundings.deployment(env)),
    installation: ({ create = false } = {}) => {
      installation ??= (async () => {
        progress.at('opening the database');
        const { openInstallation } = await import('./installation.ts');
        return openInstallation({
          deployment: await cli.deployment(),
          masterKeyFile: env.SIGNET_MASTER_KEY_FILE,
          migrations: surroundings.migrations,
          log: logOf(note),
          create,
        });
      })();
      return installation;
    },
    run: async (operation) => (await cli.installation()).run(operation),
    secret: (what) => askSecret(what, stdin, stderr),
    stdin: () => readAll(stdin),
    note,
  };
  const close = async () => {
    progress.end();
    await (await installation?.catch(() => undefined))?.close();
  };
  return { cli, close };
}

/** Only what an operator should know reaches the terminal. */
const logOf = (note: (line: string) => void): StorageLog => ({
  info() {},
  warn: (_, message) => note(`signet: ${message}`),
  error: (_, message) => note(`signet: ${message}`),
});
