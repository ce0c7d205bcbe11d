import { once } from 'node:events';
import { closeSync, createReadStream, writeSync } from 'node:fs';
import { StartRefusal } from '#adapters/start-refusal.ts';
import { type CheckpointDocument, currentCheckpoint, exportAudit } from '#core/audit/export.ts';
import { readCheckpointDocument, verifyExport } from '#core/audit/read-export.ts';
import type { Verdict } from '#core/audit/verdict.ts';
import { verifyAudit } from '#core/audit/verify.ts';
import type { Cli } from '../cli.ts';
import { command, Misuse } from '../command.ts';
import { openNew, readText, writeNew } from '../files.ts';
import { facts } from '../table.ts';

export const auditVerify = command({
  summary: 'Check that nobody has altered the audit',
  about: `Every event is chained to the one before by a hash, and checkpoints of the chain are signed. Verification names the
    first event that was altered, deleted, moved or put in; the exit code is 1 then. It works on the database, and on an
    export without any server. Keep a checkpoint elsewhere now and then: it also proves that nothing was cut off at the end,
    whatever happens to this machine.`,
  options: {
    file: { value: 'FILE', help: 'check this export instead of the database' },
    checkpoint: { value: 'FILE', help: 'a checkpoint that was kept elsewhere; the history must lead to it' },
    key: {
      value: 'KID',
      many: true,
      help: 'with --file: a key that may have signed; else any in the export',
    },
    'save-checkpoint': { value: 'FILE', help: 'write the newest checkpoint to this file, if all is well' },
  },
  examples: [
    ['signet audit verify', 'check the database'],
    ['signet audit verify --file audit.jsonl --checkpoint last-year.json', 'check an export, anywhere'],
  ],
  async run(cli, { file, checkpoint, key, saveCheckpoint }) {
    const onProgress = (done: number, total: number) => cli.progress.at('checking the audit', done, total);
    const options = {
      onProgress,
      ...(checkpoint !== undefined && { checkpoint: readCheckpointDocument(readText(checkpoint)) }),
      ...(key.length > 0 && { trustedKeys: key }),
    };
    if (file !== undefined && saveCheckpoint !== undefined)
      throw new Misuse('--save-checkpoint needs the database');
    const verdict =
      file === undefined
        ? await cli.run((ctx) => verifyAudit(ctx, options))
        : await verifyExport(createReadStream(file), options);
    if (verdict.ok && saveCheckpoint !== undefined) await keepCheckpoint(cli, saveCheckpoint);
    return { value: verdict, text: words(verdict), exit: verdict.ok ? 0 : 1 };
  },
});

function words({ ok, fault, events, through, signedThrough, unsealed, checkpoints }: Verdict): string {
  const result = ok ? 'good' : `NOT GOOD: ${fault?.message}`;
  return facts([
    ['Audit', result],
    ['Events checked', `${events}, up to ${through}`],
    ['Checkpoints', `${checkpoints}, the last at ${signedThrough ?? 'none'}`],
    ['Not sealed yet', String(unsealed)],
    ...(fault?.eventId ? ([['First bad event', String(fault.eventId)]] as const) : []),
  ]);
}

async function keepCheckpoint(cli: Cli, path: string): Promise<void> {
  const document: CheckpointDocument | undefined = await cli.run(currentCheckpoint);
  if (!document)
    throw new StartRefusal('There is no checkpoint yet.', 'The first one is made soon after the first event');
  writeNew(path, `${JSON.stringify(document, null, 2)}\n`);
}

export const auditExport = command({
  summary: 'Export the audit as JSON Lines, with what proves it',
  about: `Written in the order of the chain, from one moment of the database, with the hashes, checkpoints and public keys by
    which signet audit verify --file checks it anywhere. The export itself is an event of the audit.`,
  options: {
    out: { value: 'FILE', help: 'write to this file; an existing one is refused. Else to standard output' },
    after: { value: 'TIME', help: 'only events since this time, such as 2026-01-31 or 2026-01-31T08:00:00Z' },
    before: { value: 'TIME', help: 'only events before this time' },
  },
  examples: [['signet audit export --out audit.jsonl', 'export everything']],
  async run(cli, { out, after, before }) {
    const period = {
      ...(after !== undefined && { after: time('--after', after) }),
      ...(before !== undefined && { before: time('--before', before) }),
    };
    const onProgress = (done: number, total: number) => cli.progress.at('exporting the audit', done, total);
    const { stdout } = cli.surroundings;
    const file = out === undefined ? undefined : openNew(out);
    const write = async (text: string) => {
      if (file !== undefined) writeSync(file, text);
      else if (!stdout.write(text)) await once(stdout, 'drain');
    };
    const done = await cli.run((ctx) => exportAudit(ctx, write, { ...period, onProgress }));
    if (file === undefined) return { value: undefined, text: '' }; // standard output is the export itself
    closeSync(file);
    return { value: { file: out, ...done }, text: `${done.events + done.unsealed} events\n` };
  },
});

function time(option: string, text: string): Date {
  const date = new Date(text);
  if (Number.isNaN(date.getTime()) || !/^\d{4}-\d{2}-\d{2}/.test(text)) {
    throw new Misuse(`${option}: "${text}" is no time`, 'Such as 2026-01-31 or 2026-01-31T08:00:00Z');
  }
  return date;
}
