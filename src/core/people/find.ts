import type { Context, Sql } from '#core/context.ts';
import { DomainError } from '#core/errors.ts';
import { authorize } from '#core/roles/authorize.ts';
import type { Reach } from '#core/roles/scope.ts';
import { findPersonNamed } from './people.ts';
import type { PersonSummary } from './person.ts';
import * as store from './search-store.ts';
import { plan, type SearchPlan, type Term } from './search-terms.ts';

/** Where a page begins: the key and id of the last person before it, as `next` of that page gives them. */
export interface PageKey {
  key: string;
  id: string;
}

export interface PeoplePage {
  people: PersonSummary[];
  next: PageKey | null;
}

export interface PeopleQuery {
  /**
   * Words; each must stand at the start of a word of the full name or logon name, where a word starts behind a blank or
   * a sign. `*` stands for anything within a word, in front for any place in it; empty or `*` alone finds everyone in
   * scope. Letter case does not matter.
   */
  q?: string;
  after?: PageKey | null;
  /** People to pass over, for a page asked by number alone; slow when large. */
  offset?: number;
  /** People at most, 1 to 1000; 200 where absent. */
  limit?: number;
}

/** Until this many groups it is quicker to look into each than to pass over the people of others. */
const FEW_GROUPS = 25;
/** Entries of an index that are read in the hope of a full page before something dearer is done: a millisecond or two. */
const HOPE = 4000;
/** The same where each entry is matched against a text, which is dear to do without. */
const HOPE_OF_TEXT = 8_000;
/** With more letters than this to look for, hardly ever so many match that they are soon met with in the order of names. */
const FEW_LETTERS = 4;

/**
 * People in the actor's scope. One word is answered in the order of the words found, anything else in the order of
 * last and first name. Everyone, and one word, come straight from an index, so a page costs the same among ten
 * thousand people and ten million; several words and stars cost with the number of matches.
 * Refuses `request.invalid` for a page that there cannot be.
 */
export async function findPeople(ctx: Context, query: PeopleQuery = {}): Promise<PeoplePage> {
  const reach = authorize(ctx.actor, 'person.view');
  const page = { after: query.after ?? null, offset: query.offset ?? 0, limit: query.limit ?? 200 };
  if (!isWhole(page.limit, 1, 1000) || !isWhole(page.offset, 0, 1_000_000))
    throw new DomainError('request.invalid', { field: 'page' });
  const rows = await search(ctx.sql, plan(query.q ?? ''), page, reach);
  const people = rows.slice(0, page.limit);
  const last = people.at(-1);
  return {
    people: people.map(({ key: _, ...person }) => person),
    next: rows.length > page.limit && last ? { key: last.key, id: last.id } : null,
  };
}

const isWhole = (n: number, least: number, most: number) => Number.isInteger(n) && n >= least && n <= most;

async function search(
  sql: Sql,
  asked: SearchPlan,
  page: store.Page,
  reach: Reach,
): Promise<store.FoundSummary[]> {
  if (asked.kind === 'nothing' || reach.scope === 'none') return [];
  // Nobody comes after the only one.
  if (reach.scope === 'self')
    return page.after ? [] : store.foundAlone(sql, reach.personId, asked.terms, page);
  const groups = await groupsOf(sql, reach);
  if (asked.kind === 'matching') return matching(sql, asked.terms, page, groups);
  const walk =
    asked.kind === 'word' ? store.byWord(sql, asked.prefix, page.after) : store.byName(sql, page.after);
  return walked(sql, walk, page, groups);
}

/** The groups within reach; null for all. */
async function groupsOf(sql: Sql, reach: Reach): Promise<string[] | null> {
  if (reach.scope === 'department') return [reach.groupId];
  return reach.scope === 'division' ? store.groupsBelow(sql, reach.groupId) : null;
}

/** Everything that a walk finds is wanted, as far as it is of these groups. */
async function walked(sql: Sql, walk: store.Walk, page: store.Page, groups: string[] | null) {
  if (groups === null || groups.length === 1) return store.foundByWalk(sql, walk, page, groups?.[0] ?? null);
  // Thrice a fair share of the page from each group is nearly always enough.
  const early = await (groups.length <= FEW_GROUPS
    ? store.foundEarlyInEach(sql, walk, page, groups, share(3 * store.needed(page), groups), EVERYONE)
    : store.foundEarly(sql, walk, page, null, HOPE + page.offset, { ...EVERYONE, groups }));
  return isFull(early, page) ? early : store.foundInEach(sql, walk, page, groups);
}

const EVERYONE: store.Filter = { groups: null, terms: [] };
const share = (entries: number, groups: readonly string[]) => Math.ceil(entries / groups.length) + 5;
const isFull = (rows: readonly unknown[], page: store.Page) => rows.length > page.limit;

/** What many match is soon found in the order of names; what few match is found through the trigrams. */
async function matching(sql: Sql, terms: readonly Term[], page: store.Page, groups: string[] | null) {
  const thorough = () => store.foundByText(sql, terms, page, groups);
  if (terms.reduce((letters, term) => letters + term.letters, 0) > FEW_LETTERS) return thorough();
  const walk = store.byName(sql, page.after);
  const filter = { groups: null, terms };
  const early = await (groups === null || groups.length === 1
    ? store.foundEarly(sql, walk, page, groups?.[0] ?? null, HOPE_OF_TEXT, filter)
    : groups.length <= FEW_GROUPS
      ? store.foundEarlyInEach(sql, walk, page, groups, share(HOPE_OF_TEXT, groups), filter)
      : store.foundEarly(sql, walk, page, null, 2 * HOPE_OF_TEXT, { terms, groups }));
  return isFull(early, page) ? early : thorough();
}

/** The one person of this exact logon name or alias, as a list; empty when there is none in scope. */
export async function findByLogonName(ctx: Context, logonName: string): Promise<PersonSummary[]> {
  const person = await findPersonNamed(ctx, logonName);
  return person ? [person] : [];
}
