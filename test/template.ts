import { createHash } from 'node:crypto';
import { mkdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { type Connection, connectEmbedded } from '#adapters/embedded-postgres.ts';
import { openHome } from '#adapters/home.ts';
import { migrate, readMigrations } from '#adapters/migrate.ts';

const MIGRATIONS = fileURLToPath(new URL('../migrations', import.meta.url));

/** What is tested is never lost by a power cut. */
const FAST = {
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  max_wal_size: '4GB',
  autovacuum: 'off',
};

const quiet = { info() {}, warn() {}, error() {} };

/** The embedded PostgreSQL in this folder, tuned for tests; it runs until its last user disconnects. */
export function startTestPostgres(folder: string): Promise<Connection> {
  return connectEmbedded({ home: openHome(folder), log: quiet, settings: FAST });
}

/** The home of the PostgreSQL that test files share when they are run without scripts/test.ts. */
export function sharedFolder(): string {
  const folder = join(tmpdir(), `signet-test-${process.getuid?.() ?? 0}`);
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  if (statSync(folder).uid !== (process.getuid?.() ?? 0))
    throw new Error(`${folder} belongs to somebody else`);
  return folder;
}

/**
 * Makes the migrated database that every test file's own is cloned from, once per state of the migrations, and gives
 * its address. It belongs to `role`, an ordinary role that may make databases.
 */
export async function makeTemplate(
  adminUrl: string,
  role: { name: string; password: string },
): Promise<string> {
  const sums = readMigrations(MIGRATIONS).map((m) => m.checksum);
  const name = `template_${createHash('sha256').update(sums.join()).digest('hex').slice(0, 16)}`;
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  url.username = role.name;
  url.password = role.password;

  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock(1)'); // several test files may be started at once
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (rowCount === 0) await build(client, name, role.name, url);
  } finally {
    await client.end();
  }
  return url.href;
}

/** Under another name until it is complete. */
async function build(client: pg.Client, name: string, role: string, url: URL): Promise<void> {
  await client.query(`alter role ${role} createdb`);
  await client.query(`drop database if exists ${name}_draft with (force)`);
  await client.query(`create database ${name}_draft owner ${role}`);
  const draft = new URL(url);
  draft.pathname += '_draft';
  await migrate(draft.href, MIGRATIONS);
  await client.query(`alter database ${name}_draft rename to ${name}`);
}
