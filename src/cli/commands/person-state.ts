import { setPassword } from '#core/people/passwords.ts';
import { disablePerson, enablePerson, removePerson } from '#core/people/people.ts';
import { command, Misuse } from '../command.ts';
import { personNamed } from '../person-words.ts';
import { readPassword } from './person.ts';

/** Whom a command is about may stand after it or as `--logon`. */
const WHO = [{ name: 'LOGON', optional: true, help: 'whom: logon name, alias or id' }] as const;
const logon = { value: 'LOGON', help: 'the same' } as const;

function whom(operand: string | undefined, option: string | undefined): string {
  if (operand !== undefined && option !== undefined) throw new Misuse('LOGON is given twice');
  const name = operand ?? option;
  if (name === undefined) throw new Misuse('LOGON is missing');
  return name;
}

export const personSetPassword = command({
  summary: 'Give a person a new password',
  about: `Ends their sessions. This is also the way in when all else fails: whoever owns the server can give any account a
    password.`,
  operands: WHO,
  options: {
    logon,
    password: { value: '-', required: true, help: 'read it from the first line of standard input' },
  },
  examples: [
    ['signet person set-password --logon startup --password -', 'asks for it at a terminal'],
    ['printf %s "$NEW" | signet person set-password --logon startup --password -', 'takes it from a program'],
  ],
  async run(cli, { logon, password }, [who]) {
    const which = whom(who, logon);
    const secret = (await readPassword(cli, password)) as string;
    const person = await cli.run(async (ctx) => {
      const found = await personNamed(ctx, which);
      await setPassword(ctx, found.id, secret);
      return found;
    });
    return { value: { id: person.id, logonName: person.logonName }, text: '' };
  },
});

export const personDisable = command({
  summary: 'Shut a person out',
  about: 'Their sessions end and their tokens are refused at once, everywhere.',
  operands: WHO,
  options: { logon, reason: { value: 'TEXT', help: 'why; shown with the person and told to the audit' } },
  examples: [['signet person disable susan.smith --reason "Has left"', 'nobody signs in as her any more']],
  async run(cli, { logon, reason }, [who]) {
    const which = whom(who, logon);
    const person = await cli.run(async (ctx) =>
      disablePerson(ctx, (await personNamed(ctx, which)).id, reason ?? ''),
    );
    return { value: person, text: '' };
  },
});

export const personEnable = command({
  summary: 'Let a person in again',
  operands: WHO,
  options: { logon },
  examples: [['signet person enable susan.smith', 'she can sign in again']],
  async run(cli, { logon }, [who]) {
    const which = whom(who, logon);
    const person = await cli.run(async (ctx) => enablePerson(ctx, (await personNamed(ctx, which)).id));
    return { value: person, text: '' };
  },
});

export const personRemove = command({
  summary: 'Remove a person for good',
  about: 'The audit keeps their name. To shut somebody out for a time, see signet person disable.',
  operands: WHO,
  options: { logon },
  examples: [['signet person remove susan.smith', 'remove her']],
  async run(cli, { logon }, [who]) {
    const which = whom(who, logon);
    const id = await cli.run(async (ctx) => {
      const person = await personNamed(ctx, which);
      await removePerson(ctx, person.id);
      return person.id;
    });
    return { value: { removed: id }, text: '' };
  },
});
