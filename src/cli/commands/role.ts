import { MECHANISMS } from '#core/roles/mechanisms.ts';
import { OPTION_NAMES, OPTIONS } from '#core/roles/permissions.ts';
import { addRole, editRole, getRole, listRoles, removeRole } from '#core/roles/roles.ts';
import { command } from '../command.ts';
import { facts, table } from '../table.ts';

const WHICH = { name: 'ROLE', help: 'its name or id' } as const;
const operation = {
  value: 'OPERATION',
  many: true,
  help: 'an operation that it allows ("View Person"), or all; signet role list --operations names them',
} as const;
const mechanism = {
  value: 'MECHANISM',
  many: true,
  help: 'a way to sign in that it counts for; signet role list --mechanisms names them',
} as const;

export const roleAdd = command({
  summary: 'Add a role',
  about: `A role allows operations to people who signed in by one of its mechanisms. How far it reaches is said where it is
    given: see signet role grant. The new id is printed.`,
  options: {
    name: { value: 'NAME', required: true, help: 'name' },
    from: {
      value: 'ROLE',
      help: 'a role whose operations and mechanisms it takes over, such as "Allow None"',
    },
    operation,
    mechanism,
    description: { value: 'TEXT', help: 'what it is for' },
  },
  examples: [
    [
      'signet role add --name "External API" --from "Allow None" --operation "View Person" --mechanism "Client Credentials OAuth2 Logon"',
      'a role for a program that looks people up',
    ],
  ],
  async run(cli, { name, from, operation, mechanism, description }) {
    const input = { name, from, operations: operation, mechanisms: mechanism, description };
    const role = await cli.run((ctx) => addRole(ctx, input));
    return { value: role, text: `${role.id}\n` };
  },
});

export const roleList = command({
  summary: 'List the roles, or what a role can be made of',
  options: {
    operations: { help: 'list the operations that a role can allow' },
    mechanisms: { help: 'list the mechanisms that a role can count for' },
  },
  examples: [
    ['signet role list', 'list the roles'],
    ['signet role list --operations', 'list the operations, with the part of Signet they belong to'],
  ],
  async run(cli, { operations, mechanisms }) {
    if (operations) {
      const all = OPTION_NAMES.map((name) => ({ name, section: OPTIONS[name].section }));
      return {
        value: all,
        text: table(
          ['OPERATION', 'SECTION'],
          all.map((o) => [o.name, o.section]),
        ),
      };
    }
    if (mechanisms) return { value: MECHANISMS, text: `${MECHANISMS.join('\n')}\n` };
    const roles = await cli.run(listRoles);
    const rows = roles.map((role) => [role.name, String(role.operations.length), role.description]);
    return { value: roles, text: table(['ROLE', 'OPERATIONS', 'DESCRIPTION'], rows) };
  },
});

export const roleShow = command({
  summary: 'Show a role',
  operands: [WHICH],
  examples: [['signet role show Operator', 'show what it allows']],
  async run(cli, _, [which = '']) {
    const role = await cli.run((ctx) => getRole(ctx, which));
    const text = facts([
      ['Name', role.name],
      ['Id', role.id],
      ['Description', role.description],
      ['Built in', role.isBuiltIn ? 'yes' : 'no'],
      ['Operations', role.operations.join(', ')],
      ['Mechanisms', role.mechanisms.join(', ')],
    ]);
    return { value: role, text };
  },
});

export const roleSet = command({
  summary: 'Change a role',
  about:
    'Operations and mechanisms replace those it has. Whoever has the role is affected from their next request on.',
  options: {
    name: { value: 'ROLE', required: true, help: 'the role: its name or id' },
    rename: { value: 'NAME', help: 'a new name' },
    operation,
    'no-operations': { help: 'allow nothing' },
    mechanism,
    'no-mechanisms': { help: 'count for no way to sign in' },
    description: { value: 'TEXT', help: 'what it is for' },
  },
  examples: [
    [
      'signet role set --name "External API" --operation "View Person" --operation "Edit Person"',
      'allow these two',
    ],
  ],
  async run(cli, { name, rename, operation, noOperations, mechanism, noMechanisms, description }) {
    const patch = {
      ...(rename !== undefined && { name: rename }),
      ...(description !== undefined && { description }),
      ...((noOperations || operation.length > 0) && { operations: operation }),
      ...((noMechanisms || mechanism.length > 0) && { mechanisms: mechanism }),
    };
    return { value: await cli.run((ctx) => editRole(ctx, name, patch)), text: '' };
  },
});

export const roleRemove = command({
  summary: 'Remove a role that nobody has',
  operands: [WHICH],
  examples: [['signet role remove "External API"', 'remove it']],
  async run(cli, _, [which = '']) {
    const id = await cli.run(async (ctx) => {
      const role = await getRole(ctx, which);
      await removeRole(ctx, role.id);
      return role.id;
    });
    return { value: { removed: id }, text: '' };
  },
});
