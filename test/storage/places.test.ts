import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, suite, test } from 'node:test';
import { type Clone, cloneTo, removeLinks } from './clone.ts';
import {
  dataFolder,
  linesOf,
  listFolder,
  runCommand,
  startCommand,
  startProgram,
  startServer,
  stop,
  temporaryHome,
} from './processes.ts';

const root = process.getuid?.() === 0;
const NEEDS_ROOT = root ? false : 'needs root, as CI has it: an ordinary user cannot become another';

// Where nobody else can reach the clone that root runs, binaries are copied here and stay for the next start.
const before = new Set(listFolder('/var/lib/signet'));
after(() => {
  for (const name of listFolder('/var/lib/signet')) {
    if (name.startsWith('postgresql-') && !before.has(name))
      rmSync(join('/var/lib/signet', name), { recursive: true });
  }
});

/** A folder that nobody but its owner can enter, as /root is. */
function privateFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'signet-private-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Who an ordinary user is: for root one that every machine has and that PostgreSQL does not run as, else ourselves. */
function ordinaryUser(): { uid?: number; gid?: number } {
  if (!root) return {};
  const id = (flag: string) => Number(spawnSync('id', [flag, 'daemon'], { encoding: 'utf8' }).stdout);
  return { uid: id('-u'), gid: id('-g') };
}

/** Gives the folder to that user, who cannot do so when it is ourselves. */
function giveTo({ uid, gid }: { uid?: number; gid?: number }, folder: string): void {
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
}

/** Runs the command of a clone, as somebody else if so wanted, and gives what it printed. */
const runClone = (clone: Clone, home: string, line: string, as: object = {}): Promise<string[]> =>
  linesOf(startProgram([clone.node, clone.command, home, line], {}, as));

async function refusal(home: string): Promise<string> {
  const command = startCommand(home, 'never');
  assert.equal(await command.exited, 1);
  assert.doesNotMatch(command.output(), /\n\s+at /, 'a refusal has no stack trace');
  return command.output();
}

suite('where it can run', { concurrency: 3 }, () => {
  for (const name of [
    'with two  spaces',
    `it's "quoted", with commas`,
    'Zoë 目錄 $HOME `id` %20 #?&',
    `${'long/'.repeat(30)}path`,
  ]) {
    test(`in a folder called ${name.slice(0, 40)}, also for the second process`, async () => {
      const home = temporaryHome(name);
      const server = await startServer(home);
      assert.deepEqual(await runCommand(home, 'one'), ['one']);
      assert.equal(await stop(server), 0);
      assert.deepEqual(await runCommand(home, 'two'), ['one', 'two']);
    });
  }

  test('as root under a folder that others cannot enter: the data goes to /var/lib/signet, and the home says so', {
    skip: NEEDS_ROOT,
  }, async () => {
    const home = temporaryHome();
    chmodSync(dirname(home), 0o700);
    assert.deepEqual(await runCommand(home, 'one'), ['one']);
    assert.deepEqual(await runCommand(home, 'two'), ['one', 'two']);
    assert.match(readlinkSync(join(home, 'pgdata')), /^\/var\/lib\/signet\/[0-9a-f]{16}\/pgdata$/);
    assert.equal(readFileSync(join(dirname(dataFolder(home)), 'HOME'), 'utf8'), `${home}\n`);
    assert.notEqual(statSync(dataFolder(home)).uid, 0);

    const data = dirname(dataFolder(home));
    rmSync(data, { recursive: true });
    assert.match(await refusal(home), /The database of this home is gone: .* leads to \/var\/lib\/signet/);
  });

  test('as root from a clone that others cannot enter, its install scripts not run', {
    skip: NEEDS_ROOT,
  }, async () => {
    const folder = privateFolder();
    const clone = await cloneTo(join(folder, 'a clone'));
    removeLinks(clone.native);
    const home = join(folder, 'a clone', 'signet-home');
    assert.deepEqual(await runClone(clone, home, 'one'), ['one']);
    const data = dirname(readlinkSync(join(home, 'pgdata')));
    assert.deepEqual(await runClone(clone, home, 'two'), ['one', 'two']);
    rmSync(data, { recursive: true });
  });

  test('as an ordinary user, from a clone with spaces in its path', async () => {
    const folder = privateFolder();
    const user = ordinaryUser();
    const clone = await cloneTo(join(folder, 'a clone'));
    giveTo(user, folder);
    const home = join(folder, 'my home');
    assert.deepEqual(await runClone(clone, home, 'one', user), ['one']);
    assert.deepEqual(await runClone(clone, home, 'two', user), ['one', 'two']);
    assert.equal(statSync(join(home, 'pgdata')).uid, user.uid ?? process.getuid?.());
    assert.ok(!lstatSync(join(home, 'pgdata')).isSymbolicLink());
  });

  test('as an ordinary user after root has looked after the same home', { skip: NEEDS_ROOT }, async () => {
    const folder = privateFolder();
    const user = ordinaryUser();
    const clone = await cloneTo(join(folder, 'clone'));
    giveTo(user, folder);
    const home = join(folder, 'home');
    assert.deepEqual(await runClone(clone, home, 'theirs', user), ['theirs']);
    assert.deepEqual(await runClone(clone, home, 'by root'), ['theirs', 'by root']);
    assert.deepEqual(await runClone(clone, home, 'theirs again', user), [
      'theirs',
      'by root',
      'theirs again',
    ]);
  });

  test('as an ordinary user from a clone that cannot be written, its install scripts not run: binaries are copied once', async () => {
    const folder = privateFolder();
    chmodSync(folder, 0o755);
    const user = ordinaryUser();
    const clone = await cloneTo(join(folder, 'clone'));
    removeLinks(clone.native);
    chmodSync(join(clone.native, 'lib'), 0o555);
    mkdirSync(join(folder, 'theirs'));
    giveTo(user, join(folder, 'theirs'));
    const home = join(folder, 'theirs', 'home');
    assert.deepEqual(await runClone(clone, home, 'one', user), ['one']);
    const copies = listFolder(home).filter((name) => name.startsWith('postgresql-18'));
    assert.equal(copies.length, 1);
    assert.deepEqual(await runClone(clone, home, 'two', user), ['one', 'two']);
    chmodSync(join(clone.native, 'lib'), 0o755);
  });

  test('data that root restored from an archive is given back to the user that PostgreSQL runs as', {
    skip: NEEDS_ROOT,
  }, async () => {
    const home = temporaryHome();
    await runCommand(home, 'one');
    spawnSync('chown', ['-R', '0:0', home]);
    assert.deepEqual(await runCommand(home, 'two'), ['one', 'two']);
  });
});

suite('what it refuses, in words', { concurrency: 3 }, () => {
  test('a file where the home should be', async () => {
    const home = temporaryHome();
    writeFileSync(home, '');
    assert.match(await refusal(home), /There is a file where the home folder should be: .*--home/);
    assert.match(await refusal(join(home, 'below')), /There is a file where the home folder should be/);
  });

  test('a link that leads nowhere where the home should be', async () => {
    const home = temporaryHome();
    symlinkSync('/nowhere/at/all', home);
    assert.match(await refusal(home), /There is a file where the home folder should be/);
  });

  test('a home that cannot be written', async () => {
    // /proc takes no folders, from root either
    assert.match(await refusal('/proc/signet'), /home folder \/proc\/signet .*cannot be made|not usable/);
  });

  test('a home that everybody may write to', async () => {
    const home = temporaryHome();
    mkdirSync(home);
    chmodSync(home, 0o777);
    assert.match(await refusal(home), /Everybody may write to the home folder .* chmod o-w/);
  });

  test('data of another major version of PostgreSQL', async () => {
    const home = temporaryHome();
    await runCommand(home, 'one');
    writeFileSync(join(home, 'pgdata', 'PG_VERSION'), '17\n');
    assert.match(
      await refusal(home),
      /was written by PostgreSQL 17; this Signet brings 18\.\d+\. Take a backup/,
    );
    writeFileSync(join(home, 'pgdata', 'PG_VERSION'), '18\n');
    assert.deepEqual(await runCommand(home, 'two'), ['one', 'two']);
  });

  test('a data folder with something else in it', async () => {
    const home = temporaryHome();
    mkdirSync(join(home, 'pgdata'), { recursive: true });
    writeFileSync(join(home, 'pgdata', 'photos.zip'), 'x');
    assert.match(await refusal(home), /pgdata is not empty and holds no PostgreSQL data/);
    assert.ok(existsSync(join(home, 'pgdata', 'photos.zip')));
  });

  test('data whose password is lost', async () => {
    const home = temporaryHome();
    await runCommand(home, 'one');
    const file = join(home, 'keys', 'database.password');
    const password = readFileSync(file, 'utf8');
    writeFileSync(file, 'another\n');
    assert.match(await refusal(home), /password in keys\/database\.password is not the one of the data/);
    writeFileSync(file, password);
    assert.deepEqual(await runCommand(home, 'two'), ['one', 'two']);
  });

  test('settings that PostgreSQL does not take: what it says, and where its log is', async () => {
    const home = temporaryHome();
    await runCommand(home, 'one');
    writeFileSync(join(home, 'pgdata', 'postgresql.conf'), "shared_buffers = 'much'\n", { flag: 'a' });
    assert.match(
      await refusal(home),
      /The database did not start: .*shared_buffers.* Its log is .*postgresql\.log/s,
    );
  });
});
