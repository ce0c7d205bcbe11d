import type { Sql, SqlQuery } from '#core/context.ts';
import { personWithin, type Reach } from '#core/roles/scope.ts';
import type { PageKey } from './find.ts';
import type { PersonSummary } from './person.ts';
import type { Pattern } from './search-terms.ts';

export interface Page {
  after: PageKey | null;
  offset: number;
  limit: number;
}

export type FoundSummary = PersonSummary & { key: string };

const summary = (sql: Sql) =>
  sql`p.id, p.logon_name, p.first_name, p.last_name, g.name as group_name, p.is_enabled`;

const inOrder = (sql: Sql, { after, offset, limit }: Page) => sql`
  and ${after ? sql`(p.sort_key, p.id) > (${after.key} collate "C", ${after.id}::uuid)` : sql`true`}
  order by p.sort_key, p.id limit ${limit + 1} offset ${offset}`;

/** Everyone within reach, by last and first name. */
export function everyone(sql: Sql, page: Page, reach: Reach): SqlQuery<FoundSummary> {
  return sql<FoundSummary>`
    select ${summary(sql)}, p.sort_key as key
    from person p join org_group g on g.id = p.group_id
    where ${personWithin(sql, reach)} ${inOrder(sql, page)}`;
}

/** The end of the range of words that begin with the prefix, in byte order. */
const beyond = (prefix: string): string => `${prefix}\u{10ffff}`;

/** People with a word that begins with the prefix, in the order of those words, each person once: at their first such word. */
export function byWord(sql: Sql, prefix: string, page: Page, reach: Reach): SqlQuery<FoundSummary> {
  const matches = (condition: SqlQuery<object>) => sql`
    select w.word, w.person_id
    from person_word w
    where w.word >= ${prefix} and w.word < ${beyond(prefix)} and ${condition}
      and ${page.after ? sql`(w.word, w.person_id) > (${page.after.key} collate "C", ${page.after.id}::uuid)` : sql`true`}
      and w.shared < ${[...prefix].length}
    order by w.word, w.person_id
    limit ${page.limit + 1 + page.offset}`;
  return sql<FoundSummary>`
    with found as (${inReach(sql, reach, matches)})
    select ${summary(sql)}, found.word as key
    from found join person p on p.id = found.person_id join org_group g on g.id = p.group_id
    order by found.word, p.id
    limit ${page.limit + 1} offset ${page.offset}`;
}

/** Walks the index that fits the reach: the whole one, one group's, or that of each group below, merged. */
function inReach(
  sql: Sql,
  reach: Reach,
  matches: (condition: SqlQuery<object>) => SqlQuery<object>,
): SqlQuery<object> {
  switch (reach.scope) {
    case 'all':
      return matches(sql`true`);
    case 'none':
      return matches(sql`false`);
    case 'self':
      return matches(sql`w.person_id = ${reach.personId}`);
    case 'department':
      return matches(sql`w.group_id = ${reach.groupId}`);
    case 'division':
      return sql`
        select m.word, m.person_id
        from org_group below cross join lateral (${matches(sql`w.group_id = below.id`)}) m
        where below.ancestors @> array[${reach.groupId}]::uuid[]
        order by m.word, m.person_id`;
  }
}

/** People with a word for each of the prefixes, by last and first name. */
export function byWords(
  sql: Sql,
  prefixes: readonly string[],
  page: Page,
  reach: Reach,
): SqlQuery<FoundSummary> {
  const holders = (prefix: string) => sql`
    select person_id from person_word where word >= ${prefix} and word < ${beyond(prefix)}`;
  const [first = '', ...others] = prefixes;
  const all = others.reduce((query, prefix) => sql`${query} intersect ${holders(prefix)}`, holders(first));
  return sql<FoundSummary>`
    with found as (${all})
    select ${summary(sql)}, p.sort_key as key
    from found join person p on p.id = found.person_id join org_group g on g.id = p.group_id
    where ${personWithin(sql, reach)} ${inOrder(sql, page)}`;
}

/** People whose name and logon name match every pattern, by last and first name. */
export function byPattern(
  sql: Sql,
  patterns: readonly Pattern[],
  page: Page,
  reach: Reach,
): SqlQuery<FoundSummary> {
  const all = patterns.reduce(
    (query, { anywhere, startsWord }) => sql`${query} and p.search_text like ${anywhere}
      and ${startsWord === null ? sql`true` : sql`' ' || p.search_text like ${startsWord}`}`,
    sql`true`,
  );
  return sql<FoundSummary>`
    select ${summary(sql)}, p.sort_key as key
    from person p join org_group g on g.id = p.group_id
    where ${all} and ${personWithin(sql, reach)} ${inOrder(sql, page)}`;
}
