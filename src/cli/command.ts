import type { Cli } from './cli.ts';

/** One `--option` of a command. Without `value` it is a switch. */
export interface Option {
  readonly help: string;
  /** What stands in its place in the usage: `NAME`. */
  readonly value?: string;
  readonly required?: true;
  /** May be given several times. */
  readonly many?: true;
}

export type Options = Readonly<Record<string, Option>>;

/** A word after the command that has no `--name`. */
export interface Operand {
  readonly name: string;
  readonly help: string;
  readonly optional?: true;
}

/** What was given: by option name, `camelCase` for `--kebab-case`. */
export type Given<O extends Options> = {
  readonly [K in keyof O as CamelCase<K & string>]: O[K] extends { value: string }
    ? O[K] extends { many: true }
      ? string[]
      : O[K] extends { required: true }
        ? string
        : string | undefined
    : boolean;
};

type CamelCase<S extends string> = S extends `${infer A}-${infer B}` ? `${A}${Capitalize<CamelCase<B>>}` : S;

/** What a command prints: `text` for people, `value` for `--json`. */
export interface Result {
  readonly value: unknown;
  readonly text: string;
  /** The exit code when it is not 0: a check that found something. */
  readonly exit?: number;
}

/** What a command is to whoever describes or runs it. */
export interface Command {
  /** One line, without a full stop. */
  readonly summary: string;
  /** What a stranger has to know; paragraphs. */
  readonly about?: string;
  readonly options: Options;
  readonly operands: readonly Operand[];
  /** Command lines, each with what it does. */
  readonly examples: readonly (readonly [line: string, what: string])[];
  run(cli: Cli, given: Readonly<Record<string, unknown>>, operands: readonly string[]): Promise<Result>;
}

interface Declaration<O extends Options> extends Omit<Command, 'options' | 'operands' | 'run'> {
  options?: O;
  operands?: readonly Operand[];
  run(cli: Cli, given: Given<O>, operands: readonly string[]): Promise<Result>;
}

/** Declares a command; its `run` gets the options with the types that their declarations say. */
export function command<const O extends Options = Record<never, never>>(declared: Declaration<O>): Command {
  const { about, options = {}, operands = [], run, ...rest } = declared;
  return {
    ...rest,
    ...(about !== undefined && { about: about.replace(/\n +/g, '\n') }), // as indented in the source
    options,
    operands,
    run: run as Command['run'],
  };
}

/** The command line is not one that we understand: exit 2. */
export class Misuse extends Error {
  override readonly name = 'Misuse';
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}
