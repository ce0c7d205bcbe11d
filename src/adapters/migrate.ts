import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { StartRefusal } from './start-refusal.ts';

/** The oldest server we run on (architecture: any PostgreSQL 15 or later). */
const OLDEST = 15;
/** Any fixed number: whoever holds this advisory lock migrates, the others wait for it. */
const LOCK = 7_364_638;

interface Migration {
  number: number;
  name: string;
  text: string;
  checksum: string;
}

/** Reads `0001_name.sql …`, in order. */
export function readMigrations(folder: string): Migration[] {
  return readdirSync(folder)
    .filter((file) => /^\d{4}_[a-z0-9-]+\.sql$/.test(file))
    .sort()
    .map((file) => {
      const text = readFileSync(join(folder, file), 'utf8');
      const checksum = createHash('sha256').update(text).digest('hex');
      return { number: Number(file.slice(0, 4)), name: file.slice(5, -4), text, checksum };
    });
}

/**
 * Brings the schema up to date: forward only, one transaction each, under an advisory lock, so that any number of
 * processes may start at once on an empty database. Refuses a server below 15, a migration that was edited after
 * it ran, and a database that a newer Signet has migrated.
 */
export async function migrate(url: string, folder: string): Promise<number> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'signet migrate',
    connectionTimeoutMillis: 10_000,
  });
  client.on('error', () => {}); // the statement under way fails with the same news
  await client.connect();
  try {
    await refuseOldServer(client);
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    return await apply(client, readMigrations(folder));
  } finally {
    await client.end();
  }
}

async function refuseOldServer(client: pg.Client): Promise<void> {
  const { rows } = await client.query('select current_setting($1)::int as number, version() as version', [
    'server_version_num',
  ]);
  if (rows[0].number < OLDEST * 10_000) {
    throw new StartRefusal(
      `Signet needs PostgreSQL ${OLDEST} or later; DATABASE_URL leads to ${rows[0].version}`,
    );
  }
}

async function apply(client: pg.Client, migrations: Migration[]): Promise<number> {
  await client.query(`create table if not exists schema_migration (
    number int primary key, name text not null, checksum text not null, applied_at timestamptz not null default now())`);
  const { rows } = await client.query<Migration>('select number, name, checksum from schema_migration');
  const done = new Map(rows.map((row) => [row.number, row]));
  const newest = migrations.at(-1)?.number ?? 0;
  const foreign = rows.find((row) => row.number > newest);
  if (foreign)
    throw new StartRefusal(
      `The database was migrated by a newer Signet (migration ${foreign.number} ${foreign.name}); start that one`,
    );

  let applied = 0;
  for (const migration of migrations) {
    const before = done.get(migration.number);
    if (before && before.checksum !== migration.checksum) {
      throw new StartRefusal(
        `Migration ${migration.number} ${migration.name} was changed after it had been applied`,
      );
    }
    if (before) continue;
    await applyOne(client, migration);
    applied++;
  }
  return applied;
}

async function applyOne(client: pg.Client, m: Migration): Promise<void> {
  await client.query('begin');
  try {
    await client.query(m.text);
    await client.query('insert into schema_migration (number, name, checksum) values ($1, $2, $3)', [
      m.number,
      m.name,
      m.checksum,
    ]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw new Error(`Migration ${m.number} ${m.name} failed: ${(error as Error).message}`, { cause: error });
  }
}
