import { transaction } from '#core/context.ts';
import { findGroup } from '#core/groups/groups.ts';
import { setPassword } from '#core/people/passwords.ts';
import { addPerson, editPerson } from '#core/people/people.ts';
import { command, Misuse } from '../command.ts';
import { givenKinds, PERSON_OPTIONS, personInput, personNamed } from '../person-words.ts';

export const personAdd = command({
  summary: 'Add a person',
  about: 'The new id is printed. Without a role the person gets the default roles of the group.',
  options: {
    logon: { value: 'LOGON', required: true, help: 'the name to sign in with; letter case does not matter' },
    group: { value: 'GROUP', required: true, help: 'name, path such as Root/Europe/Sales, or id' },
    ...PERSON_OPTIONS,
    password: { value: '-', help: 'give them the password that stands in the first line of standard input' },
    disabled: { help: 'they may not sign in yet' },
  },
  examples: [
    [
      'signet person add --logon susan.smith --first Susan --last Smith --group Finance --role Cardholder --email susan@example.com',
      'add a person who holds credentials',
    ],
    [
      'signet person add --logon api.external --first External --last API --group "System Startup" --role "External API:all"',
      'add the account that a program runs as',
    ],
  ],
  async run(cli, { logon, group, password, disabled, ...given }) {
    const input = { ...personInput(given), logonName: logon, ...(disabled && { isEnabled: false }) };
    const secret = await readPassword(cli, password);
    const person = await cli.run(async (ctx) => {
      const groupId = (await findGroup(ctx, group)).id;
      if (secret === undefined) return addPerson(ctx, { ...input, groupId });
      // One change: a password that is refused leaves no person behind.
      return transaction(ctx, async (tx) => {
        const added = await addPerson(tx, { ...input, groupId });
        await setPassword(tx, added.id, secret);
        return added;
      });
    });
    return { value: person, text: `${person.id}\n` };
  },
});

export async function readPassword(
  cli: { secret(what: string): Promise<string> },
  given: string | undefined,
): Promise<string | undefined> {
  if (given === undefined) return undefined;
  // On the command line everybody on the machine could read it, and the shell would remember it.
  if (given !== '-') throw new Misuse('--password takes only -', 'The password is read from standard input');
  return cli.secret('Password');
}

export const personSet = command({
  summary: 'Change a person',
  about: `What is given replaces what was there: all e-mail addresses, all telephone numbers, all aliases, all external ids, all
    roles. An empty text clears.`,
  operands: [{ name: 'LOGON', help: 'whom: logon name, alias or id' }],
  options: {
    logon: { value: 'LOGON', help: 'a new logon name' },
    group: { value: 'GROUP', help: 'another group' },
    ...PERSON_OPTIONS,
  },
  examples: [
    ['signet person set susan.smith --last Miller --logon susan.miller', 'she has married'],
    ['signet person set susan.smith --group Root/Europe/Sales', 'she has moved'],
  ],
  async run(cli, { logon, group, ...given }, [which = '']) {
    const person = await cli.run(async (ctx) => {
      const { id, contacts, version } = await personNamed(ctx, which);
      const input = personInput(given);
      const kept = contacts.filter((contact) => !givenKinds(given).includes(contact.kind));
      const patch = {
        ...input,
        ...(input.contacts && { contacts: [...kept, ...input.contacts] }),
        ...(logon !== undefined && { logonName: logon }),
        ...(group !== undefined && { groupId: (await findGroup(ctx, group)).id }),
      };
      // Contacts that stay are written again as they were read: nobody may have changed them since.
      return editPerson(ctx, id, patch, input.contacts ? { version } : {});
    });
    return { value: person, text: '' };
  },
});
