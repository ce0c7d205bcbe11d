import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type Connection, connectEmbedded } from '#adapters/embedded-postgres.ts';
import { openHome } from '#adapters/home.ts';
import { type Database, openDatabase } from '#adapters/postgres.ts';
import type { Context } from '#core/context.ts';
import { addPerson } from '#core/people/people.ts';
import { servicesOver, systemContext } from '../../src/services.ts';
import { clientFile, newSecret, token } from '../api.ts';
import { loadPeople, type Population } from './population.ts';
import { type Server, startSignet } from './servers.ts';

/** A Signet on a database of its own, with people in it and programs that may call it. */
export interface Installation extends Server {
  home: string;
  databaseUrl: string;
  database: Database;
  /** As Signet itself, who may do everything. */
  ctx: Context;
  population: Population;
  /** An access token of one of the programs, which are named after their scope. */
  token(program: Program): Promise<string>;
  secret(program: Program): string;
}

/** What a program may see: everybody, half of all people, a tenth of them, one team. */
export const PROGRAMS = { all: 'all', company: 'division', country: 'division', team: 'department' } as const;
export type Program = keyof typeof PROGRAMS;

/** Everything that one run of the bench stands on; all of it is gone after `close`. */
export interface Ground {
  folder: string;
  /** With its own PostgreSQL as every home has it, shared by the installations of this run. */
  postgres: Connection;
  installation(name: string, people: number): Promise<Installation>;
  close(): Promise<void>;
}

const quiet = { info() {}, warn() {}, error() {} };

export async function prepareGround(): Promise<Ground> {
  const folder = mkdtempSync(join(tmpdir(), 'signet-bench-'));
  chmodSync(folder, 0o711); // as root, PostgreSQL runs as somebody else and has to get through
  const postgres = await connectEmbedded({ home: openHome(join(folder, 'postgres')), log: quiet });
  const made = new Map<string, Promise<Installation>>();
  return {
    folder,
    postgres,
    installation(name, people) {
      const known = made.get(name);
      if (known) return known;
      const next = install(folder, postgres, name, people);
      made.set(name, next);
      return next;
    },
    async close() {
      for (const { status, value } of (await Promise.allSettled(
        made.values(),
      )) as PromiseFulfilledResult<Installation>[]) {
        if (status === 'fulfilled') await value.stop();
      }
      await postgres.disconnect();
      rmSync(postgres.place.folder, { recursive: true, force: true });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function install(
  folder: string,
  postgres: Connection,
  name: string,
  people: number,
): Promise<Installation> {
  const databaseUrl = await newDatabase(postgres, name);
  const home = join(folder, name);
  const secrets = writeClients(home);
  const server = await startSignet({ home, databaseUrl, databaseOf: process.pid });
  const database = openDatabase({
    url: databaseUrl,
    max: 4,
    statementTimeout: 0,
    applicationName: 'signet bench',
  });
  const ctx = systemContext(servicesOver(database, noVault, noPasswords), 'bench');
  const population = await loadPeople(databaseUrl, people);
  await addAccounts(ctx, population);
  const secret = (program: Program) => secrets.get(program) as string;
  return {
    ...server,
    home,
    databaseUrl,
    database,
    ctx,
    population,
    secret,
    token: (program) => token(server.url, program, secret(program)),
    async stop() {
      await server.stop();
      await database.close();
    },
  };
}

/** Accounts and people are added here; neither needs a secret. */
const never = () => {
  throw new Error('the bench keeps no secrets');
};
const noVault = { seal: never, unseal: never };
const noPasswords = { hash: never, verify: never };

async function newDatabase({ url, adminUrl }: Connection, name: string): Promise<string> {
  const address = new URL(url);
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query(
      `create database ${pg.escapeIdentifier(name)} owner ${pg.escapeIdentifier(address.username)}`,
    );
  } finally {
    await client.end();
  }
  address.pathname = `/${name}`;
  return address.href;
}

function writeClients(home: string): Map<Program, string> {
  const folder = join(home, 'web.oauth2', 'CustomClients');
  mkdirSync(folder, { recursive: true });
  const secrets = new Map<Program, string>();
  for (const program of Object.keys(PROGRAMS) as Program[]) {
    const { secret, hash } = newSecret();
    secrets.set(program, secret);
    writeFileSync(join(folder, `${program}.json`), JSON.stringify(clientFile(program, program, hash)));
  }
  return secrets;
}

async function addAccounts(ctx: Context, { company, country, team }: Population): Promise<void> {
  const groups: Record<Program, string> = { all: company, company, country, team };
  for (const [program, scope] of Object.entries(PROGRAMS) as [Program, string][]) {
    await addPerson(ctx, {
      logonName: program,
      firstName: `Bench ${randomUUID()}`,
      groupId: groups[program],
      roles: [{ name: 'Startup User', scope }],
    });
  }
}
