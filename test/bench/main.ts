import { auditReport } from './audit-report.ts';
import { type Ground, prepareGround } from './installations.ts';
import { loading } from './load-people.ts';
import { FULL, type Pace, QUICK } from './pace.ts';
import { person } from './person.ts';
import { search } from './search.ts';
import { start } from './start.ts';
import { type Row, written } from './table.ts';
import { tokens } from './tokens.ts';
import { writes } from './writes.ts';

const PARTS: Readonly<Record<string, (ground: Ground, pace: Pace) => Promise<Row[]>>> = {
  start,
  tokens,
  person,
  writes,
  audit: auditReport,
  load: loading,
  search,
};

const USAGE = `npm run bench                    everything, about six minutes
npm run bench -- tokens search   only these: ${Object.keys(PARTS).join(', ')}
npm run bench -- --quick         a rough look, about one minute
`;

async function main(args: readonly string[]): Promise<number> {
  const names = args.filter((arg) => !arg.startsWith('-'));
  const options = args.filter((arg) => arg.startsWith('-'));
  if (names.some((name) => !Object.hasOwn(PARTS, name)) || options.some((option) => option !== '--quick')) {
    process.stderr.write(USAGE);
    return 2;
  }
  const pace = options.length > 0 ? QUICK : FULL;
  const started = Date.now();
  const rows: Row[] = [];
  const ground = await prepareGround();
  try {
    for (const [name, part] of Object.entries(PARTS)) {
      if (names.length > 0 && !names.includes(name)) continue;
      process.stderr.write(`${seconds(started)} s: ${name}\n`);
      rows.push(...(await part(ground, pace)));
    }
  } finally {
    await ground.close();
  }
  process.stdout.write(`${written(rows)}\n`);
  process.stderr.write(`${seconds(started)} s\n`);
  return 0;
}

const seconds = (since: number) => Math.round((Date.now() - since) / 1000);

process.exitCode = await main(process.argv.slice(2));
