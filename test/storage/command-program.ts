// A short command beside, before or after a server. Started by the tests of storage: `<home> <line> [file]`:
// adds the line, once the file is there, and prints all lines.
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { bringUp } from '#adapters/bring-up.ts';
import { openHome } from '#adapters/home.ts';
import { openDatabase } from '#adapters/postgres.ts';
import { StartRefusal } from '#adapters/start-refusal.ts';
import { openStorage } from '#adapters/storage.ts';

const log = { info() {}, warn() {}, error() {} };
const [home = '', line = '', file] = process.argv.slice(2);

try {
  const storage = await openStorage({ home: openHome(home), log, use: 'command' });
  await bringUp({ storage, migrations: fileURLToPath(new URL('./migrations', import.meta.url)), log });
  const db = openDatabase({ url: storage.url });
  while (file !== undefined && !existsSync(file)) await sleep(10);
  await db.sql`insert into written (line) values (${line})`;
  if (line === 'fail') throw new Error('on purpose'); // and nothing is closed
  const rows = await db.sql<{ line: string }>`select line from written order by id`;
  await db.close();
  await storage.close();
  process.stdout.write(JSON.stringify(rows.map((row) => row.line)));
} catch (error) {
  const known = error instanceof StartRefusal;
  process.stderr.write(known ? `${error.message} ${error.hint ?? ''}\n` : `${(error as Error).stack}\n`);
  process.exitCode = 1;
}
