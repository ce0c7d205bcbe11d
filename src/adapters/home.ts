import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { codeOf, StartRefusal } from './start-refusal.ts';

/** Where the administrator's configuration files go (both services, and the four kinds of custom files). */
const CONFIGURATION = [
  'web.oauth2/CustomClients',
  'web.oauth2/CustomScopes',
  'web.oauth2/CustomAPIResources',
  'web.oauth2/CustomIdentityResources',
  'rest.core',
];

/** The one folder that holds all of an installation: configuration, keys, the embedded database. */
export interface Home {
  /** Absolute, symbolic links resolved. */
  readonly folder: string;
  /** `keys/`, 0700: the master key and the password of the embedded database. */
  readonly keys: string;
}

/**
 * Opens the home folder, made when it is not there. It is 0711, so that the embedded PostgreSQL can reach its data
 * under another uid; everything in it is 0700 or 0600.
 */
export function openHome(path: string): Home {
  const wanted = resolve(path);
  try {
    mkdirSync(resolve(wanted, '..'), { recursive: true });
    makeFolder(wanted, 0o711);
    const folder = realpathSync(wanted);
    for (const part of CONFIGURATION) mkdirSync(join(folder, part), { recursive: true, mode: 0o700 });
    const keys = join(folder, 'keys');
    makeFolder(keys, 0o700);
    chmodSync(keys, 0o700);
    refuseForeign(folder);
    return { folder, keys };
  } catch (error) {
    throw explain(wanted, error);
  }
}

function makeFolder(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode });
    chmodSync(path, mode); // whatever the umask
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory())
      throw Object.assign(new Error(`${path} is a file`), { code: 'ENOTDIR' });
  }
}

/** In a folder that others may write to, they could put their own keys and data under ours. */
function refuseForeign(folder: string): void {
  const { mode, uid } = statSync(folder);
  const me = process.getuid?.() ?? uid;
  if (me !== 0 && uid !== me) throw Object.assign(new Error('belongs to another user'), { code: 'EACCES' });
  if ((mode & 0o002) !== 0) {
    throw new StartRefusal(`Everybody may write to the home folder ${folder}.`, `chmod o-w ${folder}`);
  }
}

function explain(path: string, error: unknown): unknown {
  const hint = 'Name another folder with --home or SIGNET_HOME.';
  switch (codeOf(error)) {
    case 'EACCES':
    case 'EPERM':
      return new StartRefusal(`The home folder ${path} cannot be made or written by ${user()}.`, hint, {
        cause: error,
      });
    case 'EROFS':
      return new StartRefusal(`The home folder ${path} is on a read-only file system.`, hint, {
        cause: error,
      });
    case 'ENOTDIR':
    case 'EEXIST':
      return new StartRefusal(`There is a file where the home folder should be: ${path}`, hint, {
        cause: error,
      });
    case 'ENOENT': // /proc and the like
    case 'ENAMETOOLONG':
    case 'ELOOP':
      return new StartRefusal(`The path of the home folder is not usable: ${path}`, hint, { cause: error });
    case 'ENOSPC':
    case 'EDQUOT':
      return new StartRefusal(`The disk is full: the home folder ${path} cannot be made.`, undefined, {
        cause: error,
      });
    default:
      return error;
  }
}

const user = () => (process.getuid ? `user id ${process.getuid()}` : 'this user');

/**
 * Reads a secret of the home; the first time makes it: 32 random bytes as base64url, 0600, on disk for good before
 * it is used. Two processes that make it at once get the same one.
 */
export function secretFile(path: string): string {
  const before = readSecret(path);
  if (before !== undefined) return before;
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const file = openSync(draft, 'wx', 0o600);
  try {
    writeSync(file, `${randomBytes(32).toString('base64url')}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    linkSync(draft, path); // unlike a rename, this never replaces the secret that another process has just made
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  unlinkSync(draft);
  syncFolder(resolve(path, '..'));
  return readSecret(path) as string;
}

function readSecret(path: string): string | undefined {
  try {
    const text = readFileSync(path, 'utf8').trim();
    if (text === '')
      throw new StartRefusal(`The file ${path} is empty.`, 'Restore it from a backup of the home folder.');
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
    return text;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Makes renames in a folder survive a power cut. */
export function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Is there anything at this path, a dangling symbolic link included? */
export const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;
