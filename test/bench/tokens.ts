import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Ground } from './installations.ts';
import { type Load, type Measured, measure } from './load.ts';
import type { Pace } from './pace.ts';
import { type Server, startReference } from './servers.ts';
import { atLeast, median, middle, number, type Row } from './table.ts';

const openssl = promisify(execFile);

/** Access tokens for programs: RS256, RSA 2048. A logon row and an audit event are committed for each of Signet's. */
export async function tokens(ground: Ground, pace: Pace): Promise<Row[]> {
  const signet = await ground.installation('small', pace.few);
  const secret = signet.secret('all');
  const bare = await startReference('oidc-provider.ts', { client: 'all', secret });
  const form = {
    grant_type: 'client_credentials',
    scope: 'myid.rest.basic',
    client_id: 'all',
    client_secret: secret,
  };
  const run = (server: Server, seconds = pace.seconds) => measure(asking(server.url, form, seconds), server);
  try {
    await signet.token('all'); // makes the key
    for (const server of [signet, bare]) await run(server, pace.warmUp);
    const ours: Measured[] = [];
    const theirs: Measured[] = [];
    const signatures: number[] = [];
    for (let round = 0; round < pace.rounds; round++) {
      signatures.push(await signaturesPerSecond(pace.opensslSeconds));
      ours.push(await run(signet));
      theirs.push(await run(bare));
    }
    const perCpuSecond = (runs: Measured[]) => middle(runs, (r) => r.perCpuSecond);
    const told = (runs: Measured[]) =>
      `${number(perCpuSecond(runs))} per CPU-s, ${number(middle(runs, (r) => r.perSecond))}/s`;
    const database = middle(ours, (r) => r.databaseMicroseconds);
    return [
      {
        what: 'RS256 tokens: openssl speed rsa2048',
        signet: `${told(ours)} (PostgreSQL ${number(database)} µs each)`,
        reference: `${number(median(signatures))} signatures per CPU-s`,
        ratio: perCpuSecond(ours) / median(signatures),
        aim: atLeast(0.45),
      },
      {
        what: 'RS256 tokens: oidc-provider in memory',
        signet: told(ours),
        reference: told(theirs),
        ratio: perCpuSecond(ours) / perCpuSecond(theirs),
      },
    ];
  } finally {
    await bare.stop();
  }
}

const asking = (url: string, form: Record<string, string>, seconds: number): Load => ({
  url: `${url}/web.oauth2/connect/token`,
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams(form).toString(),
  connections: 16,
  seconds,
});

/** On one core, by its own CPU time. */
async function signaturesPerSecond(seconds: number): Promise<number> {
  const { stdout } = await openssl('openssl', ['speed', '-mr', '-seconds', String(seconds), 'rsa2048']);
  const [, each] = /^\+F2:\d+:2048:([\d.]+)/m.exec(stdout) ?? [];
  if (!each) throw new Error(`openssl speed said nothing of rsa2048: ${stdout}`);
  return Number(each);
}
