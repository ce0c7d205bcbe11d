import { firstStart } from '#core/first-start.ts';
import { command } from '../command.ts';
import { writeNew } from '../files.ts';
import { facts } from '../table.ts';
import { ESCROW_OPTIONS, escrowText, escrowValue, makeEscrow } from './keys-escrow.ts';

export const init = command({
  summary: 'Make a new installation: home, master key, database, built-in data, first account',
  about: `Everything is made where it is not there yet; run again it changes nothing. signet serve does the same at its first
    start. The first account is startup, which may do everything. Its password is SIGNET_BOOTSTRAP_PASSWORD, or a random one
    that is printed this once.

    Make an escrow copy of the master key: without that key every stored secret is lost, backups or not.`,
  options: {
    escrow: { value: 'FILE', help: 'write an escrow copy of the master key to this file; - prints it' },
    ...ESCROW_OPTIONS,
  },
  examples: [
    [
      'signet init --escrow signet-escrow.txt',
      'make all, and print the password and the passphrase of the copy',
    ],
  ],
  async run(cli, { escrow, ...protection }) {
    const installation = await cli.installation({ create: true });
    const { home, description, keys } = installation;
    const { SIGNET_BOOTSTRAP_PASSWORD } = await cli.deployment();
    const account = await cli.run((ctx) => firstStart(ctx, SIGNET_BOOTSTRAP_PASSWORD));
    const copy = escrow === undefined ? undefined : await makeEscrow(cli, keys.store.read(), protection);
    const out = escrow === '-' ? undefined : escrow;
    if (copy && out !== undefined) writeNew(out, copy.text);

    const password = account && !account.isGiven ? { password: account.password } : {};
    const value = {
      home: home.folder,
      database: description,
      masterKey: keys.current().id,
      ...(account ? { account: account.logonName, ...password } : {}),
      isNew: account !== undefined,
      ...(copy && { escrow: escrowValue(copy, out) }),
    };
    const text = facts([
      ['Home', home.folder],
      ['Database', description],
      ['Master key', `${keys.current().id} in ${keys.store.place}`],
      ['Account', account ? account.logonName : 'there are people already; nothing was changed'],
      ...(account ? ([['Password', passwordWords(account)]] as const) : []),
      ...(out === undefined ? [] : ([['Escrow copy', out]] as const)),
    ]);
    if (escrow === undefined && account)
      cli.note('signet: make an escrow copy of the master key: signet keys export --out FILE');
    return { value, text: `${text}${copy ? escrowText(cli, copy, out) : ''}` };
  },
});

const passwordWords = ({ password, isGiven }: { password: string; isGiven: boolean }) =>
  isGiven ? 'that of SIGNET_BOOTSTRAP_PASSWORD' : `${password}   (shown this once)`;
