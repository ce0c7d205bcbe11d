import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
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
import type { RunAs } from './embedded-postgres-binaries.ts';
import { type Home, isThere } from './home.ts';
import { StartRefusal } from './start-refusal.ts';

/** Where one embedded PostgreSQL lives, and as whom. */
export interface Place {
  /** The home, or for root where the home cannot be reached by others: `/var/lib/signet/<id>`. */
  readonly folder: string;
  readonly pgdata: string;
  /** Locks, the hold and PostgreSQL's log; only for us, 0700. */
  readonly run: string;
  /** Where binaries are copied to when PostgreSQL's user cannot reach the packaged ones. */
  readonly copies: string;
  readonly as: RunAs;
}

/** For root only; other users never come here. */
const SYSTEM = '/var/lib/signet';

/** Decides where the data goes, or finds where it went. Refuses what cannot work before anything is started. */
export function findPlace(home: Home): Place {
  const root = process.getuid?.() === 0;
  const link = join(home.folder, 'pgdata');
  const folder = movedTo(link) ?? home.folder;
  const pgdata = join(folder, 'pgdata');
  const as = root ? unprivileged(pgdata) : {};

  if (root && !reaches(as, folder)) {
    if (isThere(pgdata)) throw unreachable(folder, as);
    return arrange(moveAway(link), as, SYSTEM);
  }
  return arrange(folder, as, root ? SYSTEM : folder);
}

/** The folder that `pgdata` leads to when it is a symbolic link: this is how the home says where the data is. */
function movedTo(link: string): string | undefined {
  if (!lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink()) return undefined;
  const folder = dirname(readlinkSync(link));
  if (isThere(folder)) return folder;
  throw new StartRefusal(
    `The database of this home is gone: ${link} leads to ${folder}.`,
    `Restore that folder; or remove the link to begin with an empty database.`,
  );
}

function moveAway(link: string): string {
  const folder = join(SYSTEM, randomBytes(8).toString('hex'));
  mkdirSync(SYSTEM, { recursive: true, mode: 0o755 });
  mkdirSync(folder, { mode: 0o711 });
  chmodSync(folder, 0o711);
  writeFileSync(join(folder, 'HOME'), `${dirname(link)}\n`);
  try {
    symlinkSync(join(folder, 'pgdata'), link);
    return folder;
  } catch (error) {
    rmSync(folder, { recursive: true });
    const other = movedTo(link); // another process that starts at this moment was quicker
    if (other === undefined) throw error;
    return other;
  }
}

/** PostgreSQL refuses to run as root: the owner of existing data, else nobody. It must have a passwd entry. */
function unprivileged(pgdata: string): RunAs {
  const owner = statSync(pgdata, { throwIfNoEntry: false });
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const id = (flag: string) =>
    Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8', stdio: 'pipe' }));
  try {
    return { uid: id('-u'), gid: id('-g') };
  } catch (error) {
    throw new StartRefusal(
      'PostgreSQL does not run as root, and this machine has no user "nobody" to run it as.',
      'Start Signet as an ordinary user, or set DATABASE_URL.',
      { cause: error },
    );
  }
}

function reaches(as: RunAs, folder: string): boolean {
  const test = spawnSync('test', ['-x', folder], { ...as, cwd: '/' });
  if (!test.error) return test.status === 0;
  throw new StartRefusal(
    `PostgreSQL does not run as root, and this root may not run it as user id ${as.uid}: ${test.error.message}`,
    'Start Signet as an ordinary user, or set DATABASE_URL.',
    { cause: test.error },
  );
}

const unreachable = (folder: string, as: RunAs) =>
  new StartRefusal(
    `PostgreSQL runs as user id ${as.uid}, which cannot reach its data in ${folder}.`,
    'Let others pass through each folder above it (chmod o+x), or move the home.',
  );

function arrange(folder: string, as: RunAs, copies: string): Place {
  const run = join(folder, 'run');
  mkdirSync(run, { recursive: true, mode: 0o700 });
  chmodSync(run, 0o700);
  return { folder, pgdata: join(folder, 'pgdata'), run, copies, as };
}

/** A socket's address holds 108 bytes on Linux and 104 elsewhere, its end included. */
const ROOM = 103 - '/.s.PGSQL.5432'.length;

/**
 * Makes the folder of the socket and of the keeper's answers, 0700 of PostgreSQL's user. To be called by whoever holds
 * the start lock.
 */
export function socketFolder(place: Place): string {
  const near = join(place.folder, 'socket');
  if (Buffer.byteLength(near) <= ROOM) return ownFolder(near, place.as);
  return shortFolder(join(place.run, 'socket-folder'), place.as);
}

function ownFolder(path: string, as: RunAs): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(path, 0o700);
  if (as.uid !== undefined) chownSync(path, as.uid, as.gid ?? as.uid);
  return path;
}

/** Tidies up behind the last user. */
export function leaveSocketFolder(place: Place): void {
  const note = join(place.run, 'socket-folder');
  const folder = remembered(note);
  if (folder === undefined) return;
  rmSync(folder, { recursive: true, force: true });
  rmSync(note);
}

/** Under a long path the socket goes to a short private folder with a name nobody can guess; `note` remembers it. */
function shortFolder(note: string, as: RunAs): string {
  const before = remembered(note);
  const me = as.uid ?? process.getuid?.();
  const found = before === undefined ? undefined : lstatSync(before, { throwIfNoEntry: false });
  if (before !== undefined && found?.isDirectory() && found.uid === me && (found.mode & 0o077) === 0)
    return before;

  const runtime = process.env.XDG_RUNTIME_DIR;
  const parents = [...(as.uid === undefined && runtime ? [runtime] : []), tmpdir(), '/tmp'];
  for (const parent of parents) {
    const wanted = join(parent, 'signet-');
    if (Buffer.byteLength(wanted) + 6 > ROOM || !isThere(parent)) continue;
    const made = ownFolder(mkdtempSync(wanted), as);
    if (as.uid !== undefined && !reaches(as, made)) {
      rmSync(made, { recursive: true });
      continue;
    }
    writeFileSync(note, made, { mode: 0o600 });
    return made;
  }
  throw new StartRefusal(
    'No folder has a path short enough for a unix socket.',
    'Name a shorter home with --home or SIGNET_HOME.',
  );
}

function remembered(note: string): string | undefined {
  return isThere(note) ? readFileSync(note, 'utf8') : undefined;
}
