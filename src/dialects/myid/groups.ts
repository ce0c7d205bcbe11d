import type { Context } from '#core/context.ts';
import { DomainError } from '#core/errors.ts';
import type { Group, GroupRole } from '#core/groups/group.ts';
import { addGroup, editGroup, getGroup, listGroups, moveGroup, removeGroup } from '#core/groups/groups.ts';
import { guid } from './call.ts';
import {
  entryFields,
  type Fields,
  flag,
  given,
  group as inner,
  list,
  mandatory,
  reference,
  text,
} from './fields.ts';
import type { Handler } from './handlers.ts';
import { groupLinks, nextPage } from './links.ts';
import { PAGE_SIZE, pageOf, writeKey } from './paging.ts';

/** An entry of the list of groups (contract 4.3); what is missing is an empty text. */
const toEntry = (g: Group) => ({
  name: g.name,
  desc: g.description,
  ou: g.ou,
  parentName: g.parentName,
  id: guid(g.id),
  href: `groups/${guid(g.id)}`,
});

const toGroup = (ctx: Context, g: Group & { roles: readonly GroupRole[] }) => ({
  ...toEntry(g),
  parent: { id: g.parentId === null ? '' : guid(g.parentId), name: g.parentName },
  tenant: g.isTenant ? '1' : '0',
  builtIn: g.isBuiltIn ? '1' : '0',
  rolesLimited: g.rolesLimited ? '1' : '0',
  roles: g.roles.map(({ name, defaultScope }) => ({ id: name, name, defaultScope: defaultScope ?? '' })),
  version: g.version,
  links: groupLinks(ctx.actor, g),
});

const read = async (ctx: Context, id: string) => toGroup(ctx, await getGroup(ctx, id));

const parentOf = (body: Fields) => reference(inner(body, 'parent'), 'id', 'parent.id');

const commonOf = (body: Fields) => ({
  description: text(body, 'desc') ?? undefined,
  ou: text(body, 'ou') ?? undefined,
  rolesLimited: flag(body, 'rolesLimited'),
  roles: list(body, 'roles', toRole),
});

function toRole(entry: unknown, field: string): GroupRole {
  const fields = entryFields(entry, field);
  const name = text(fields, 'id', field) ?? text(fields, 'name', field) ?? '';
  const scope = text(fields, 'defaultScope', field)?.trim().toLowerCase();
  return { name: name.trim(), defaultScope: scope || null };
}

export const groups = {
  async findGroups(ctx, call) {
    const q = call.query('q') ?? '';
    const { page, after, offset } = pageOf(call);
    const found = await listGroups(ctx, {
      q,
      after: after && { name: after.key, id: after.id },
      offset,
      limit: PAGE_SIZE,
    });
    const results = found.groups.map(toEntry);
    if (!found.next) return { results };
    const next = writeKey({ key: found.next.name, id: found.next.id });
    return { results, links: [nextPage('groups', { q, page: String(page + 1), after: next })] };
  },

  async addGroup(ctx, call) {
    const body = call.body();
    const name = mandatory(body, 'name');
    const added = await addGroup(ctx, {
      name,
      parent: parentOf(body),
      isTenant: flag(body, 'tenant'),
      ...commonOf(body),
    });
    return read(ctx, added.id);
  },

  async getGroup(ctx, call) {
    return read(ctx, call.id());
  },

  async editGroup(ctx, call) {
    const id = call.id();
    const body = call.body();
    await editGroup(ctx, id, given({ name: text(body, 'name') ?? undefined, ...commonOf(body) }));
    return read(ctx, id);
  },

  async moveGroup(ctx, call) {
    const id = call.id();
    const parent = parentOf(call.body());
    if (parent === undefined) throw new DomainError('request.value_required', { field: 'parent.id' });
    await moveGroup(ctx, id, parent);
    return read(ctx, id);
  },

  async removeGroup(ctx, call) {
    const id = call.id();
    await removeGroup(ctx, id);
    return { id: guid(id) };
  },
} satisfies Record<string, Handler>;
