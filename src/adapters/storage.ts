import { type Connection, connectEmbedded } from './embedded-postgres.ts';
import { findPlace } from './embedded-postgres-place.ts';
import type { Home } from './home.ts';
import type { StorageLog } from './start-refusal.ts';

export interface Storage {
  /** For the driver: `postgresql://…` */
  readonly url: string;
  /** What an operator may read: which database this is, without its password. */
  readonly description: string;
  close(): Promise<void>;
}

export interface StorageOptions {
  home: Home;
  databaseUrl?: string | undefined;
  log: StorageLog;
  /** A server keeps the embedded PostgreSQL up until it closes; a command attaches to it or starts it for itself. */
  use: 'serve' | 'command';
}

/** Opens the database that DATABASE_URL names, else the embedded one of this home. */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  if (options.databaseUrl) {
    return { url: options.databaseUrl, description: describe(options.databaseUrl), close: async () => {} };
  }
  const place = findPlace(options.home);
  const connection: Connection = await connectEmbedded(options, place);
  return {
    url: connection.url,
    description: `PostgreSQL ${connection.version} (embedded), data in ${place.pgdata}`,
    close: () => connection.disconnect(),
  };
}

function describe(databaseUrl: string): string {
  const { hostname, port, pathname, searchParams } = new URL(databaseUrl);
  return `PostgreSQL at ${searchParams.get('host') ?? hostname}:${port || 5432}, database ${pathname.slice(1)}`;
}
