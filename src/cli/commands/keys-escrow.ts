import { resolve } from 'node:path';
import { isProtected, readEscrow, writeEscrow } from '#adapters/escrow.ts';
import { openHome } from '#adapters/home.ts';
import { openKeyStore } from '#adapters/master-key.ts';
import { StartRefusal } from '#adapters/start-refusal.ts';
import { record } from '#core/audit/audit.ts';
import type { KeyStore } from '#core/keys/master-keys.ts';
import type { MasterKey } from '#core/keys/vault.ts';
import { randomPassword } from '#core/random-password.ts';
import type { Cli } from '../cli.ts';
import { command, Misuse } from '../command.ts';
import { readText, writeNew } from '../files.ts';

/** The options of whatever writes an escrow copy. */
export const ESCROW_OPTIONS = {
  passphrase: {
    value: '-',
    help: 'protect the copy by the first line of standard input; else by a random passphrase, printed once',
  },
  plain: { help: 'do not protect the copy: whoever has it has the key' },
} as const;

export interface Escrow {
  text: string;
  /** A random one that must be shown now, because nobody can find it out later. */
  passphrase: string | undefined;
}

/** An escrow copy of these keys, protected as the options say. */
export async function makeEscrow(
  cli: Cli,
  keys: readonly MasterKey[],
  { passphrase, plain }: { passphrase: string | undefined; plain: boolean },
): Promise<Escrow> {
  if (passphrase !== undefined && plain) throw new Misuse('--passphrase and --plain exclude each other');
  if (passphrase !== undefined && passphrase !== '-') {
    throw new Misuse('--passphrase takes only -', 'The passphrase is read from standard input');
  }
  const given = passphrase === '-' ? await cli.secret('Passphrase of the escrow copy') : undefined;
  const made = given === undefined && !plain ? randomPassword(26) : undefined;
  return { text: await writeEscrow(keys, given ?? made, new Date()), passphrase: made };
}

/** For `--json`. */
export const escrowValue = (escrow: Escrow, out: string | undefined) => ({
  ...(out === undefined ? { escrow: escrow.text } : { file: out }),
  ...(escrow.passphrase !== undefined && { passphrase: escrow.passphrase }),
});

/** For people. Where the copy itself goes to standard output its passphrase does not: the two must be kept apart. */
export function escrowText(cli: Cli, { text, passphrase }: Escrow, out: string | undefined): string {
  if (out !== undefined) return passphrase === undefined ? '' : `passphrase: ${passphrase}\n`;
  if (passphrase !== undefined && !cli.json) cli.note(`passphrase: ${passphrase}`);
  return text;
}

/** The keys of the home; only bringing some in may make it. */
async function keyStore(cli: Cli, { create }: { create: boolean }): Promise<KeyStore> {
  const { SIGNET_HOME, SIGNET_MASTER_KEY } = await cli.deployment();
  const SIGNET_MASTER_KEY_FILE = cli.env.SIGNET_MASTER_KEY_FILE;
  const home = create ? openHome(SIGNET_HOME).folder : resolve(SIGNET_HOME);
  return openKeyStore(home, { SIGNET_MASTER_KEY, SIGNET_MASTER_KEY_FILE });
}

export const keysExport = command({
  summary: 'Make an escrow copy of the master keys',
  about: `Without a master key every secret in the database is lost: keep a copy apart from the server and from backups of the
    database. The copy is text, with every key that is at hand. It is printed, or written where --out says.`,
  options: {
    out: { value: 'FILE', help: 'write it to this file; an existing one is refused' },
    ...ESCROW_OPTIONS,
  },
  examples: [
    ['signet keys export --out signet-escrow.txt', 'write a copy and print its passphrase'],
    ['signet keys export --plain | lpr', 'a copy for the safe'],
  ],
  async run(cli, { out, ...protection }) {
    const keys = (await keyStore(cli, { create: false })).read();
    if (keys.length === 0)
      throw new StartRefusal('There is no master key to export yet.', 'signet init makes one');
    const escrow = await makeEscrow(cli, keys, protection);
    if (out !== undefined) writeNew(out, escrow.text);
    const ids = keys.map((key) => key.id);
    await tellAudit(cli, ids);
    return { value: { keys: ids, ...escrowValue(escrow, out) }, text: escrowText(cli, escrow, out) };
  },
});

/** A database that is away must not keep anybody from saving the keys. */
async function tellAudit(cli: Cli, ids: string[]): Promise<void> {
  try {
    await cli.run((ctx) => record(ctx, { operation: 'master_key.exported', details: { keys: ids } }));
  } catch (error) {
    cli.note(`signet: the audit was not told of this: ${(error as Error).message}`);
  }
}

export const keysImport = command({
  summary: 'Bring master keys back from an escrow copy',
  about:
    'The keys are added to those of the home. No database is needed; the next start finds out whether it is the right one.',
  operands: [{ name: 'FILE', help: 'the escrow copy; - for standard input' }],
  options: {
    passphrase: {
      value: '-',
      help: 'read it from the first line of standard input; else it is asked for at the terminal',
    },
    'passphrase-file': { value: 'FILE', help: 'read it from the first line of a file' },
  },
  examples: [['signet keys import signet-escrow.txt', 'asks for the passphrase if the copy has one']],
  async run(cli, { passphrase, passphraseFile }, [file = '']) {
    if (passphrase !== undefined && passphrase !== '-') throw new Misuse('--passphrase takes only -');
    if (passphrase === '-' && file === '-') {
      throw new Misuse(
        'the copy and its passphrase cannot both come from standard input',
        'See --passphrase-file',
      );
    }
    const text = file === '-' ? await cli.stdin() : readText(file);
    const secret = isProtected(text) ? await passphraseOf(cli, file, passphraseFile) : undefined;
    const keys = await readEscrow(text, secret);
    const store = await keyStore(cli, { create: true });
    const before = new Set(store.read().map((key) => key.id));
    for (const key of keys) store.add(key, 'escrow');
    const value = keys.map(({ id }) => ({ id, isNew: !before.has(id) }));
    const lines = value.map(({ id, isNew }) => `${id} ${isNew ? 'was added' : 'was there already'}\n`);
    return { value, text: lines.join('') };
  },
});

async function passphraseOf(cli: Cli, file: string, passphraseFile: string | undefined): Promise<string> {
  if (passphraseFile !== undefined) return readText(passphraseFile).split(/\r?\n/)[0] ?? '';
  if (file === '-')
    throw new Misuse('the copy is protected by a passphrase', 'Give it with --passphrase-file FILE');
  return cli.secret('Passphrase of the escrow copy');
}
