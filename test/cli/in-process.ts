import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { main } from '#cli/main.ts';
import { loadConfig } from '../../src/config.ts';
import type { Outcome } from './transcript.ts';

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));

/** A home folder that is removed after the tests. */
export function newHome(): string {
  const folder = mkdtempSync(join(tmpdir(), 'signet-cli-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'home');
}

/** Runs command lines in this process, as bin/signet would, with this environment and nothing else of it. */
export function commandLine(env: Record<string, string>) {
  return async (words: readonly string[], stdin = ''): Promise<Outcome> => {
    const stdout = sink();
    const stderr = sink();
    const exit = await main(words, {
      env,
      stdin: Readable.from(stdin === '' ? [] : [Buffer.from(stdin)]) as unknown as NodeJS.ReadStream,
      stdout: stdout.stream,
      stderr: stderr.stream,
      version: '0.0.0-test',
      migrations: path('migrations'),
      config: path('config'),
      deployment: async (given) => loadConfig(given),
      serve: async () => {
        throw new Error('a transcript serves nobody');
      },
    });
    return { stdout: stdout.text(), stderr: stderr.text(), exit };
  };
}

function sink() {
  const parts: string[] = [];
  const stream = new Writable({
    write(chunk, _, done) {
      parts.push(String(chunk));
      done();
    },
  });
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => parts.join('') };
}
