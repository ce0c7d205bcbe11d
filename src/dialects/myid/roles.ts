import type { Context } from '#core/context.ts';
import { MECHANISMS } from '#core/roles/mechanisms.ts';
import { OPTION_NAMES, OPTIONS } from '#core/roles/permissions.ts';
import {
  addRole,
  editRole,
  getRole,
  listGrantableRoles,
  listRoles,
  type Role,
  removeRole,
} from '#core/roles/roles.ts';
import { guid } from './call.ts';
import { entryText, type Fields, given, group, list, mandatory, text } from './fields.ts';
import type { Handler } from './handlers.ts';
import { linksOn } from './links.ts';

/** The id of a role is its name, as in the roles of a person; `objectId` stays when it is renamed. */
const toEntry = (r: Role) => ({
  id: r.name,
  name: r.name,
  desc: r.description,
  objectId: guid(r.id),
  href: `roles/${guid(r.id)}`,
});

const toRole = (ctx: Context, r: Role) => ({
  ...toEntry(r),
  operations: r.operations,
  mechanisms: r.mechanisms,
  builtIn: r.isBuiltIn ? '1' : '0',
  links: linksOn('role', ctx.actor, guid(r.id), r.isBuiltIn ? ['removeRole'] : []),
});

const fromRole = (body: Fields) => ({
  description: text(body, 'desc') ?? undefined,
  operations: list(body, 'operations', entryText),
  mechanisms: list(body, 'mechanisms', entryText),
});

export const roles = {
  async listRoles(ctx) {
    return { results: (await listRoles(ctx)).map(toEntry) };
  },

  async listGrantableRoles(ctx) {
    const grantable = await listGrantableRoles(ctx);
    return { results: grantable.map(({ role, scope }) => ({ ...toEntry(role), scope })) };
  },

  async listOptions() {
    return {
      operations: OPTION_NAMES.map((name) => ({ name, section: OPTIONS[name].section })),
      mechanisms: MECHANISMS.map((name) => ({ name })),
    };
  },

  async getRole(ctx, call) {
    return toRole(ctx, await getRole(ctx, call.param('id')));
  },

  async addRole(ctx, call) {
    const body = call.body();
    const name = mandatory(body, 'name');
    const from = text(group(body, 'derivedFrom'), 'id', 'derivedFrom.id') || undefined;
    return toRole(ctx, await addRole(ctx, { name, from, ...fromRole(body) }));
  },

  async editRole(ctx, call) {
    const body = call.body();
    const patch = given({ name: text(body, 'name') ?? undefined, ...fromRole(body) });
    return toRole(ctx, await editRole(ctx, call.param('id'), patch));
  },

  async removeRole(ctx, call) {
    const role = await getRole(ctx, call.param('id'));
    await removeRole(ctx, role.id);
    return { id: role.name };
  },
} satisfies Record<string, Handler>;
