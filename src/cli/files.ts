import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { codeOf, StartRefusal } from '#adapters/start-refusal.ts';

/** Reads a file that was named on the command line. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new StartRefusal(`${path} cannot be read: ${(error as Error).message}`, undefined, {
      cause: error,
    });
  }
}

/** Opens a file for writing that only we can read; one that exists is refused. */
export function openNew(path: string): number {
  try {
    return openSync(path, 'wx', 0o600);
  } catch (error) {
    if (codeOf(error) === 'EEXIST')
      throw new StartRefusal(`There is a file ${path} already.`, 'Name another one');
    throw new StartRefusal(`${path} cannot be written: ${(error as Error).message}`, undefined, {
      cause: error,
    });
  }
}

/** Writes a new file, on disk for good before it returns. */
export function writeNew(path: string, text: string): void {
  const file = openNew(path);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
