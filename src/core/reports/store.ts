import type { Sql, SqlQuery } from '#core/context.ts';
import { personWithin } from '#core/roles/scope.ts';
import type { PeopleSearch } from './people-report.ts';

/** Where a page begins: behind the row with these values in the columns of the order. */
export type PageKey = readonly (string | number)[];

/** A report that somebody pages through, as it was when its first page was asked for. */
export interface Reading {
  id: string;
  generation: number;
  snapshot: string;
  startedAt: Date;
}

/** A reading, with the nearest page at or before the one asked for whose beginning is known. */
export interface Resumed extends Reading {
  knownPage: number | null;
  /** Null where the report ends before that page. */
  key: PageKey | null;
}

/** Who reads what: `id` tells sessions apart, `family` does not. */
export interface ReadingIds {
  id: string;
  family: string;
}

/**
 * Begins to read at the first page, anew if it was read before. Also removes a little of what nobody reads any more:
 * more than one first page ever leaves behind, so that no other upkeep is needed.
 */
export async function beginReading(
  sql: Sql,
  { id, family }: ReadingIds,
  now: Date,
  idleSince: Date,
): Promise<Reading> {
  const [row] = await sql<Reading>`
    with old as (
      delete from report_reading where id in (
        select id from report_reading
        where read_at < ${idleSince} and id <> ${id}
        order by read_at limit 3 for update skip locked)
    ), outdated as (
      delete from report_page where ctid in (
        select p.ctid from report_page p join report_reading r on r.id = p.reading_id
        where r.id = ${id} and p.generation < r.generation
        limit 100)
    )
    insert into report_reading as r (id, family, generation, snapshot, started_at, read_at)
    values (${id}, ${family}, 1, pg_current_snapshot(), ${now}, ${now})
    on conflict (id) do update
    set generation = r.generation + 1, snapshot = excluded.snapshot, started_at = excluded.started_at, read_at = excluded.read_at
    returning id, generation, snapshot, started_at`;
  return row as Reading;
}

export async function resumeReading(sql: Sql, id: string, page: number): Promise<Resumed | undefined> {
  const [row] = await sql<Resumed>`
    select r.id, r.generation, r.snapshot, r.started_at, p.page as known_page, p.key
    from report_reading r
    left join lateral (
      select page, key from report_page
      where reading_id = r.id and generation = r.generation and page <= ${page}
      order by page desc limit 1) p on true
    where r.id = ${id}`;
  return row;
}

/** Takes over what the same reader last began in another session, which goes on undisturbed. */
export async function adoptReading(
  sql: Sql,
  { id, family }: ReadingIds,
  page: number,
  now: Date,
  idleSince: Date,
): Promise<void> {
  await sql`
    with other as (
      select id, generation, snapshot, started_at from report_reading
      where family = ${family} and read_at >= ${idleSince} order by started_at desc limit 1
    ), adopted as (
      insert into report_reading (id, family, generation, snapshot, started_at, read_at)
      select ${id}, ${family}, 1, snapshot, started_at, ${now} from other
      on conflict (id) do nothing
      returning id
    )
    insert into report_page (reading_id, generation, page, key)
    select a.id, 1, p.page, p.key
    from adopted a cross join other o
    cross join lateral (
      select page, key from report_page
      where reading_id = o.id and generation = o.generation and page <= ${page}
      order by page desc limit 1) p`;
}

/** Keeps where a page begins; a null key says that the report ends before it. */
export async function keepPage(
  sql: Sql,
  { id, generation }: Reading,
  page: number,
  key: PageKey | null,
  now: Date,
): Promise<void> {
  await sql`
    with reading as (
      update report_reading set read_at = ${now}
      where id = ${id} and read_at < ${now}::timestamptz - interval '1 minute'
    )
    insert into report_page (reading_id, generation, page, key)
    select id, generation, ${page}, ${key === null ? null : sql.json(key)}
    from report_reading where id = ${id} and generation = ${generation}
    on conflict do nothing`;
}

export interface PeopleReportRow {
  id: string;
  logonName: string;
  firstName: string | null;
  surname: string | null;
  groupId: string;
  groupName: string;
  email: string | null;
  enabled: boolean;
  createdAt: Date;
}

/** The next 51 people: a page, and one that tells whether there are more. */
export function findPeopleRows(sql: Sql, s: PeopleSearch): SqlQuery<PeopleReportRow & { sortKey: string }> {
  const [key, id] = s.from ?? [];
  const comparison = s.isDescending ? sql`<` : sql`>`;
  const direction = s.isDescending ? sql`desc` : sql`asc`;
  return sql<PeopleReportRow & { sortKey: string }>`
    select p.id, p.logon_name, p.first_name, p.last_name as surname, p.group_id, g.name as group_name, c.value as email,
      p.is_enabled as enabled, p.created_at, p.sort_key
    from person p
    join org_group g on g.id = p.group_id
    left join person_contact c on c.person_id = p.id and c.kind = 'email' and c.position = 0
    where ${personWithin(sql, s.reach)} and p.created_at <= ${s.startedAt}
      and ${s.from ? sql`(p.sort_key, p.id) ${comparison} (${key}, ${id}::uuid)` : sql`true`}
      and ${s.criteria.person === null ? sql`true` : sql`p.search_text like ${s.criteria.person}`}
      and ${s.criteria.isEnabled === null ? sql`true` : sql`p.is_enabled = ${s.criteria.isEnabled}`}
    order by p.sort_key ${direction}, p.id ${direction}
    limit 51 ${s.skip > 0 ? sql`offset ${s.skip}` : sql``}`;
}
