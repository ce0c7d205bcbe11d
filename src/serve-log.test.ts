import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from './serve-log.ts';

function capture(readable: boolean) {
  const lines: string[] = [];
  const log = createLog({ level: 'info', readable, write: (text) => lines.push(text) });
  return { log, lines };
}

test('for a program, each event is one line of JSON', () => {
  const { log, lines } = capture(false);
  log.info({ url: 'http://127.0.0.1' }, 'ready\nsteady');
  const [line = ''] = lines;
  assert.equal(line.indexOf('\n'), line.length - 1);
  const { level, url, msg, time } = JSON.parse(line);
  assert.deepEqual({ level, url, msg }, { level: 30, url: 'http://127.0.0.1', msg: 'ready\nsteady' });
  assert.ok(Date.parse(time) > 0);
});

test('for a person, an event is a time, the level unless it is usual, the message and what belongs to it', () => {
  const { log, lines } = capture(true);
  log.info({ url: 'http://127.0.0.1', count: 2 }, 'ready');
  log.warn({}, 'slow');
  assert.match(lines[0] ?? '', /^\d\d:\d\d:\d\d ready url=http:\/\/127\.0\.0\.1 count=2\n$/);
  assert.match(lines[1] ?? '', /^\d\d:\d\d:\d\d warn: slow\n$/);
});

test('an error comes with its stack, below the line', () => {
  const { log, lines } = capture(true);
  log.error({ err: new Error('torn') }, 'a bug');
  assert.match(lines[0] ?? '', /^\d\d:\d\d:\d\d error: a bug\nError: torn\n\s+at /);
});

test('what is below the level is not logged', () => {
  const { log, lines } = capture(false);
  log.debug({}, 'detail');
  assert.deepEqual(lines, []);
});
