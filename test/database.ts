import { randomBytes } from 'node:crypto';
import { after } from 'node:test';
import pg from 'pg';
import { type Database, openDatabase } from '#adapters/postgres.ts';
import { makeTemplate, sharedFolder, startTestPostgres } from './template.ts';

export interface TestDatabase {
  readonly url: string;
  readonly db: Database;
  drop(): Promise<void>;
}

/**
 * A migrated, empty database for the calling test file; dropped after its tests. The server is the one that
 * scripts/test.ts started (SIGNET_TEST_DATABASE names its template), else one that is started for this file and
 * others that run now.
 */
export async function testDatabase(): Promise<TestDatabase> {
  const server = await testServer();
  const template = new URL(server.template).pathname.slice(1);
  const { url, remove } = await make(server, `template ${template}`);
  const db = openDatabase({ url });

  let dropped: Promise<void> | undefined;
  const drop = () => {
    dropped ??= db.close().then(remove);
    return dropped;
  };
  after(drop);
  return { url, db, drop };
}

/** The address of a database with nothing in it, not even the schema; dropped after the tests of the calling file. */
export async function emptyDatabase(): Promise<string> {
  const { url, remove } = await make(await testServer(), '');
  after(remove);
  return url;
}

async function make(server: TestServer, options: string): Promise<{ url: string; remove(): Promise<void> }> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await run(server.template, `create database ${name} ${options}`);
  const remove = async () => {
    await run(server.template, `drop database ${name} with (force)`);
    await server.leave();
  };
  return { url: onServer(server.template, name), remove };
}

interface TestServer {
  readonly template: string;
  leave(): Promise<void>;
}

async function testServer(): Promise<TestServer> {
  const given = process.env.SIGNET_TEST_DATABASE;
  if (given) return { template: given, leave: async () => {} };
  const server = await startTestPostgres(sharedFolder());
  const role = new URL(server.url);
  const template = await makeTemplate(server.adminUrl, { name: role.username, password: role.password });
  return { template, leave: () => server.disconnect() };
}

function onServer(template: string, database: string): string {
  const url = new URL(template);
  url.pathname = `/${database}`;
  return url.href;
}

/** Nobody may be connected to a template while it is cloned, so this goes through the database `postgres`. */
async function run(template: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: onServer(template, 'postgres') });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
