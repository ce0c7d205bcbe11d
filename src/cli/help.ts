import { styleText } from 'node:util';
import { COMMON } from './arguments.ts';
import type { Command, Options } from './command.ts';

const WIDTH = 100;

/** Headings are bold where a terminal shows it; `stream` says where the text goes. */
type Bold = (text: string) => string;

export const boldOn =
  (stream: NodeJS.WriteStream): Bold =>
  (text) =>
    styleText('bold', text, { stream, validateStream: true });

/** `signet <command> --help`. */
export function commandHelp(name: string, command: Command, bold: Bold): string {
  const parts = [`${bold(`signet ${name}`)}: ${lowerFirst(command.summary)}`];
  parts.push(`${bold('Usage')}\n  ${usage(name, command)}`);
  if (command.about) parts.push(wrap(command.about, 0));
  if (command.operands.length > 0) {
    parts.push(`${bold('Operands')}\n${columns(command.operands.map((o) => [o.name, o.help]))}`);
  }
  parts.push(`${bold('Options')}\n${columns(optionRows({ ...command.options, ...COMMON }))}`);
  if (command.examples.length > 0) {
    const lines = command.examples.map(([line, what]) => `  ${line}\n      ${what}`);
    parts.push(`${bold(command.examples.length === 1 ? 'Example' : 'Examples')}\n${lines.join('\n')}`);
  }
  return `${parts.join('\n\n')}\n`;
}

/** `signet help`, or what begins with one word: `signet help group`. */
export function overview(
  commands: readonly (readonly [name: string, command: Command])[],
  bold: Bold,
): string {
  return [
    `${bold('Signet')} runs an organisation's people, roles, credentials and sign-in, and is administered by these commands.`,
    `${bold('Usage')}\n  signet <command> [options]`,
    `${bold('Commands')}\n${columns(commands.map(([name, command]) => [name, command.summary]))}`,
    `${bold('Everywhere')}\n${columns(optionRows(COMMON))}`,
    'signet <command> --help explains a command and shows an example. Commands work while the server runs and when it\ndoes not. Exit code 1: refused or failed; 2: not a command line that is understood.',
  ]
    .join('\n\n')
    .concat('\n');
}

export function usage(name: string, command: Command): string {
  const words = [`signet ${name}`];
  for (const operand of command.operands) words.push(operand.optional ? `[${operand.name}]` : operand.name);
  for (const [long, option] of Object.entries(command.options)) {
    const text = `--${long}${option.value ? ` ${option.value}` : ''}`;
    words.push(`${option.required ? text : `[${text}]`}${option.many ? '...' : ''}`);
  }
  return words.join(' ');
}

export const optionRows = (options: Options): [string, string][] =>
  Object.entries(options).map(([long, option]) => [
    `--${long}${option.value ? ` ${option.value}` : ''}`,
    `${option.help}${option.many ? '; may be repeated' : ''}`,
  ]);

function columns(rows: readonly (readonly [string, string])[]): string {
  const widest = Math.max(...rows.map(([left]) => left.length));
  return rows
    .map(([left, right]) => `  ${left.padEnd(widest)}  ${wrap(right, widest + 4).trimStart()}`)
    .join('\n');
}

function wrap(text: string, indent: number): string {
  const paragraphs = text.split('\n\n').map((paragraph) => {
    const lines = [''];
    for (const word of paragraph.split(/\s+/)) {
      const line = lines.at(-1) as string;
      if (line !== '' && indent + line.length + 1 + word.length > WIDTH) lines.push(word);
      else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
    }
    return lines.map((line) => `${' '.repeat(indent)}${line}`).join('\n');
  });
  return paragraphs.join('\n\n');
}

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
