import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMMON, readArguments } from './arguments.ts';
import type { Command } from './command.ts';
import { COMMANDS } from './commands.ts';
import { describeCommands } from './describe.ts';

const all = await Promise.all(
  Object.entries(COMMANDS).map(async ([name, load]): Promise<[string, Command]> => [name, await load()]),
);

test('every command is there, says what it does in one line, and has an example that it understands', () => {
  assert.ok(all.length > 30, 'no commands, no proof');
  for (const [name, command] of all) {
    assert.match(command.summary, /^[A-Z].*[^.]$/, name);
    assert.ok(command.examples.length > 0, name);
    for (const [line, what] of command.examples) {
      const calls = line.split(/ && | \| /).filter((call) => call.startsWith('signet '));
      assert.ok(
        calls.some((call) => call.startsWith(`signet ${name}`)),
        `${name}: ${line}`,
      );
      const own = calls.find((call) => call.startsWith(`signet ${name}`)) as string;
      assert.doesNotThrow(
        () => readArguments(wordsOf(own.slice(`signet ${name}`.length)), name, command),
        line,
      );
      assert.match(what, /[^.]$/, name);
    }
  }
});

const wordsOf = (text: string) => (text.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ''));

test('no option of a command hides one that all have', () => {
  for (const [name, command] of all) {
    for (const option of Object.keys(command.options))
      assert.ok(!Object.hasOwn(COMMON, option), `${name} --${option}`);
  }
});

test('the manual has a section for every command and a row for every option', async () => {
  const manual = await describeCommands();
  for (const [name, command] of all) {
    assert.ok(manual.includes(`\n## signet ${name}\n`), name);
    for (const option of Object.keys(command.options))
      assert.ok(manual.includes(`\`--${option}`), `${name} --${option}`);
  }
});
