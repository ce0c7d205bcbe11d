import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

const BIN = '/usr/lib/postgresql/15/bin';

export interface Postgres15 {
  adminUrl: string;
  role: { name: string; password: string };
  stop(): Promise<void>;
}

/** Debian's PostgreSQL 15, the oldest that Signet runs on: on a free port of loopback, in a temporary folder. */
export async function startPostgres15(): Promise<Postgres15> {
  const folder = mkdtempSync(join(tmpdir(), 'signet-postgres15-'));
  const as = unprivileged();
  if (as) chownSync(folder, as.uid, as.gid);
  const options = { ...as, cwd: '/' };
  const data = join(folder, 'data');
  const secret = join(folder, 'password');
  const password = randomBytes(16).toString('hex');
  writeFileSync(secret, password);
  execFileSync(
    join(BIN, 'initdb'),
    [
      ...['-D', data, '-U', 'postgres', '-E', 'UTF8', '--locale=C', '-N'],
      ...['-A', 'scram-sha-256', '--pwfile', secret],
    ],
    {
      ...options,
      stdio: 'pipe',
    },
  );
  const port = await freePort();
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${folder}`,
    'fsync=off',
  ];
  // It ends with us, whatever ends us.
  const bound = ['--pdeathsig', 'INT', join(BIN, 'postgres')];
  const server = spawn('setpriv', [...bound, '-D', data, ...settings.flatMap((s) => ['-c', s])], {
    ...options,
    stdio: 'ignore',
  });
  const ended = once(server, 'exit');
  const stop = async () => {
    server.kill('SIGINT');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const adminUrl = `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`;
  const role = { name: 'signet', password: randomBytes(16).toString('hex') };
  try {
    await createRole(adminUrl, role);
  } catch (error) {
    await stop();
    throw error;
  }
  return { adminUrl, role, stop };
}

async function createRole(adminUrl: string, role: { name: string; password: string }): Promise<void> {
  for (const until = Date.now() + 30_000; ; await sleep(50)) {
    const client = new pg.Client({ connectionString: adminUrl });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query(`create role ${role.name} login createdb password '${role.password}'`);
      return;
    } catch (error) {
      if (Date.now() > until) throw error;
    } finally {
      await client.end().catch(() => {});
    }
  }
}

/** PostgreSQL does not run as root. */
function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}
