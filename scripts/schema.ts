import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { migrate } from '#adapters/migrate.ts';
import { temporaryCluster } from './temporary-cluster.ts';

const FILE = fileURLToPath(new URL('../schema.sql', import.meta.url));
const MIGRATIONS = fileURLToPath(new URL('../migrations', import.meta.url));

const HEAD = `-- What the migrations add up to, read from the catalogue of a migrated database by \`npm run schema\`.
-- To be read, not to be run.
`;

/** Each query gives the definitions of one kind, in a stable order. What belongs to an extension is left out. */
const KINDS: readonly [title: string, query: string][] = [
  [
    'Extensions',
    `select 'create extension ' || extname || ';' as text from pg_extension where extname <> 'plpgsql' order by extname`,
  ],
  [
    'Tables',
    `select 'create table ' || c.relname || E' (\\n' || string_agg('  ' || line, E',\\n' order by kind, position) || E'\\n);' as text
     from pg_class c cross join lateral (
       select 1 as kind, a.attnum::int as position,
         quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
           || case when a.attcollation not in (0, t.typcollation) then ' collate "' || co.collname || '"' else '' end
           || case when a.attnotnull then ' not null' else '' end
           || case a.attidentity when 'a' then ' generated always as identity' else '' end
           || case when a.attgenerated = 's' then ' generated always as (' || pg_get_expr(d.adbin, d.adrelid) || ') stored'
                when d.adbin is not null then ' default ' || pg_get_expr(d.adbin, d.adrelid) else '' end as line
       from pg_attribute a join pg_type t on t.oid = a.atttypid left join pg_collation co on co.oid = a.attcollation
         left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
       where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
       union all
       select 2, row_number() over (order by case k.contype when 'p' then 0 else 1 end, k.conname)::int,
         'constraint ' || k.conname || ' ' || pg_get_constraintdef(k.oid)
       from pg_constraint k where k.conrelid = c.oid and k.contype in ('p', 'u', 'f', 'c')
     ) as lines
     where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace group by c.relname order by c.relname`,
  ],
  [
    'Indexes',
    `select pg_get_indexdef(i.indexrelid) || ';' as text
     from pg_index i join pg_class c on c.oid = i.indexrelid
     where c.relnamespace = 'public'::regnamespace and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u'))
     order by c.relname`,
  ],
  [
    'Functions',
    `select pg_get_functiondef(p.oid) || ';' as text from pg_proc p
     where p.pronamespace = 'public'::regnamespace
       and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e') order by p.proname`,
  ],
  [
    'Triggers',
    `select pg_get_triggerdef(t.oid) || ';' as text from pg_trigger t join pg_class c on c.oid = t.tgrelid
     where not t.tgisinternal and c.relnamespace = 'public'::regnamespace order by t.tgname`,
  ],
];

/** The schema of a database as text, the same on every supported version of PostgreSQL. */
export async function describeSchema(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const parts = [HEAD];
    for (const [title, query] of KINDS) {
      const { rows } = await client.query<{ text: string }>(query);
      parts.push(`-- ${title}\n\n${rows.map((row) => row.text.trimEnd()).join('\n\n')}\n`);
    }
    return parts.join('\n');
  } finally {
    await client.end();
  }
}

async function main(): Promise<number> {
  const cluster = await temporaryCluster();
  try {
    await migrate(cluster.url, MIGRATIONS);
    const text = await describeSchema(cluster.url);
    if (!process.argv.includes('--check')) {
      writeFileSync(FILE, text);
      return 0;
    }
    if (readFileSync(FILE, 'utf8') === text) return 0;
    process.stderr.write('schema.sql is not what the migrations make: npm run schema\n');
    return 1;
  } finally {
    await cluster.remove();
  }
}

if (import.meta.main) process.exitCode = await main();
