import { setTimeout as sleep } from 'node:timers/promises';
import type { Ground, Installation } from './installations.ts';
import type { Pace } from './pace.ts';
import { usage } from './processes.ts';
import { type Session, session, type Times } from './session.ts';
import { atMost, number, type Row } from './table.ts';

const REPORT = 'reports/290015';
/** Pages whose cost is told together, at either end. */
const END = 100;

interface Page {
  results: unknown[];
  links: { op: string; href: string }[];
}

/** The audit report, from its first page to its last as the links lead. */
export async function auditReport(ground: Ground, pace: Pace): Promise<Row[]> {
  const signet = await ground.installation('small', pace.few);
  await addEvents(signet, pace.auditEvents);
  await untilSealed(signet);
  const reader = session(signet, await signet.token('all'));
  const walk = await walkThrough(signet, reader);
  const last = await reader.time(walk.last, pace.searches);
  const first = await reader.time(REPORT, pace.searches);
  reader.close();
  const told = ({ worked, waited }: Times) => `${number(worked)} ms CPU, ${number(waited)} ms`;
  const size = `${number(walk.pages)} pages, ${number(walk.rows)} rows`;
  return [
    {
      what: `audit report: last page against first, ${size}`,
      signet: told(last),
      reference: told(first),
      ratio: last.worked / first.worked,
      aim: atMost(1.5),
    },
    {
      what: `audit report: last ${END} pages of a walk against its first ${END}`,
      signet: `${number(walk.atEnd)} ms CPU a page`,
      reference: `${number(walk.atStart)} ms CPU a page`,
      ratio: walk.atEnd / walk.atStart,
      aim: atMost(1.5),
    },
  ];
}

async function walkThrough(signet: Installation, { get }: Session) {
  const used = [usage(signet)];
  let rows = 0;
  let pages = 0;
  let last = REPORT;
  for (let path: string | undefined = REPORT; path; ) {
    const page = (await get(path)).body as Page;
    rows += page.results.length;
    pages++;
    if (pages % END === 0) used.push(usage(signet));
    last = path;
    path = page.links.find(({ op }) => op === 'nextPage')?.href;
  }
  const spent = (from: number) => {
    const [before, after] = used.slice(from);
    if (!before || !after) throw new Error(`a report of ${pages} pages is too short`);
    return ((after.server + after.database - before.server - before.database) / END) * 1000;
  };
  return { rows, pages, last, atStart: spent(0), atEnd: spent(-2) };
}

/** Events as an hour of a busy day has them: ten a second, of a thousand people by fifty operators. */
async function addEvents({ database }: Installation, count: number): Promise<void> {
  await database.sql`
    insert into audit_event (at, ended_at, operation, outcome, actor_kind, actor_id, actor_name, target_kind, target_id,
      target_name, way_in, client_id, mechanism, ip, request_id, message, details)
    select timestamptz '2026-01-01Z' + n * interval '100 ms', timestamptz '2026-01-01Z' + n * interval '100 ms',
      (array['person.edited', 'person.added', 'logon.granted', 'person.disabled'])[1 + n % 4],
      case when n % 20 = 0 then 'refused' else 'success' end, 'person', null, 'operator.' || n % 50, 'person',
      md5((n % 1000)::text)::uuid::text, 'person.' || n % 1000, 'myid', 'all', 'Client Credentials OAuth2 Logon',
      '192.0.2.' || n % 250, 'bench', '', '{"title": {"from": null, "to": "Dr"}}'::jsonb
    from generate_series(1, ${count}::int) as n`;
  await database.pool.query('vacuum (analyze) audit_event'); // as autovacuum does before long
}

/** Sealing is work of its own, and not what is measured here. */
async function untilSealed({ database }: Installation): Promise<void> {
  for (const until = Date.now() + 120_000; Date.now() < until; await sleep(250)) {
    const [row] = await database.sql<{ behind: number }>`
      select (select count(*) from audit_event) - (select count(*) from audit_seal) as behind`;
    if ((row?.behind ?? 0) < 100) return;
  }
  throw new Error('the audit is still not sealed');
}
