import { readFileSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

// Types are stripped and code is compiled once, not at every start. In a folder of our own, since code is run from it;
// where it cannot be written nothing is lost but time.
const caches = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
enableCompileCache(process.env.NODE_COMPILE_CACHE || join(caches, 'signet'));

const path = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const { main } = await import('#cli/main.ts');

process.stdout.on('error', () => process.exit(0)); // the reader has gone: `signet group list | head -1`
process.exitCode = await main(process.argv.slice(2), {
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  version: JSON.parse(readFileSync(path('package.json'), 'utf8')).version,
  migrations: path('migrations'),
  config: path('config'),
  deployment: async (env) => (await import('./config.ts')).loadConfig(env),
  async serve(env) {
    const [{ loadConfig }, { serve }, { startApp }, { prepare }] = await Promise.all([
      import('./config.ts'),
      import('./serve.ts'),
      import('./app.ts'),
      import('./prepare.ts'),
    ]);
    const code = await serve(loadConfig(env), { startApp, prepare, migrations: path('migrations') });
    process.exit(code); // a worker's channel to its primary, or whatever else is open, must not keep it
  },
});
