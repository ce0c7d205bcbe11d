import { COMMON } from './arguments.ts';
import type { Command } from './command.ts';
import { COMMANDS } from './commands.ts';
import { optionRows, usage } from './help.ts';

/** The manual of the command line, docs/cli.md, from the declarations that the commands run by. */
export async function describeCommands(): Promise<string> {
  const names = Object.keys(COMMANDS);
  const commands = await Promise.all(
    names.map(async (name) => [name, await (COMMANDS[name] as () => Promise<Command>)()] as const),
  );
  const parts = [
    '# The command line',
    INTRODUCTION,
    `Every command takes these options:\n\n${rows(optionRows(COMMON))}`,
    `| command | what it does |\n| --- | --- |\n${commands
      .map(
        ([name, { summary }]) =>
          `| [\`signet ${name}\`](#signet-${name.replaceAll(' ', '-')}) | ${summary} |`,
      )
      .join('\n')}`,
    ...commands.map(([name, command]) => section(name, command)),
  ];
  return `${parts.join('\n\n')}\n`;
}

const INTRODUCTION = `\`signet\` administers an installation on the machine that it runs on. In a clone it is run as
\`npx signet …\`. A command works beside a running server, on the same database, and without one: then the embedded
PostgreSQL is started for as long as the command takes.

Results go to standard output, everything else to standard error. Exit code 0: done. 1: refused or failed, with a line
that says why and one that says what to do next. 2: not a command line that is understood. With \`--json\` the result
is JSON on standard output, and a refusal is \`{"error": code, "message": …, "hint": …}\` on standard error.

What is done on the command line is done as \`signet cli\`, with all permissions, and told to the audit like any other
change, with the name of the operating system's user.`;

function section(name: string, command: Command): string {
  const parts = [`## signet ${name}`, `${command.summary}.`, `\`\`\`\n${usage(name, command)}\n\`\`\``];
  if (command.about) parts.push(command.about);
  const options = [
    ...command.operands.map((o): [string, string] => [o.name, o.help]),
    ...optionRows(command.options),
  ];
  if (options.length > 0) parts.push(rows(options));
  if (command.examples.length > 0) {
    const lines = command.examples.map(([line, what]) => `# ${what}\n${line}`);
    parts.push(`\`\`\`sh\n${lines.join('\n')}\n\`\`\``);
  }
  return parts.join('\n\n');
}

const rows = (pairs: readonly (readonly [string, string])[]): string =>
  `| | |\n| --- | --- |\n${pairs.map(([left, right]) => `| \`${cell(left)}\` | ${cell(right)} |`).join('\n')}`;

const cell = (text: string) => text.replaceAll('|', '\\|').replace(/</g, '&lt;');
