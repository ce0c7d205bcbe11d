import type { Context } from '#core/context.ts';
import type { Group } from '#core/groups/group.ts';
import {
  addGroup,
  editGroup,
  findGroup,
  getGroup,
  listGroups,
  moveGroup,
  removeGroup,
} from '#core/groups/groups.ts';
import { command, Misuse } from '../command.ts';
import { everyPage } from '../paging.ts';
import { facts, table } from '../table.ts';

const WHICH = { name: 'GROUP', help: 'its name, its path such as Root/Europe/Sales, or its id' } as const;

export const groupAdd = command({
  summary: 'Add a group',
  about: 'Groups form a tree under Root. The new id is printed.',
  options: {
    name: { value: 'NAME', required: true, help: 'name; no slash, and not one that a group beside it has' },
    parent: {
      value: 'GROUP',
      help: 'the group above: name, path such as Root/Europe/Sales, or id; else Root',
    },
    description: { value: 'TEXT', help: 'what the group is' },
    ou: { value: 'DN', help: 'the directory unit that it stands for' },
    tenant: { help: 'make it a tenant: logon names are unique within it, and it is closed to others' },
  },
  examples: [
    ['signet group add --name Finance', 'add a group below Root'],
    ['signet group add --name Sales --parent Root/Europe --description "Sells"', 'add one farther down'],
  ],
  async run(cli, { name, parent, description, ou, tenant }) {
    const group = await cli.run((ctx) => addGroup(ctx, { name, parent, description, ou, isTenant: tenant }));
    return { value: group, text: `${group.id}\n` };
  },
});

export const groupList = command({
  summary: 'List the groups',
  options: { search: { value: 'TEXT', help: 'only those with this in their name; * stands for anything' } },
  examples: [['signet group list', 'show the whole tree']],
  async run(cli, { search }) {
    const groups = await cli.run((ctx) => allGroups(ctx, search));
    const all = search === undefined ? groups : await cli.run((ctx) => allGroups(ctx));
    const paths = pathsOf(all);
    const rows = groups
      .map((group) => [paths.get(group.id) ?? group.name, group.id, group.description] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return { value: groups, text: table(['GROUP', 'ID', 'DESCRIPTION'], rows) };
  },
});

const allGroups = (ctx: Context, q = ''): Promise<Group[]> =>
  everyPage<Group, { name: string; id: string }>(async (after) => {
    const { groups, next } = await listGroups(ctx, { q, after, limit: 1000 });
    return { items: groups, next };
  });

function pathsOf(groups: readonly Group[]): Map<string, string> {
  const byId = new Map(groups.map((group) => [group.id, group]));
  const path = (group: Group): string => {
    const parent = group.parentId === null ? undefined : byId.get(group.parentId);
    return parent ? `${path(parent)}/${group.name}` : group.name;
  };
  return new Map(groups.map((group) => [group.id, path(group)]));
}

export const groupShow = command({
  summary: 'Show a group',
  operands: [WHICH],
  examples: [['signet group show Finance', 'show what is known of it']],
  async run(cli, _, [which = '']) {
    const group = await cli.run(async (ctx) => getGroup(ctx, (await findGroup(ctx, which)).id));
    const roles = group.roles.map((role) =>
      role.defaultScope ? `${role.name}:${role.defaultScope}` : role.name,
    );
    const text = facts([
      ['Name', group.name],
      ['Id', group.id],
      ['Parent', group.parentName],
      ['Description', group.description],
      ['Directory unit', group.ou],
      ['Tenant', group.isTenant ? 'yes' : 'no'],
      ['Roles', `${roles.join(', ')}${group.rolesLimited ? ' (no others)' : ''}`],
    ]);
    return { value: group, text };
  },
});

export const groupSet = command({
  summary: 'Change a group',
  operands: [WHICH],
  options: {
    name: { value: 'NAME', help: 'a new name' },
    description: { value: 'TEXT', help: 'a new description' },
    ou: { value: 'DN', help: 'the directory unit that it stands for' },
    role: {
      value: 'ROLE[:SCOPE]',
      many: true,
      help: 'a role that it offers; with a scope new members get it by default. Replaces those it has',
    },
    limited: { value: 'yes|no', help: 'whether members may have only the roles that it offers' },
  },
  examples: [['signet group set Finance --description "Pays"', 'say what it is']],
  async run(cli, { name, description, ou, role, limited }, [which = '']) {
    if (limited !== undefined && !/^(yes|no)$/.test(limited)) throw new Misuse('--limited is yes or no');
    const roles = role.map((text) => {
      const colon = text.lastIndexOf(':');
      return colon < 0
        ? { name: text, defaultScope: null }
        : { name: text.slice(0, colon), defaultScope: text.slice(colon + 1) };
    });
    const group = await cli.run(async (ctx) => {
      const { id } = await findGroup(ctx, which);
      return editGroup(ctx, id, {
        name,
        description,
        ou,
        rolesLimited: limited === undefined ? undefined : limited === 'yes',
        roles: roles.length > 0 ? roles : undefined,
      });
    });
    return { value: group, text: '' };
  },
});

export const groupMove = command({
  summary: 'Hang a group, with all below it, under another',
  operands: [WHICH],
  options: { parent: { value: 'GROUP', required: true, help: 'the group that it comes under' } },
  examples: [['signet group move Sales --parent Root/Asia', 'move it to another branch']],
  async run(cli, { parent }, [which = '']) {
    const group = await cli.run(async (ctx) => {
      const [moved, to] = [await findGroup(ctx, which), await findGroup(ctx, parent)];
      return moveGroup(ctx, moved.id, to.id);
    });
    return { value: group, text: '' };
  },
});

export const groupRemove = command({
  summary: 'Remove an empty group',
  operands: [WHICH],
  examples: [['signet group remove Finance', 'remove it, if nobody and nothing is in it']],
  async run(cli, _, [which = '']) {
    const id = await cli.run(async (ctx) => {
      const group = await findGroup(ctx, which);
      await removeGroup(ctx, group.id);
      return group.id;
    });
    return { value: { removed: id }, text: '' };
  },
});
