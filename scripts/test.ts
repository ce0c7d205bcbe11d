import { spawn } from 'node:child_process';
import { chmodSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTemplate, startTestPostgres } from '../test/template.ts';
import { provideNeeds } from './test-needs.ts';
import { startPostgres15 } from './test-postgres15.ts';

const USAGE = `npm test                       everything; with CI=true the database tests on PostgreSQL 15 as well
npm test -- src/core totp      only files whose path holds one of these
npm test -- --postgres15       the database tests on PostgreSQL 15
`;

/** A server for one pass: the address of its migrated template, and how to end it. */
interface TestServer {
  template: string;
  stop(): Promise<void>;
}

const say = (text: string) => process.stdout.write(`${text}\n`);

async function main(args: string[]): Promise<number> {
  const filters = args.filter((arg) => !arg.startsWith('-'));
  const options = args.filter((arg) => arg.startsWith('-'));
  if (options.some((option) => option !== '--postgres15')) {
    process.stderr.write(USAGE);
    return 2;
  }
  const only15 = options.length > 0;
  const files = globSync(['src/**/*.test.ts', 'test/**/*.test.ts', 'scripts/**/*.test.ts'])
    .filter((file) => filters.length === 0 || filters.some((part) => file.includes(part)))
    .sort();
  if (files.length === 0) {
    process.stderr.write(`No test file matches ${filters.join(' ')}.\n`);
    return 1;
  }
  // A selection is somebody at work: a test that needs what is missing says so itself.
  if (filters.length === 0 && !provideNeeds(say)) return 1;

  let code = 0;
  if (!only15) {
    say(`Embedded PostgreSQL, ${files.length} files`);
    code = await pass(files, embedded);
  }
  if (only15 || process.env.CI === 'true') {
    const again = files.filter(usesDatabase);
    say(`PostgreSQL 15, ${again.length} files`);
    if (again.length > 0) code = (await pass(again, postgres15)) || code;
  }
  return code;
}

/** Files that ask for a database; those in test/storage that do not are about the embedded one. */
const usesDatabase = (file: string) => /[/](database|server)\.ts'/.test(readFileSync(file, 'utf8'));

async function embedded(): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'signet-tests-'));
  chmodSync(folder, 0o711); // PostgreSQL's user passes through it when we are root
  const server = await startTestPostgres(join(folder, 'home'));
  const role = new URL(server.url);
  const template = await makeTemplate(server.adminUrl, { name: role.username, password: role.password });
  const stop = async () => {
    await server.disconnect();
    rmSync(folder, { recursive: true, force: true });
  };
  return { template, stop };
}

async function postgres15(): Promise<TestServer> {
  const server = await startPostgres15();
  const template = await makeTemplate(server.adminUrl, server.role);
  return { template, stop: server.stop };
}

async function pass(files: string[], start: () => Promise<TestServer>): Promise<number> {
  const server = await start();
  try {
    return await runTests(files, server.template);
  } finally {
    await server.stop();
  }
}

function runTests(files: string[], template: string): Promise<number> {
  const concurrency = Math.max(3, availableParallelism() - 1);
  const child = spawn(
    process.execPath,
    ['--test', `--test-concurrency=${concurrency}`, '--test-reporter=./scripts/test-reporter.ts', ...files],
    { stdio: 'inherit', env: { ...process.env, SIGNET_TEST_DATABASE: template } },
  );
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

// The test runner gets the same signal from the terminal and ends; then we clean up behind it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});

process.exitCode = await main(process.argv.slice(2));
