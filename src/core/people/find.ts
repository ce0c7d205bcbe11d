import type { Context } from '#core/context.ts';
import { authorize } from '#core/roles/authorize.ts';
import { findPersonNamed } from './people.ts';
import type { PersonSummary } from './person.ts';
import * as store from './search-store.ts';
import { plan } from './search-terms.ts';

/** Where a page begins: the sort key and id of the last person before it. */
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
   * Words; each must stand at the start of a word of the full name or logon name. `*` stands for anything; empty or
   * `*` alone finds everyone in scope. Letter case does not matter.
   */
  q?: string;
  after?: PageKey | null;
  /** People to pass over, for a page asked by number alone; slow when large. */
  offset?: number;
  limit?: number;
}

/**
 * People in the actor's scope. One word is answered in the order of the words found, anything else in the order of
 * last and first name: each straight from an index, so a page costs the same among ten people and ten million.
 */
export async function findPeople(ctx: Context, query: PeopleQuery = {}): Promise<PeoplePage> {
  const reach = authorize(ctx.actor, 'person.view');
  const page = { after: query.after ?? null, offset: query.offset ?? 0, limit: query.limit ?? 200 };
  const search = plan(query.q ?? '');
  if (search.kind === 'nothing') return { people: [], next: null };
  const rows = await run(ctx, search, page, reach);
  const people = rows.slice(0, page.limit);
  const last = people.at(-1);
  return {
    people: people.map(({ key: _, ...person }) => person),
    next: rows.length > page.limit && last ? { key: last.key, id: last.id } : null,
  };
}

function run(
  ctx: Context,
  search: ReturnType<typeof plan>,
  page: store.Page,
  reach: ReturnType<typeof authorize>,
) {
  switch (search.kind) {
    case 'everyone':
      return store.everyone(ctx.sql, page, reach);
    case 'word':
      return store.byWord(ctx.sql, search.prefix, page, reach);
    case 'words':
      return store.byWords(ctx.sql, search.prefixes, page, reach);
    case 'pattern':
      return store.byPattern(ctx.sql, search.patterns, page, reach);
    case 'nothing':
      return Promise.resolve([]);
  }
}

/** The one person of this exact logon name or alias, as a list; empty when there is none in scope. */
export async function findByLogonName(ctx: Context, logonName: string): Promise<PersonSummary[]> {
  const person = await findPersonNamed(ctx, logonName);
  return person ? [person] : [];
}
