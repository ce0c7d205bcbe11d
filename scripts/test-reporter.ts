import { relative } from 'node:path';
import type { TestEvent } from 'node:test/reporters';
import { inspect } from 'node:util';

/** One line for each file, every failure in full, and node's own closing figures. */
export default async function* report(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const failures: string[] = [];
  for await (const event of source) {
    if (event.type === 'test:summary' && event.data.file !== undefined) {
      const { counts, duration_ms: ms, success, file } = event.data;
      yield `${success ? '✔' : '✖'} ${short(file)}  ${counts.passed}/${counts.tests}  ${Math.round(ms)} ms\n`;
    } else if (event.type === 'test:summary') {
      yield* closing(event.data.counts, event.data.duration_ms, failures);
    } else if (event.type === 'test:fail') {
      const text = failure(event.data);
      if (text) failures.push(text);
      yield text;
    } else if (event.type === 'test:stderr' || event.type === 'test:stdout') {
      yield event.data.message;
    }
  }
}

type Failed = Extract<TestEvent, { type: 'test:fail' }>['data'];
type Summary = Extract<TestEvent, { type: 'test:summary' }>['data'];

/** A suite that failed only because a test in it did has nothing of its own to say. */
function failure(data: Failed): string {
  const error = data.details.error as Error & { failureType?: string };
  if (error.failureType === 'subtestsFailed') return '';
  const where = data.file === undefined ? '' : ` (${short(data.file)}:${data.line ?? 1})`;
  const why = inspect(error.cause ?? error).replaceAll('\n', '\n    ');
  return `✖ ${data.name}${where}\n    ${why}\n`;
}

function* closing(counts: Summary['counts'], ms: number, failures: string[]): Generator<string> {
  if (failures.length > 0) yield `\n${failures.length} failed:\n\n${failures.join('\n')}\n`;
  const { tests, suites, passed, failed, cancelled, skipped, todo } = counts as Record<string, number>;
  const lines = { tests, suites, pass: passed, fail: failed, cancelled, skipped, todo, duration_ms: ms };
  yield Object.entries(lines)
    .map(([name, value]) => `ℹ ${name} ${value ?? 0}\n`)
    .join('');
}

const short = (file: string) => relative(process.cwd(), file);
