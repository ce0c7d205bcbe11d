import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withTables } from '#appsettings/manual.ts';
import { describeCommands } from '#cli/describe.ts';
import { ERRORS } from '#core/errors.ts';
import { BUILT_IN_ROLES } from '#core/roles/built-in.ts';
import { MECHANISMS } from '#core/roles/mechanisms.ts';
import { OPTION_NAMES, OPTIONS } from '#core/roles/permissions.ts';
import { SETTING_NAMES, SETTINGS, type Setting } from '#core/settings/catalogue.ts';
import { openapi } from '#dialects/myid/openapi.ts';
import { VARIABLES, type Variable } from '../src/config.ts';

const DOCS = fileURLToPath(new URL('../docs', import.meta.url));
const WRITTEN = '<!-- Written by npm run docs; edit the source instead. -->';

/** A generated document: its file below docs/, and its text made from what the program itself works by. */
const DOCUMENTS: Record<string, () => string | Promise<string>> = {
  'errors.md': errors,
  'config.md': config,
  'settings.md': settings,
  'roles.md': roles,
  'cli.md': async () => (await describeCommands()).replace('\n', `\n\n${WRITTEN}\n`),
  'configuration-files.md': () => withTables(readFileSync(join(DOCS, 'configuration-files.md'), 'utf8')),
  'openapi-myid.json': myidDocument,
};

function errors(): string {
  return page(
    'Refusals',
    `Every way in which Signet can refuse. A dialect says each in its own words; the audit keeps the code. The kind decides
what a caller can do about it.`,
    table(
      ['Code', 'Kind', 'Meaning'],
      Object.entries(ERRORS).map(([code, { kind, message }]) => [`\`${code}\``, kind, message]),
    ),
  );
}

function config(): string {
  const rows = Object.entries<Variable>(VARIABLES).map(([name, { default: standard, description }]) => {
    return [`\`${name}\``, standard === undefined ? '' : `\`${standard}\``, description];
  });
  return page(
    'The environment',
    `What a deployment sets. \`X_FILE\` names a file that holds \`X\`, for secrets. Everything else is a
[setting](settings.md) in the database or stands in the [configuration files](configuration-files.md).`,
    table(['Name', 'Default', 'Meaning'], rows),
  );
}

function settings(): string {
  const rows = SETTING_NAMES.map((name) => {
    const setting: Setting = SETTINGS[name];
    return [name, setting.section, values(setting), setting.default, setting.description];
  });
  return page(
    'Settings',
    `What an administrator changes while the server runs: \`signet setting set NAME VALUE\`. Every change is audited and
holds from the next request on, in all processes.`,
    table(['Setting', 'Section', 'Values', 'Default', 'Meaning'], rows),
  );
}

function values(setting: Setting): string {
  switch (setting.type) {
    case 'boolean':
      return 'Yes, No';
    case 'integer':
      return `${setting.minimum} to ${setting.maximum} ${setting.unit}`;
    case 'choice':
      return setting.choices.join(', ');
    case 'text':
      return `up to ${setting.maxLength} characters`;
  }
}

function roles(): string {
  const options = OPTION_NAMES.map((name) => [name, OPTIONS[name].section, OPTIONS[name].gives.join(', ')]);
  const builtIn = BUILT_IN_ROLES.map((role) => [
    role.name,
    role.description,
    listOr(role.operations, OPTION_NAMES.length),
    listOr(role.mechanisms, MECHANISMS.length),
  ]);
  return page(
    'Roles',
    `A role ticks options and logon mechanisms; a person has it with a scope (none, self, department, division, all). It counts
only for those who signed in by one of its mechanisms. Nobody can give a role or a scope above their own.`,
    `## Options\n\n${table(['Option', 'Section', 'Gives the permissions'], options)}`,
    `## Logon mechanisms\n\n${MECHANISMS.map((name) => `- ${name}`).join('\n')}\n`,
    `## Built-in roles\n\n${table(['Role', 'Meaning', 'Options', 'Mechanisms'], builtIn)}`,
  );
}

const listOr = (names: readonly string[], all: number): string =>
  names.length === all ? 'all' : names.join(', ');

/** As a site without custom attributes shows it, with the default options and the error codes. */
function myidDocument(): string {
  const options = {
    generateDocumentation: true,
    documentErrorCodes: true,
    documentMIReports: true,
    allowTestFromDocumentation: false,
    showPermissions: false,
    orderAlphabetically: true,
  };
  const document = openapi(options, { publicUrl: 'https://signet.example.com', attributes: [], roles: [] });
  return `${JSON.stringify(document, null, 2)}\n`;
}

function page(title: string, ...parts: string[]): string {
  return `${[`# ${title}`, WRITTEN, ...parts].join('\n\n').trimEnd()}\n`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

async function main(): Promise<number> {
  const check = process.argv.includes('--check');
  let stale = 0;
  for (const [name, make] of Object.entries(DOCUMENTS)) {
    const file = join(DOCS, name);
    const text = await make();
    if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
    if (check) process.stderr.write(`docs/${name} is not what the program says: npm run docs\n`);
    else writeFileSync(file, text);
    stale++;
  }
  return check && stale > 0 ? 1 : 0;
}

process.exitCode = await main();
