import pg from 'pg';
import { storageFault } from './postgres-faults.ts';

/**
 * Whether Signet has ever set this database up; nothing is made in one that belongs to somebody else because of a
 * slip in DATABASE_URL. Undefined when it cannot be asked.
 */
export async function hasSchema(url: string): Promise<boolean | undefined> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 3_000,
    application_name: 'signet',
  });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query(`select to_regclass('schema_migration') is not null as is_there`);
    return rows[0].is_there;
  } catch (error) {
    if (storageFault(error) !== error) return undefined;
    throw error;
  } finally {
    await client.end().catch(() => {});
  }
}
