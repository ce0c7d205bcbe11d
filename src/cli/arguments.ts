import { parseArgs } from 'node:util';
import { type Command, Misuse, type Option, type Options } from './command.ts';
import { nearest } from './nearest.ts';

/** The options that every command has. */
export const COMMON = {
  home: { value: 'DIR', help: 'home folder; else SIGNET_HOME, else ./signet-home' },
  json: { help: 'print the result, and a refusal, as JSON' },
  help: { help: 'explain the command' },
} as const satisfies Options;

export interface Arguments {
  given: Readonly<Record<string, unknown>>;
  operands: string[];
  home: string | undefined;
  json: boolean;
  help: boolean;
}

/** Reads what follows the command's own words. Throws Misuse with what would be right. */
export function readArguments(words: readonly string[], name: string, command: Command): Arguments {
  const options: Options = { ...COMMON, ...command.options };
  const given: Record<string, string | boolean | string[]> = {};
  const operands: string[] = [];
  for (const token of tokensOf(words, options)) {
    if (token.kind === 'positional') operands.push(token.value);
    if (token.kind !== 'option') continue;
    const long = token.name === 'h' ? 'help' : token.name;
    const option = options[long];
    if (!option) throw unknown(token.rawName, name, options);
    take(given, long, option, token);
  }
  if (given.help !== true) refuseIncomplete(given, operands, name, command);
  return {
    given: withDefaults(given, options),
    operands,
    home: given.home as string | undefined,
    json: given.json === true,
    help: given.help === true,
  };
}

function tokensOf(words: readonly string[], options: Options) {
  const { tokens } = parseArgs({
    args: [...words],
    options: Object.fromEntries(
      Object.entries(options).map(([name, option]) => [name, { type: option.value ? 'string' : 'boolean' }]),
    ) as Record<string, { type: 'string' | 'boolean' }>,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  return tokens;
}

function take(
  given: Record<string, string | boolean | string[]>,
  name: string,
  option: Option,
  token: { value?: string | boolean | undefined; inlineValue?: boolean | undefined },
): void {
  if (!option.value) {
    if (token.value !== undefined) throw new Misuse(`--${name} takes no value`);
    given[name] = true;
    return;
  }
  const { value } = token;
  if (typeof value !== 'string' || (!token.inlineValue && /^-./.test(value)))
    throw new Misuse(
      `--${name} needs a value: --${name} ${option.value}`,
      `A value that begins with a dash is given as --${name}=-…`,
    );
  if (option.many) given[name] = [...((given[name] as string[] | undefined) ?? []), value];
  else if (given[name] !== undefined) throw new Misuse(`--${name} is given twice`);
  else given[name] = value;
}

function unknown(raw: string, name: string, options: Options): Misuse {
  const near = nearest(raw.replace(/^-+/, ''), Object.keys(options));
  return new Misuse(
    `unknown option ${raw}`,
    near ? `Did you mean --${near}?` : `signet ${name} --help lists the options`,
  );
}

function refuseIncomplete(
  given: Record<string, unknown>,
  operands: string[],
  name: string,
  command: Command,
): void {
  const hint = `signet ${name} --help explains`;
  for (const [long, option] of Object.entries(command.options)) {
    if (option.required && given[long] === undefined)
      throw new Misuse(`--${long} ${option.value} is missing`, hint);
  }
  const missing = command.operands.find((operand, i) => !operand.optional && operands[i] === undefined);
  if (missing) throw new Misuse(`${missing.name} is missing`, hint);
  const extra = operands[command.operands.length];
  if (extra !== undefined)
    throw new Misuse(`"${extra}" is one word too many`, `${hint}; a text with blanks needs quotes`);
}

function withDefaults(given: Record<string, unknown>, options: Options): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).map(([name, option]) => {
      const absent = option.value ? (option.many ? [] : undefined) : false;
      return [name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()), given[name] ?? absent];
    }),
  );
}
