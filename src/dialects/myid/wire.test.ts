import { globSync } from 'node:fs';
import { restCoreSettings, server, type TestServer } from '#test/server.ts';
import { replay } from '#test/transcript.ts';

const transcripts = globSync('wire/*.http', { cwd: import.meta.dirname }).sort();

/** A server for one transcript, with the people that transcripts speak of signed in. */
async function prepared(): Promise<TestServer> {
  const on = await server();
  on.settings.restCore = restCoreSettings({}, ['http://127.0.0.1:5500']);
  on.values.set('finance', (await on.group('Finance')).toUpperCase());
  on.values.set('payroll', (await on.group('Root/Finance/Payroll')).toUpperCase());
  on.values.set('sales', (await on.group('Sales')).toUpperCase());
  on.values.set('root', (await on.group('Root')).toUpperCase());
  on.values.set('nobody', (await on.actor('nobody', {})).toUpperCase());
  await on.actor('viewer', { operations: ['View Person'] });
  await on.actor('finance-admin', {
    operations: ['Add Person', 'Edit Person', 'Request Card', 'Edit Group'],
    scope: 'division',
    group: 'Finance',
  });
  await on.expired('expired');
  return on;
}

// All servers first: a file whose tests are done while it still waits for a server is taken for finished.
const servers = await Promise.all(transcripts.map(prepared));
for (const [i, file] of transcripts.entries()) {
  replay(new URL(file, import.meta.url), servers[i] as TestServer);
}
