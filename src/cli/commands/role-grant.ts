import { DomainError } from '#core/errors.ts';
import { editPerson, grantRole } from '#core/people/people.ts';
import { command } from '../command.ts';
import { HELD_ROLE, heldRole, personNamed } from '../person-words.ts';

const person = { value: 'LOGON', required: true, help: 'whose: logon name, alias or id' } as const;

export const roleGrant = command({
  summary: 'Give a person one more role',
  about: `Scopes, in order: none, self, department (the own group), division (that and all below), all. A role that the person
    has already gets the new scope; the other roles stay.`,
  options: { person, role: { value: 'ROLE[:SCOPE]', required: true, help: HELD_ROLE } },
  examples: [
    ['signet role grant --person susan.smith --role "Operator:division"', 'let her look after her division'],
  ],
  async run(cli, { person, role }) {
    const held = heldRole(role);
    const changed = await cli.run(async (ctx) => grantRole(ctx, (await personNamed(ctx, person)).id, held));
    return { value: changed, text: '' };
  },
});

export const roleRevoke = command({
  summary: 'Take a role from a person',
  options: { person, role: { value: 'ROLE', required: true, help: 'the name of the role' } },
  examples: [['signet role revoke --person susan.smith --role Operator', 'take it from her']],
  async run(cli, { person, role }) {
    const changed = await cli.run(async (ctx) => {
      const { id, roles } = await personNamed(ctx, person);
      const others = roles.filter((held) => held.name.toLowerCase() !== role.trim().toLowerCase());
      if (others.length === roles.length)
        throw new DomainError('role.not_found', { detail: `${person} does not have ${role}` });
      return editPerson(ctx, id, { roles: others });
    });
    return { value: changed, text: '' };
  },
});
