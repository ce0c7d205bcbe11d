import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { bringUp } from '#adapters/bring-up.ts';
import { hasSchema } from '#adapters/has-schema.ts';
import { type Home, isThere, openHome } from '#adapters/home.ts';
import { openKeyStore } from '#adapters/master-key.ts';

import { passwordHasher } from '#adapters/passwords.ts';
import { type Database, openDatabase } from '#adapters/postgres.ts';
import { StartRefusal, type StorageLog } from '#adapters/start-refusal.ts';
import { openStorage, type Storage } from '#adapters/storage.ts';
import { createRefusals } from '#core/audit/audit.ts';
import type { Context, Services } from '#core/context.ts';
import { DomainError } from '#core/errors.ts';
import { isInitialised } from '#core/first-start.ts';
import { type MasterKeys, openMasterKeys } from '#core/keys/master-keys.ts';
import { createVault } from '#core/keys/vault.ts';
import { systemActor } from '#core/roles/actor.ts';

/** What a deployment sets in its environment, as far as commands use it. */
export interface Deployment {
  readonly SIGNET_HOME: string;
  readonly SIGNET_HOST: string;
  readonly SIGNET_PORT: number;
  readonly SIGNET_PUBLIC_URL?: string;
  readonly SIGNET_MASTER_KEY?: string;
  readonly SIGNET_BOOTSTRAP_PASSWORD?: string;
  readonly DATABASE_URL?: string;
}

/** An installation that a command works on: its home, its database and its keys. */
export interface Installation {
  readonly home: Home;
  /** Which database this is, for people. */
  readonly description: string;
  /** For the driver; it may hold a password. */
  readonly url: string;
  readonly database: Database;
  readonly keys: MasterKeys;
  readonly services: Services;
  /** Runs one operation of core as the command line. Its refusals are told to the audit. */
  run<T>(operation: (ctx: Context) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface OpenOptions {
  deployment: Deployment;
  /** A file of master keys that the environment names; it is read again during a rotation. */
  masterKeyFile: string | undefined;
  migrations: string;
  log: StorageLog;
  /** Makes what is not there; otherwise that is refused. */
  create: boolean;
}

/** Beside a running server its database is used; without one it is started for as long as the command takes. */
export async function openInstallation(options: OpenOptions): Promise<Installation> {
  const { deployment, log, create } = options;
  const folder = resolve(deployment.SIGNET_HOME);
  if (!create && !deployment.DATABASE_URL && !isThere(join(folder, 'pgdata'))) throw notYet(`in ${folder}`);
  const home = openHome(folder);
  const storage = await openStorage({ home, databaseUrl: deployment.DATABASE_URL, log, use: 'command' });
  try {
    return await open(options, home, storage);
  } catch (error) {
    await storage.close();
    throw error;
  }
}

const notYet = (where: string) =>
  new StartRefusal(
    `There is no Signet ${where} yet.`,
    'signet init makes one; --home DIR or SIGNET_HOME names another',
  );

/** A command does not wait long for a database that cannot be reached. */
const PATIENCE_MS = 5_000;

async function open(options: OpenOptions, home: Home, storage: Storage): Promise<Installation> {
  const { deployment, migrations, log, create } = options;
  if (!create && (await hasSchema(storage.url)) === false) throw notYet(`in ${storage.description}`);
  await bringUp({ storage, migrations, log, patience: PATIENCE_MS });
  const database = openDatabase({
    url: storage.url,
    max: 4,
    applicationName: 'signet command',
    statementTimeout: 0,
    onError: (error) => log.warn({}, `a connection to the database broke: ${error.message}`),
  });
  const close = async () => {
    await database.close();
    await storage.close();
  };
  try {
    if (!create && !(await isInitialised(database.sql))) throw notYet(`in ${storage.description}`);
    const now = () => new Date();
    const store = openKeyStore(home.folder, {
      SIGNET_MASTER_KEY: deployment.SIGNET_MASTER_KEY,
      SIGNET_MASTER_KEY_FILE: options.masterKeyFile,
    });
    const keys = await openMasterKeys({ ...database, now }, store);
    const vault = createVault(keys);
    const services: Services = {
      sql: database.sql,
      begin: database.begin,
      vault,
      passwords: passwordHasher,
      now,
    };
    return {
      home,
      description: storage.description,
      url: storage.url,
      database,
      keys,
      services,
      run: runner(services, log),
      close,
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

function runner(services: Services, log: StorageLog): Installation['run'] {
  const refusals = createRefusals((error) =>
    log.warn({}, `the audit was not told: ${(error as Error).message}`),
  );
  const actor = systemActor('signet cli');
  const origin = { window: 'cli', requestId: '-', ip: null, clientIdentifier: operatingSystemUser() };
  return async (operation) => {
    const ctx: Context = {
      sql: services.sql,
      services,
      actor,
      origin,
      now: services.now(),
      inTransaction: false,
    };
    try {
      return await operation(ctx);
    } catch (error) {
      if (error instanceof DomainError) await refusals.tell(ctx, error);
      throw error;
    }
  };
}

/** Who sits at the machine, for the audit. A uid without an entry in passwd has no name. */
function operatingSystemUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.()}`;
  }
}
