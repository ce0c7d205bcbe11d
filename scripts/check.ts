import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const bin = (name: string) => join('node_modules', '.bin', name);

/** What `npm run check` asks, side by side where the machine can. */
const CHECKS: Record<string, () => Promise<string>> = {
  types: () => run(bin('tsc'), '-p', '.'),
  'format and lint': () =>
    run(bin('biome'), 'ci', '--colors=off', '--error-on-warnings', '--max-diagnostics=50', '.'),
  documents: () => run(process.execPath, 'scripts/docs.ts', '--check'),
  schema: () => run(process.execPath, 'scripts/schema.ts', '--check'),
  'lock file': async () => {
    const addresses =
      readFileSync('package-lock.json', 'utf8').match(/"resolved": *"[^"]*:\/\/[^"]*"/g) ?? [];
    return addresses.length === 0 ? '' : `package-lock.json holds ${addresses.length} download addresses`;
  },
};

/** Gives what the program printed if it failed, else nothing. */
function run(command: string, ...args: string[]): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code === 0 ? '' : output || `exit ${code}`));
  });
}

const results = await Promise.all(
  Object.entries(CHECKS).map(async ([name, check]) => {
    const fault = await check();
    process.stdout.write(fault === '' ? `✔ ${name}\n` : `✖ ${name}\n${fault.trimEnd()}\n`);
    return fault === '';
  }),
);
process.exitCode = results.every(Boolean) ? 0 : 1;
