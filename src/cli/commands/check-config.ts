import { resolve } from 'node:path';
import type { Fault, Finding, Notice } from '#appsettings/findings.ts';
import { loadOauth2Settings } from '#appsettings/oauth2-settings.ts';
import { loadRestCoreSettings } from '#appsettings/rest-core-settings.ts';
import { command } from '../command.ts';

export const checkConfig = command({
  summary: 'Look for faults in the configuration files of both services',
  about: `Reads web.oauth2 and rest.core of the home, over what Signet ships, as a server would. Each fault is printed as
    file:line:byte: reason (lines from 1, bytes of the line from 0); then the exit code is 1. What is legal but surely
    not meant is told on standard error. No server and no database are needed.`,
  examples: [['signet check-config && signet reload web.oauth2', 'reload only what is sound']],
  async run(cli) {
    const home = resolve((await cli.deployment()).SIGNET_HOME);
    const { config } = cli.surroundings;
    const loaded = [loadOauth2Settings(config, home), loadRestCoreSettings(config, home)];
    const faults = loaded.flatMap((service): readonly Fault[] => ('faults' in service ? service.faults : []));
    const notices = loaded.flatMap((service): readonly Notice[] =>
      'notices' in service ? service.notices : [],
    );
    for (const notice of cli.json ? [] : notices) cli.note(line(notice));
    const text = faults.length === 0 ? 'no faults\n' : faults.map((fault) => `${line(fault)}\n`).join('');
    return { value: { faults, notices }, text, exit: faults.length === 0 ? 0 : 1 };
  },
});

function line({
  file,
  line,
  bytePositionInLine,
  reason,
  hint,
}: Finding<Fault['code'] | Notice['code']>): string {
  const where = line === null ? file : `${file}:${line}:${bytePositionInLine}`;
  return printable(`${where}: ${reason}${hint === null ? '' : ` ${hint}`}`);
}

/** Text of a hostile file must not write to the terminal as it likes. */
const printable = (text: string) =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (c) => `\\u{${c.codePointAt(0)?.toString(16)}}`);
