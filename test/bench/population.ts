import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from } from 'pg-copy-streams';
import { foldName } from '#core/fold.ts';
import { searchText } from '#core/people/search-text.ts';
import { randomId, randomName, randomNumbers } from './names.ts';

/** The tree that people are spread over: two companies of five countries of nineteen teams, 202 groups in all. */
export interface Population {
  people: number;
  seconds: number;
  /** A group with about half of all groups at and below it (101). */
  company: string;
  /** A group with about a tenth of all groups at and below it (20). */
  country: string;
  /** A group with none below it. */
  team: string;
}

interface Group {
  id: string;
  parent: string;
  ancestors: string[];
  name: string;
}

const COMPANIES = ['Northwind', 'Southgate'];
const COUNTRIES = ['France', 'Germany', 'Japan', 'Poland', 'Spain'];
const TEAMS =
  `Accounts Audit Catering Compliance Design Development Facilities Finance Legal Logistics Maintenance Marketing
Personnel Purchasing Quality Research Sales Security Support`.split(/\s+/);

const TABLES = ['person', 'person_name', 'person_word', 'person_contact', 'person_role'] as const;
type Table = (typeof TABLES)[number];

const COLUMNS: Record<Table, string> = {
  person: `id, tenant_id, group_id, logon_name, first_name, last_name, employee_id, created_at, changed_at, sort_key,
    search_text`,
  person_name: 'tenant_id, name, person_id, kind',
  person_word: 'word, person_id, group_id, shared',
  person_contact: 'person_id, kind, position, value, value_key',
  person_role: 'person_id, role_id, scope',
};

/** People between two changes of the table that is written to. */
const BATCH = 20_000;
const AT = '2026-01-01T00:00:00Z';

/**
 * Adds that many people, with names as unevenly spread as real ones, to a new tree of groups below Root. The database
 * has its built-in data already. All is one transaction, in which indexes and references are taken away and made again:
 * the schema ends as it began, also when this fails. The same count always gives the same names.
 */
export async function loadPeople(url: string, count: number): Promise<Population> {
  const started = performance.now();
  const client = new pg.Client({ connectionString: url, application_name: 'signet population' });
  await client.connect();
  try {
    await client.query('begin');
    await client.query(`set local maintenance_work_mem = '512MB'`);
    const root = await only(client, 'select id from org_group where parent_id is null');
    const role = await only(client, `select id from role where name_key = 'cardholder'`);
    const groups = makeGroups(root);
    await addGroups(client, root, groups);
    const restore = await strip(client);
    await copyPeople(client, count, { root, role, groups });
    for (const statement of restore) await client.query(statement);
    await client.query('commit');
    for (const table of TABLES) await client.query(`vacuum (analyze) ${table}`); // as autovacuum does before long
    await client.query('analyze org_group');
    const [company, country, team] = [0, 1, 2].map((i) => (groups[i] as Group).id) as [
      string,
      string,
      string,
    ];
    return { people: count, seconds: (performance.now() - started) / 1000, company, country, team };
  } finally {
    await client.end();
  }
}

async function only(client: pg.Client, query: string): Promise<string> {
  const { rows } = await client.query<{ id: string }>(query);
  if (!rows[0]) throw new Error('the database has no built-in data yet');
  return rows[0].id;
}

/** In the order of the tree: each company before its countries, each country before its teams. */
function makeGroups(root: string): Group[] {
  const below = (parent: Group, name: string): Group => {
    const id = randomUUID();
    return { id, parent: parent.id, ancestors: [...parent.ancestors, id], name };
  };
  const top: Group = { id: root, parent: '', ancestors: [root], name: 'Root' };
  const companies = COMPANIES.map((name) => below(top, `${name} ${randomUUID().slice(0, 8)}`));
  return companies.flatMap((company) => [
    company,
    ...COUNTRIES.flatMap((name) => {
      const country = below(company, name);
      return [country, ...TEAMS.map((team) => below(country, team))];
    }),
  ]);
}

async function addGroups(client: pg.Client, root: string, groups: readonly Group[]): Promise<void> {
  await client.query(
    `insert into org_group (id, parent_id, tenant_id, ancestors, name, name_key, created_at, changed_at)
     select id, parent, $1, string_to_array(path, ' ')::uuid[], name, key, $2, $2
     from unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[]) as g (id, parent, path, name, key)`,
    [
      root,
      AT,
      groups.map((g) => g.id),
      groups.map((g) => g.parent),
      groups.map((g) => g.ancestors.join(' ')),
      groups.map((g) => g.name),
      groups.map((g) => foldName(g.name)),
    ],
  );
}

/** Takes away what makes loading slow, and gives the statements that bring it back as it was. */
async function strip(client: pg.Client): Promise<string[]> {
  const tables = TABLES.map((name) => `'${name}'::regclass`).join(', ');
  const { rows: constraints } = await client.query<{ table: string; name: string; definition: string }>(
    `select conrelid::regclass::text as table, conname as name, pg_get_constraintdef(oid) as definition
     from pg_constraint
     where contype in ('f', 'p', 'u') and (conrelid in (${tables}) or contype = 'f' and confrelid in (${tables}))
     order by contype = 'f', contype, conname`,
  );
  for (const c of constraints.toReversed()) {
    await client.query(`alter table ${c.table} drop constraint ${pg.escapeIdentifier(c.name)}`);
  }
  const { rows: indexes } = await client.query<{ name: string; definition: string }>(
    `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition
     from pg_index where indrelid in (${tables}) order by 1`,
  );
  for (const index of indexes) await client.query(`drop index ${index.name}`);
  return [
    ...indexes.map((index) => index.definition),
    ...constraints.map(
      (c) => `alter table ${c.table} add constraint ${pg.escapeIdentifier(c.name)} ${c.definition}`,
    ),
  ];
}

async function copyPeople(
  client: pg.Client,
  count: number,
  { root, role, groups }: { root: string; role: string; groups: readonly Group[] },
): Promise<void> {
  const random = randomNumbers(count);
  const taken = new Map<string, number>();
  for (let start = 0; start < count; start += BATCH) {
    const lines: Record<Table, string[]> = {
      person: [],
      person_name: [],
      person_word: [],
      person_contact: [],
      person_role: [],
    };
    for (let i = start; i < Math.min(count, start + BATCH); i++) {
      const id = randomId(random);
      const { first, last } = randomName(random);
      const group = (groups[Math.floor(random() * groups.length)] as Group).id;
      const base = foldName(`${first}.${last}`).replace(/[^\p{L}.-]/gu, '');
      const again = (taken.get(base) ?? 0) + 1;
      taken.set(base, again);
      const logon = again === 1 ? base : `${base}${again}`;
      const text = searchText({ firstName: first, middleName: null, lastName: last, logonName: logon });
      lines.person.push(
        `${id}\t${root}\t${group}\t${logon}\t${first}\t${last}\t${10_000_000 + i}\t${AT}\t${AT}\t${text.sortKey}\t${text.searchText}\n`,
      );
      lines.person_name.push(`${root}\t${logon}\t${id}\tlogon\n`);
      for (const w of text.words) lines.person_word.push(`${w.word}\t${id}\t${group}\t${w.shared}\n`);
      lines.person_contact.push(`${id}\temail\t0\t${logon}@example.org\t${logon}@example.org\n`);
      lines.person_role.push(`${id}\t${role}\tself\n`);
    }
    for (const table of TABLES) await copy(client, table, lines[table]);
  }
}

async function copy(client: pg.Client, table: Table, lines: readonly string[]): Promise<void> {
  const into = client.query(from(`copy ${table} (${COLUMNS[table]}) from stdin`));
  await pipeline(Readable.from([Buffer.from(lines.join(''))], { objectMode: false }), into);
}
