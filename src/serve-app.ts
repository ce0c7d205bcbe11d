import type { Logger } from 'pino';
import type { Config } from './config.ts';

/** The HTTP side of one process. */
export interface App {
  /** Begins to accept requests. */
  listen(): Promise<{ url: string }>;
  /** Stops accepting, lets requests under way finish, closes the pools. */
  close(): Promise<void>;
  /** Reads the configuration of one service, or of all, again. Gives what is wrong with it; then the old one stays. */
  reload(service?: string): Promise<string[]>;
}

export type StartApp = (options: { config: Config; databaseUrl: string; log: Logger }) => Promise<App>;

/** What runs: the app in this process, or several processes that share its port. */
export interface Running {
  readonly url: string;
  close(): Promise<void>;
  reload(): Promise<string[]>;
}

/** True when the work ended in time. */
export async function within(milliseconds: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

export function sayReloaded(log: Logger, problems: string[]): void {
  for (const problem of problems)
    log.error({ problem }, 'the configuration is broken; the one before stays in use');
  if (problems.length === 0) log.info({}, 'the configuration was read again');
}
