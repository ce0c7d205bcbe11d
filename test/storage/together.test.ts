import assert from 'node:assert/strict';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { postmasters } from './machine.ts';
import {
  ask,
  eventually,
  kill,
  madeHome,
  noteOf,
  postmasterOf,
  runCommand,
  startCommand,
  startServer,
  startServerProgram,
  stop,
  storedLines,
  temporaryHome,
} from './processes.ts';

suite('servers and commands on one home', { concurrency: 3 }, () => {
  test('a command without a server starts the database for itself and ends it', async () => {
    const home = temporaryHome();
    assert.deepEqual(await runCommand(home, 'first'), ['first']);
    assert.deepEqual(postmasters(home), []);
    assert.deepEqual(await runCommand(home, 'second'), ['first', 'second']);
  });

  test('commands and a server that start at the same moment on an empty home all work', async () => {
    const home = temporaryHome();
    const server = startServer(home);
    const commands = ['a', 'b', 'c'].map((line) => runCommand(home, line));
    const results = await Promise.all(commands);
    assert.deepEqual(results.map((lines) => lines.length).sort(), [1, 2, 3]);
    const { url } = await server;
    assert.deepEqual(await storedLines(url), new Set(['a', 'b', 'c']));
    assert.equal(await stop(await server), 0);
    assert.deepEqual(postmasters(home), []);
  });

  test('a server does not wait for a command that takes long, and its stop does not cut the command off', async () => {
    const home = await madeHome();
    await runCommand(home, 'before');
    const file = join(home, 'go-on');
    const command = startCommand(home, 'long', file);
    await eventually('the command has the database', () => postmasters(home).length === 1);
    const server = await startServer(home);
    assert.equal((await ask(`${server.url}/during`, 'PUT')).status, 201);
    assert.equal(await stop(server), 0);
    assert.equal(command.child.exitCode, null, 'the command is still at work');
    writeFileSync(file, '');
    assert.equal(await command.exited, 0);
    assert.deepEqual(JSON.parse(command.output()), ['before', 'during', 'long']);
    assert.deepEqual(postmasters(home), []);
  });

  test('a command that is killed takes the database of the server with it as little', async () => {
    const home = await madeHome();
    await runCommand(home, 'before');
    const command = startCommand(home, 'never', '/nowhere');
    await eventually('the command has the database', () => postmasters(home).length === 1);
    const server = await startServer(home);
    const postmaster = postmasterOf(home);
    await kill(command);
    assert.equal((await ask(`${server.url}/after`, 'PUT')).status, 201);
    assert.equal(postmasterOf(home), postmaster);
    assert.equal(await stop(server), 0);
  });

  test('a command that fails and closes nothing ends all the same, and the database with it', async () => {
    const home = await madeHome();
    const command = startCommand(home, 'fail');
    assert.equal(await command.exited, 1);
    assert.match(command.output(), /on purpose/);
    await eventually('PostgreSQL has ended', () => postmasters(home).length === 0);
  });

  test('a second server is told which process serves and where, at once, with exit code 1', async () => {
    const home = await madeHome();
    const server = await startServer(home);
    assert.deepEqual(noteOf(home), { pid: server.pid, url: server.url });
    const second = startServerProgram(home);
    assert.equal(await second.exited, 1);
    assert.match(
      second.output(),
      new RegExp(`already serves from this home: process ${server.pid}, ${server.url}`),
    );
    assert.equal((await ask(server.url)).status, 200);
    assert.equal(await stop(server), 0);
  });

  test('when the embedded database is killed, the last server alive still ends with exit code 0', async () => {
    const home = await madeHome();
    const server = await startServer(home);
    process.kill(postmasterOf(home), 'SIGKILL');
    assert.equal(await stop(server), 0);
    await eventually('nothing is left', () => postmasters(home).length === 0);
  });

  test('everything secret in the home is private, and the folder itself can only be passed through', async () => {
    const home = await madeHome();
    await runCommand(home, 'one');
    const mode = (path: string) => statSync(join(home, path)).mode & 0o777;
    assert.equal(mode('.'), 0o711);
    for (const folder of ['keys', 'pgdata', 'run', 'socket', 'web.oauth2', 'rest.core'])
      assert.equal(mode(folder), 0o700, folder);
    assert.equal(mode('keys/database.password'), 0o600);
    assert.equal(mode('run/postgresql.log'), 0o600);
    assert.ok(!existsSync(join(home, 'socket/.s.PGSQL.5432')));
  });
});
