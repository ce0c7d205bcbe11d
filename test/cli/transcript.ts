import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

/** A command line, what it reads, and what it must print. */
export interface Step {
  /** Where the command stands in the file. */
  line: number;
  command: string[];
  stdin: string;
  stdout: string[];
  stderr: string[];
  exit: number;
}

export interface Outcome {
  stdout: string;
  stderr: string;
  exit: number;
}

/**
 * Reads a transcript: `## title` begins a test, `$ ` a command line, `< ` a line of its standard input, `! ` a line of its
 * standard error, `= ` its exit code (0 when not said), anything else a line of its standard output. In what is
 * printed `*` stands for any text, and a line `...` for any lines.
 */
export function readTranscript(text: string): { title: string; steps: Step[] }[] {
  const tests: { title: string; steps: Step[] }[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    const step = tests.at(-1)?.steps.at(-1);
    if (line.startsWith('## ')) tests.push({ title: line.slice(3), steps: [] });
    else if (line.startsWith('$ ')) {
      const command = words(line.slice(2));
      tests.at(-1)?.steps.push({ line: i + 1, command, stdin: '', stdout: [], stderr: [], exit: 0 });
    } else if (!step || line === '') continue;
    else if (line.startsWith('< ')) step.stdin += `${line.slice(2)}\n`;
    else if (line.startsWith('! ')) step.stderr.push(line.slice(2));
    else if (line.startsWith('= ')) step.exit = Number(line.slice(2));
    else step.stdout.push(line);
  }
  return tests;
}

/** Splits at blanks; double quotes keep a text together, and a backslash takes a sign as it is. */
function words(line: string): string[] {
  const found = line.match(/(?:"(?:[^"\\]|\\.)*"|\\.|[^\s"\\])+/g) ?? [];
  return found.map((word) => word.replace(/"((?:[^"\\]|\\.)*)"/g, '$1').replace(/\\(.)/g, '$1'));
}

/** Makes a test of each part of the file; they run in order, on what the parts before have left. */
export function replay(file: URL, run: (words: string[], stdin: string) => Promise<Outcome>): void {
  const tests = readTranscript(readFileSync(file, 'utf8'));
  if (tests.length === 0) throw new Error(`${file.pathname} holds no transcript`);
  for (const { title, steps } of tests) {
    test(title, async () => {
      assert.ok(steps.length > 0, 'no commands, no proof');
      for (const step of steps) {
        const [program, ...rest] = step.command;
        assert.equal(program, 'signet');
        const outcome = await run(rest, step.stdin);
        const where = `line ${step.line}: signet ${rest.join(' ')}`;
        const said = `${where}\nstandard output:\n${outcome.stdout}\nstandard error:\n${outcome.stderr}`;
        assert.equal(outcome.exit, step.exit, `exit code of ${said}`);
        assert.ok(
          matches(outcome.stdout, step.stdout),
          `standard output of ${said}\nexpected:\n${step.stdout.join('\n')}`,
        );
        assert.ok(
          matches(outcome.stderr, step.stderr),
          `standard error of ${said}\nexpected:\n${step.stderr.join('\n')}`,
        );
      }
    });
  }
}

/** Empty lines count for nothing, on either side. */
export function matches(printed: string, expected: readonly string[]): boolean {
  const text = printed
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => `${line}\n`)
    .join('');
  const pattern = expected.map((line) => (line === '...' ? '(?:.*\\n)*' : `${wild(line)}\\n`)).join('');
  return new RegExp(`^${pattern}$`, 'u').test(text);
}

const wild = (line: string) =>
  line
    .split('*')
    .map((part) => part.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
    .join('.*');
