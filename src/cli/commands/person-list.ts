import type { Context } from '#core/context.ts';
import { findGroup } from '#core/groups/groups.ts';
import { findPeople, type PageKey } from '#core/people/find.ts';
import { type Contact, fullName, type Person, type PersonSummary } from '#core/people/person.ts';
import { command, Misuse } from '../command.ts';
import { everyPage } from '../paging.ts';
import { personNamed } from '../person-words.ts';
import { facts, table } from '../table.ts';

const MOST = 200;

export const personList = command({
  summary: 'List people',
  options: {
    search: {
      value: 'TEXT',
      help: 'words that the name or logon name has words beginning with; * stands for anything',
    },
    group: { value: 'GROUP', help: 'only those in this group' },
    below: { help: 'with --group: also those in the groups below it' },
    limit: { value: 'N', help: `how many at most, 0 for all; else ${MOST}` },
  },
  examples: [
    ['signet person list --search "su smi"', 'finds Susan Smith'],
    ['signet person list --limit 0 --json', 'everyone, for a program'],
  ],
  async run(cli, { search, group, below, limit }) {
    if (limit !== undefined && !/^\d{1,9}$/.test(limit)) throw new Misuse('--limit is a whole number');
    const most = limit === undefined ? MOST : Number(limit) || Number.POSITIVE_INFINITY;
    if (below && group === undefined) throw new Misuse('--below goes with --group');
    const people = await cli.run(async (given) => {
      const ctx = group === undefined ? given : await within(given, group, below ? 'division' : 'department');
      return everyPage<PersonSummary, PageKey>(async (after) => {
        const page = await findPeople(ctx, { q: search ?? '', after, limit: Math.min(most + 1, 1000) });
        return { items: page.people, next: page.next };
      }, most + 1);
    });
    const shown = people.slice(0, most);
    if (people.length > most) cli.note(`signet: only the first ${most} are shown; --limit 0 shows all`);
    const rows = shown.map((p) => [p.logonName, fullName(p), p.groupName, p.isEnabled ? '' : 'disabled']);
    return { value: shown, text: table(['LOGON', 'NAME', 'GROUP', ''], rows) };
  },
});

/** The same actor, seeing only as far as somebody in the group with this scope. */
async function within(ctx: Context, group: string, scope: 'department' | 'division'): Promise<Context> {
  const { id } = await findGroup(ctx, group);
  return { ...ctx, actor: { ...ctx.actor, groupId: id, permissions: new Map([['person.view', scope]]) } };
}

export const personShow = command({
  summary: 'Show a person',
  operands: [{ name: 'LOGON', help: 'whom: logon name, alias or id' }],
  examples: [['signet person show susan.smith', 'show what is known of her']],
  async run(cli, _, [which = '']) {
    const person = await cli.run((ctx) => personNamed(ctx, which));
    return { value: person, text: facts(lines(person).filter(([, value]) => value !== '')) };
  },
});

function lines(p: Person): [string, string][] {
  const contacts = (kind: Contact['kind']) =>
    p.contacts
      .filter((c) => c.kind === kind)
      .map((c) => c.value)
      .join(', ');
  return [
    ['Logon name', p.logonName],
    ['Aliases', p.aliases.join(', ')],
    ['Id', p.id],
    ['Name', [p.title, p.firstName, p.middleName, p.lastName].filter(Boolean).join(' ')],
    ['Group', p.groupName],
    ['State', p.isEnabled ? 'enabled' : `disabled${p.disabledReason ? `: ${p.disabledReason}` : ''}`],
    ['Roles', p.roles.map((role) => `${role.name}:${role.scope}`).join(', ')],
    ['Employee id', p.employeeId ?? ''],
    ['Date of birth', p.dateOfBirth ?? ''],
    ['E-mail', contacts('email')],
    ['Telephone', [contacts('phone'), contacts('mobile')].filter(Boolean).join(', ')],
    ['DN', p.dn ?? ''],
    ['UPN', p.upn ?? ''],
    ['External ids', p.externalIds.map((e) => `${e.source}=${e.value}`).join(', ')],
    ...Object.entries(p.attributes).map(([name, value]): [string, string] => [name, String(value)]),
    ['Added', p.createdAt.toISOString()],
    ['Changed', `${p.changedAt.toISOString()} (version ${p.version})`],
  ];
}
