import type { Sql, SqlQuery } from '#core/context.ts';
import { groupWithin } from '#core/roles/scope.ts';
import type { PageKey } from './find.ts';
import type { PersonSummary } from './person.ts';
import type { Term } from './search-terms.ts';

export interface Page {
  after: PageKey | null;
  offset: number;
  limit: number;
}

export type FoundSummary = PersonSummary & { key: string };

/** A row of a walk, as a condition on `w`, `w.key` being the column it is ordered by. */
export interface Walk {
  /**
   * Rows of `key`, `person_id`, `group_id` and `search_text` in the order of the first two, so many at most, read from
   * the index alone. Conditions that the index does not answer never go into `where`: in front of the limit they would
   * make PostgreSQL read on and on.
   */
  rows(where: SqlQuery<object>, limit: number): SqlQuery<object>;
  /** The condition that a row does not come after this one. */
  upTo(key: SqlQuery<object>, personId: SqlQuery<object>): SqlQuery<object>;
}

/** Everyone, by last and first name. */
export const byName = (sql: Sql, after: PageKey | null): Walk => ({
  rows: (where, limit) => sql`
    select w.sort_key as key, w.id as person_id, w.group_id, w.search_text
    from person w
    where ${where} ${after ? sql`and (w.sort_key, w.id) > (${after.key} collate "C", ${after.id}::uuid)` : sql``}
    order by w.sort_key, w.id limit ${limit}`,
  upTo: (key, personId) => sql`(w.sort_key, w.id) <= (${key}, ${personId})`,
});

/** People with a word that begins with the prefix, by that word, each person once: at their first such word. */
export const byWord = (sql: Sql, prefix: string, after: PageKey | null): Walk => ({
  rows: (where, limit) => sql`
    select w.word as key, w.person_id, w.group_id, null::text as search_text
    from person_word w
    where w.word >= ${prefix} and w.word < ${beyond(prefix)} and w.shared < ${[...prefix].length}
      and ${where} ${after ? sql`and (w.word, w.person_id) > (${after.key} collate "C", ${after.id}::uuid)` : sql``}
    order by w.word, w.person_id limit ${limit}`,
  upTo: (key, personId) => sql`(w.word, w.person_id) <= (${key}, ${personId})`,
});

/** The end of the range of words that begin with the prefix, in the order of code points. */
function beyond(prefix: string): string {
  const points = Array.from(prefix, (character) => character.codePointAt(0) as number);
  while (points.at(-1) === 0x10ffff) points.pop();
  const last = points.pop();
  if (last === undefined) return '\u{10ffff}'.repeat(1000);
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
}

/** Ids of a group and all below it. */
export async function groupsBelow(sql: Sql, groupId: string): Promise<string[]> {
  const rows = await sql<{
    id: string;
  }>`select g.id from org_group g where ${groupWithin(sql, { scope: 'division', groupId })}`;
  return rows.map((row) => row.id);
}

/** What a walk finds in a group or, with null, everywhere. */
export const foundByWalk = (
  sql: Sql,
  walk: Walk,
  page: Page,
  groupId: string | null,
): SqlQuery<FoundSummary> => shown(sql, page, walk.rows(inGroup(sql, groupId), needed(page)));

const inGroup = (sql: Sql, groupId: string | null): SqlQuery<object> =>
  groupId === null ? sql`true` : sql`w.group_id = ${groupId}`;

/** What a walk finds in each of many groups, put in order. */
export function foundInEach(
  sql: Sql,
  walk: Walk,
  page: Page,
  groups: readonly string[],
): SqlQuery<FoundSummary> {
  return shown(
    sql,
    page,
    sql`
      select e.key, e.person_id from unnest(${groups}::uuid[]) as below (id)
      cross join lateral (${walk.rows(sql`w.group_id = below.id`, needed(page))}) e`,
  );
}

/** Which entries of a walk count, where it is not all: those of these groups, and of people who match these terms. */
export interface Filter {
  groups: readonly string[] | null;
  terms: readonly Term[];
}

/**
 * What so many entries of a walk hold, of one group or all. A page that comes out full is right; one that does not may
 * lack what stands behind.
 */
export function foundEarly(
  sql: Sql,
  walk: Walk,
  page: Page,
  groupId: string | null,
  entries: number,
  filter: Filter,
): SqlQuery<FoundSummary> {
  const found = sql`
    select r.key, r.person_id from (${walk.rows(inGroup(sql, groupId), entries)}) r
    where ${passes(sql, filter)} order by r.key, r.person_id limit ${needed(page)}`;
  return planned(sql, shown(sql, page, found), filter);
}

/**
 * The same from so many entries of each group. Beyond the last of them there may be more of a group, so nothing after the
 * earliest of those is told.
 */
export function foundEarlyInEach(
  sql: Sql,
  walk: Walk,
  page: Page,
  groups: readonly string[],
  entries: number,
  filter: Filter,
): SqlQuery<FoundSummary> {
  const eachGroup = sql`unnest(${groups}::uuid[]) as below (id) cross join lateral`;
  const ofGroup = sql`w.group_id = below.id`;
  const known = walk.upTo(
    sql`coalesce((select key from horizon), ${LAST_KEY}) collate "C"`,
    sql`coalesce((select person_id from horizon), ${LAST_ID}::uuid)`,
  );
  const found = sql`
    with horizon as materialized (
      select e.key, e.person_id from ${eachGroup} (${walk.rows(ofGroup, 1)} offset ${entries - 1}) e
      order by e.key, e.person_id limit 1)
    select r.key, r.person_id from ${eachGroup} (${walk.rows(sql`${ofGroup} and ${known}`, entries)}) r
    where ${passes(sql, filter)}
    order by r.key, r.person_id limit ${needed(page)}`;
  return planned(sql, shown(sql, page, found), filter);
}

/** No row of a walk comes after these. */
const LAST_KEY = '\u{10ffff}'.repeat(400);
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** Terms make a statement that is written in many forms. */
const planned = (sql: Sql, query: SqlQuery<FoundSummary>, { terms }: Filter): SqlQuery<FoundSummary> =>
  terms.length === 0 ? query : sql.unprepared(query);

function passes(sql: Sql, { groups, terms }: Filter): SqlQuery<object> {
  // "is true" keeps this a look-up in a hash table; else it would become a join that loses the order.
  const inGroups =
    groups === null ? sql`true` : sql`(r.group_id in (select unnest(${groups}::uuid[]))) is true`;
  return sql`${inGroups} and ${matches(sql, terms, sql`r.search_text`, sql`r.person_id`)}`;
}

function matches(sql: Sql, terms: readonly Term[], text: SqlQuery<object>, id: SqlQuery<object>) {
  const texts = terms.reduce((all, term) => sql`${all} and ${text} like ${term.text}`, sql`true`);
  return terms.reduce(
    (all, { word }) =>
      word === null
        ? all
        : sql`${all} and exists (select from person_word o where o.person_id = ${id} and o.word like ${word})`,
    texts,
  );
}

/** People who match all terms, by last and first name: all are found through the trigrams, then put in order. */
export function foundByText(
  sql: Sql,
  terms: readonly Term[],
  page: Page,
  groups: readonly string[] | null,
): SqlQuery<FoundSummary> {
  const { after } = page;
  // offset 0 keeps the order and the limit out: by them PostgreSQL would rather walk the whole index of names.
  return sql.unprepared(
    shown(
      sql,
      page,
      sql`
        select key, person_id from (
          select p.sort_key as key, p.id as person_id from person p
          where ${groups === null ? sql`true` : sql`p.group_id = any (${groups}::uuid[])`}
            and ${after ? sql`(p.sort_key, p.id) > (${after.key} collate "C", ${after.id}::uuid)` : sql`true`}
            and ${matches(sql, terms, sql`p.search_text`, sql`p.id`)}
          offset 0) all_matching
        order by key, person_id limit ${needed(page)}`,
    ),
  );
}

/** One person, if they match. */
export function foundAlone(
  sql: Sql,
  personId: string,
  terms: readonly Term[],
  page: Page,
): SqlQuery<FoundSummary> {
  return sql.unprepared(
    shown(
      sql,
      page,
      sql`
        select p.sort_key as key, p.id as person_id from person p
        where p.id = ${personId} and ${matches(sql, terms, sql`p.search_text`, sql`p.id`)}`,
    ),
  );
}

/** How many must be found for a page, one more than asked to tell whether there are more. */
export const needed = (page: Page): number => page.offset + page.limit + 1;

/** Each person is looked up by itself: not knowing the limit, PostgreSQL would rather read all of them for a join. */
const shown = (sql: Sql, page: Page, found: SqlQuery<object>): SqlQuery<FoundSummary> => sql<FoundSummary>`
  with found as materialized (
    select f.key, f.person_id from (${found}) f order by f.key, f.person_id limit ${page.limit + 1} offset ${page.offset})
  select p.id, p.logon_name, p.first_name, p.last_name, g.name as group_name, p.is_enabled, found.key
  from found cross join lateral (
      select o.id, o.group_id, o.logon_name, o.first_name, o.last_name, o.is_enabled
      from person o where o.id = found.person_id limit 1) p
    join org_group g on g.id = p.group_id
  order by found.key, found.person_id`;
