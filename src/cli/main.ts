import { styleText } from 'node:util';
import { readArguments } from './arguments.ts';
import { openCli, type Surroundings } from './cli.ts';
import { type Command, Misuse, type Result } from './command.ts';
import { COMMANDS } from './commands.ts';
import { boldOn, commandHelp, overview } from './help.ts';
import { nearest } from './nearest.ts';
import { type Said, say } from './refusal.ts';

/**
 * Runs one command line and gives the exit code: 0 done, 1 refused or failed, 2 not understood. Standard output gets
 * the result and nothing else; all else goes to standard error.
 */
export async function main(words: readonly string[], surroundings: Surroundings): Promise<number> {
  // Known before the words are understood, so that a misuse is told as JSON too.
  const json = words.includes('--json');
  try {
    return await dispatch(words, surroundings);
  } catch (error) {
    const said = say(error);
    tell(said, json, surroundings.stderr);
    return said.exit;
  }
}

async function dispatch(words: readonly string[], surroundings: Surroundings): Promise<number> {
  const { stdout, stderr, version } = surroundings;
  const [first, ...rest] = leadingOptionsLast(words);
  if (first === '--version' || first === 'version') return print(stdout, `signet ${version}\n`);
  if (first === 'help' || first === '--help' || first === '-h') return help(rest, stdout);
  if (first === undefined) {
    stderr.write(await topicHelp('', stderr));
    return 2;
  }
  const found = nameOf([first, ...rest]);
  if (!found) {
    const topic = topicOf(first);
    if (topic && rest.some((word) => word === '--help' || word === '-h')) return help([topic], stdout);
    throw unknownCommand(first, rest[0]);
  }
  const command = await load(found.name);
  const given = readArguments(found.rest, found.name, command);
  if (given.help) return print(stdout, commandHelp(found.name, command, boldOn(stdout)));

  const { cli, close } = openCli(surroundings, given);
  try {
    const result = await command.run(cli, given.given, given.operands);
    cli.progress.end();
    return print(stdout, given.json ? asJson(result) : result.text, result.exit);
  } finally {
    await close();
  }
}

/** `signet --home X group list` is `signet group list --home X`. */
function leadingOptionsLast(words: readonly string[]): string[] {
  if (words[0] === '--json') return [...leadingOptionsLast(words.slice(1)), '--json'];
  if (words[0]?.startsWith('--home=')) return [...leadingOptionsLast(words.slice(1)), words[0]];
  if (words[0] === '--home' && words[1] !== undefined) {
    return [...leadingOptionsLast(words.slice(2)), '--home', words[1]];
  }
  return [...words];
}

function nameOf(words: readonly string[]): { name: string; rest: string[] } | undefined {
  for (const length of [2, 1]) {
    const name = words.slice(0, length).join(' ');
    if (words.length >= length && Object.hasOwn(COMMANDS, name)) return { name, rest: words.slice(length) };
  }
  return undefined;
}

const load = (name: string): Promise<Command> => (COMMANDS[name] as () => Promise<Command>)();

/** The first word of several commands: `group`. */
const topicOf = (word: string): string | undefined =>
  Object.keys(COMMANDS).some((name) => name.startsWith(`${word} `)) ? word : undefined;

function unknownCommand(first: string, second: string | undefined): Misuse {
  const names = Object.keys(COMMANDS);
  const hasSecond = second !== undefined && !second.startsWith('-');
  const topic = topicOf(first);
  if (topic && !hasSecond) {
    const ways = names
      .filter((name) => name.startsWith(`${topic} `))
      .map((name) => name.slice(topic.length + 1));
    return new Misuse(`signet ${topic} what?`, `One of: ${ways.join(', ')}`);
  }
  const given = hasSecond ? `${first} ${second}` : first;
  const topics = new Set(names.map((name) => name.split(' ')[0] as string));
  const near = nearest(given, names) ?? nearest(first, [...topics]);
  return new Misuse(
    `unknown command: ${given}`,
    near ? `Did you mean: signet ${near}` : 'signet help lists the commands',
  );
}

async function help(words: readonly string[], stdout: NodeJS.WriteStream): Promise<number> {
  const topics = words.filter((word) => !word.startsWith('-'));
  const found = nameOf(topics);
  if (found) return print(stdout, commandHelp(found.name, await load(found.name), boldOn(stdout)));
  if (topics[0] !== undefined && !topicOf(topics[0])) throw unknownCommand(topics[0], topics[1]);
  return print(stdout, await topicHelp(topics[0] ?? '', stdout));
}

async function topicHelp(topic: string, stream: NodeJS.WriteStream): Promise<string> {
  const names = Object.keys(COMMANDS).filter((name) => topic === '' || name.startsWith(`${topic} `));
  const commands = await Promise.all(names.map(async (name) => [name, await load(name)] as const));
  return overview(commands, boldOn(stream));
}

function print(stdout: NodeJS.WriteStream, text: string, exit = 0): number {
  if (text !== '') stdout.write(text);
  return exit;
}

const asJson = ({ value }: Result) => (value === undefined ? '' : `${JSON.stringify(value, null, 2)}\n`);

function tell({ code, message, hint }: Said, json: boolean, stderr: NodeJS.WriteStream): void {
  if (json) {
    stderr.write(`${JSON.stringify({ error: code, message, ...(hint && { hint }) })}\n`);
    return;
  }
  const name = styleText('red', 'signet:', { stream: stderr, validateStream: true });
  stderr.write(`${name} ${message}\n`);
  if (hint) stderr.write(`${hint}\n`);
}
