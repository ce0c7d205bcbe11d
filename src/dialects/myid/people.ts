import type { Context } from '#core/context.ts';
import { findByLogonName, findPeople } from '#core/people/find.ts';
import { getImage, setImage } from '#core/people/images.ts';
import {
  addPerson,
  disablePerson,
  editPerson,
  enablePerson,
  getPerson,
  removePerson,
} from '#core/people/people.ts';
import type { Person } from '#core/people/person.ts';
import { type Call, guid } from './call.ts';
import { mandatory, whole } from './fields.ts';
import type { Handler } from './handlers.ts';
import { fromImage, toImage } from './image-wire.ts';
import { nextPage, personLinks } from './links.ts';
import { PAGE_SIZE, pageOf, writeKey } from './paging.ts';
import { fromPerson, toEntry, toPerson } from './person-wire.ts';

const withLinks = (ctx: Context, person: Person) => ({
  ...toPerson(person),
  links: personLinks(ctx.actor, person),
});

/** `confirm=true` asks what would be saved, and saves nothing. */
const asksOnly = (call: Call) => /^(?:true|1|yes)$/i.test(call.query('confirm')?.trim() ?? '');

export const people = {
  async findPeople(ctx, call) {
    const logonName = call.query('logonname');
    if (logonName !== undefined) return { results: (await findByLogonName(ctx, logonName)).map(toEntry) };
    const q = call.query('q') ?? '';
    const { page, ...where } = pageOf(call);
    const found = await findPeople(ctx, { q, ...where, limit: PAGE_SIZE });
    const results = found.people.map(toEntry);
    if (!found.next) return { results };
    const after = writeKey(found.next);
    return { results, links: [nextPage('people', { q, page: String(page + 1), after })] };
  },

  async addPerson(ctx, call) {
    const input = fromPerson(call.body());
    if (!asksOnly(call)) return withLinks(ctx, await addPerson(ctx, input));
    const { id: _id, href: _href, ...person } = toPerson(await addPerson(ctx, input, { dryRun: true }));
    return person;
  },

  async getPerson(ctx, call) {
    return withLinks(ctx, await getPerson(ctx, call.id()));
  },

  async editPerson(ctx, call) {
    const id = call.id();
    const body = call.body();
    const version = whole(body, 'version');
    const options = { dryRun: asksOnly(call), ...(version !== undefined && { version }) };
    return withLinks(ctx, await editPerson(ctx, id, fromPerson(body), options));
  },

  async removePerson(ctx, call) {
    const id = call.id();
    await removePerson(ctx, id);
    return { id: guid(id) };
  },

  async enablePerson(ctx, call) {
    return withLinks(ctx, await enablePerson(ctx, call.id()));
  },

  async disablePerson(ctx, call) {
    const id = call.id();
    return withLinks(ctx, await disablePerson(ctx, id, mandatory(call.optionalBody(), 'reason')));
  },

  async getImage(ctx, call) {
    return toImage(await getImage(ctx, call.id(), call.param('imageField')));
  },

  async setImage(ctx, call) {
    const id = call.id();
    return toImage(await setImage(ctx, id, call.param('imageField'), fromImage(call.body())));
  },

  /** No credential profiles can be made yet, so nobody has one available. */
  async listCredProfiles(ctx, call) {
    await getPerson(ctx, call.id());
    return { results: [] };
  },
} satisfies Record<string, Handler>;
