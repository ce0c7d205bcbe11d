import { expectation, getSetting, listSettings, setSetting } from '#core/settings/settings.ts';
import { command } from '../command.ts';
import { facts, table } from '../table.ts';

const WHICH = { name: 'NAME', help: 'the name of the setting, in quotes where it has blanks' } as const;

export const settingList = command({
  summary: 'List the settings with their values',
  options: { changed: { help: 'only those that differ from their default' } },
  examples: [['signet setting list --changed', 'what an administrator has changed']],
  async run(cli, { changed }) {
    const all = await cli.run(listSettings);
    const settings = changed ? all.filter((setting) => setting.value !== setting.default) : all;
    const rows = settings.map((setting) => [setting.name, setting.value, setting.section]);
    return { value: settings, text: table(['SETTING', 'VALUE', 'SECTION'], rows) };
  },
});

export const settingGet = command({
  summary: 'Show a setting',
  operands: [WHICH],
  examples: [['signet setting get "Password Minimum Length"', 'show its value and what it is about']],
  async run(cli, _, [which = '']) {
    const setting = await cli.run((ctx) => getSetting(ctx, which));
    const changed = setting.changedAt && `${setting.changedAt.toISOString()} by ${setting.changedBy}`;
    const text = facts([
      ['Name', setting.name],
      ['Value', setting.value],
      ['Default', setting.default],
      ['May be', expectation(setting.name)],
      ['Section', setting.section],
      ['About', setting.description],
      ...(changed ? ([['Changed', changed]] as const) : []),
    ]);
    return { value: setting, text };
  },
});

export const settingSet = command({
  summary: 'Change a setting',
  about: 'Every server process acts on it from its next request on.',
  operands: [WHICH, { name: 'VALUE', help: 'the new value; signet setting get NAME says what it may be' }],
  examples: [['signet setting set "Allow Certificate User Creation" Yes', 'switch it on']],
  async run(cli, _, [which = '', value = '']) {
    return { value: await cli.run((ctx) => setSetting(ctx, which, value)), text: '' };
  },
});
