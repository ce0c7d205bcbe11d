import { closeSync, openSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const CHUNK = Buffer.alloc(256 * 1024);

/** Fills the file system of this folder with one file, `ballast`, until so many bytes are free. */
export function fillDisk(folder: string, leave: number): void {
  const file = openSync(join(folder, 'ballast'), 'a');
  try {
    for (let size = 1; size > 0 && free(folder) > leave; ) {
      size = writeSync(file, CHUNK, 0, Math.min(CHUNK.length, free(folder) - leave));
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(file);
  }
}

function free(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
