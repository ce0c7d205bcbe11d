import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectEmbedded } from '#adapters/embedded-postgres.ts';
import { openHome } from '#adapters/home.ts';

const quiet = { info() {}, warn() {}, error() {} };

/** An embedded PostgreSQL that is gone afterwards. */
export async function temporaryCluster() {
  const folder = mkdtempSync(join(tmpdir(), 'signet-scratch-'));
  const server = await connectEmbedded({
    home: openHome(join(folder, 'home')),
    log: quiet,
    settings: { fsync: 'off' },
  });
  return {
    url: server.url,
    async remove() {
      await server.disconnect();
      rmSync(server.place.folder, { recursive: true, force: true });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
