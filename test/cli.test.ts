import { globSync } from 'node:fs';
import { suite } from 'node:test';
import { commandLine, newHome } from './cli/in-process.ts';
import { replay } from './cli/transcript.ts';
import { testDatabase } from './database.ts';

const folder = new URL('./cli/', import.meta.url);

/** Each file works on a home and a database of its own. */
for (const file of globSync('*.txt', { cwd: folder }).sort()) {
  const home = newHome();
  const { url } = await testDatabase();
  suite(`the command line: ${file.replace('.txt', '')}`, () => {
    const env = { SIGNET_HOME: home, DATABASE_URL: url, SIGNET_BOOTSTRAP_PASSWORD: 'correct horse battery' };
    replay(new URL(file, folder), commandLine(env));
  });
}
