import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { parentOf, postmasters } from './machine.ts';
import {
  ask,
  eventually,
  kill,
  madeHome,
  postmasterOf,
  runCommand,
  startCommand,
  startServer,
  stop,
  temporaryHome,
} from './processes.ts';

/** Whoever PostgreSQL runs as here: the owner of its data. */
const owner = (home: string) => statSync(join(home, 'pgdata'));

/** A program that has nothing to do with PostgreSQL, of the same user. */
function bystander(home: string): { pid: number; end(): void } {
  const { uid, gid } = owner(home);
  const child = spawn('sleep', ['600'], { cwd: '/', ...(process.getuid?.() === 0 && { uid, gid }) });
  return { pid: child.pid ?? 0, end: () => child.kill('SIGKILL') };
}

/** A postmaster.pid as a power cut leaves it: of an old server, with a process id of today's choice. */
function leavePidFile(home: string, pid: number): void {
  const file = join(home, 'pgdata', 'postmaster.pid');
  const lines = [
    pid,
    join(home, 'pgdata'),
    1_700_000_000,
    5432,
    join(home, 'socket'),
    '',
    '  123456         7',
    'ready   ',
  ];
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  const { uid, gid } = owner(home);
  chownSync(file, uid, gid);
}

suite('what an earlier end has left behind', { concurrency: 3 }, () => {
  test('a pid file of a process that is gone does not block a start', async () => {
    const home = await madeHome();
    await runCommand(home, 'one');
    leavePidFile(home, 4_194_000);
    assert.deepEqual(await runCommand(home, 'two'), ['one', 'two']);
  });

  test('a pid file whose id some other program has by now does not block a start, and that program lives on', async () => {
    const home = await madeHome();
    await runCommand(home, 'one');
    const other = bystander(home);
    try {
      leavePidFile(home, other.pid);
      writeFileSync(
        join(home, 'socket', '.s.PGSQL.5432.lock'),
        `${other.pid}\n${home}/pgdata\n1\n5432\n${home}/socket\n`,
      );
      writeFileSync(join(home, 'socket', '.s.PGSQL.5432'), '');
      assert.deepEqual(await runCommand(home, 'two'), ['one', 'two']);
      process.kill(other.pid, 0);
    } finally {
      other.end();
    }
  });

  test('a database that was made half-way is made anew', async () => {
    const home = temporaryHome();
    mkdirSync(join(home, 'pgdata.new-1', 'base'), { recursive: true });
    writeFileSync(join(home, 'pgdata.new-1', 'PG_VERSION'), '18\n');
    assert.deepEqual(await runCommand(home, 'one'), ['one']);
  });

  test('a command that is killed while it makes the database leaves nothing that the next one minds', async () => {
    const home = temporaryHome();
    const command = startCommand(home, 'never');
    await eventually('initdb is at work', () => {
      try {
        return readFileSync(join(home, 'keys', 'database.password'), 'utf8') !== '';
      } catch {
        return false;
      }
    });
    await kill(command);
    assert.deepEqual(await runCommand(home, 'one'), ['one']);
  });

  test('the database ends with the last process that uses it, even by kill -9', async () => {
    const home = await madeHome();
    const server = await startServer(home);
    await kill(server);
    await eventually('PostgreSQL has ended', () => postmasters(home).length === 0);
    assert.match(
      readFileSync(join(home, 'run', 'postgresql.log'), 'utf8'),
      /database system is shut down\n$/,
    );
  });

  test('when the keeper of the database is killed, the server goes on', async () => {
    const home = await madeHome();
    const server = await startServer(home);
    const before = postmasterOf(home);
    process.kill(parentOf(before), 'SIGKILL');
    await eventually(
      'another PostgreSQL runs',
      () => postmasters(home).some((pid) => pid !== before),
      30_000,
    );
    await eventually(
      'requests are served',
      async () => (await ask(`${server.url}/x${Math.random()}`, 'PUT')).status === 201,
    );
    assert.equal(await stop(server), 0);
    assert.deepEqual(postmasters(home), []);
  });

  test('an orphaned PostgreSQL that nobody holds is ended before a new one starts', async () => {
    const home = await madeHome();
    await runCommand(home, 'one');
    const orphan = startOrphan(home);
    await eventually('the orphan is ready', () => readPidFile(home).includes('ready'));
    assert.deepEqual(await runCommand(home, 'two'), ['one', 'two']);
    await orphan.exited;
  });
});

/** PostgreSQL on the data of this home, started as Signet does, but bound to nothing. */
function startOrphan(home: string): { exited: Promise<unknown> } {
  const [line = ''] = readFileSync(join(home, 'pgdata', 'postmaster.opts'), 'utf8').split('\n');
  const [, program = ''] = /^(\S+) "-D"/.exec(line) ?? [];
  const args = [...line.matchAll(/"([^"]*)"/g)].map(([, arg]) => arg ?? '').filter((arg) => arg !== '');
  const { uid, gid } = owner(home);
  const as = process.getuid?.() === 0 ? { uid, gid } : {};
  const child = spawn(program, [...args, '-c', `unix_socket_directories=${home}/socket`], {
    ...as,
    cwd: '/',
    stdio: 'ignore',
  });
  return { exited: once(child, 'exit') };
}

function readPidFile(home: string): string {
  try {
    return readFileSync(join(home, 'pgdata', 'postmaster.pid'), 'utf8');
  } catch {
    return '';
  }
}
