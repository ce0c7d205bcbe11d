import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { startProgress } from './progress.ts';

function terminal({ isTTY }: { isTTY: boolean }) {
  const written: string[] = [];
  const stream = new Writable({
    write(chunk, _, done) {
      written.push(String(chunk));
      done();
    },
  });
  return { stream: Object.assign(stream, { isTTY }) as unknown as NodeJS.WriteStream, written };
}

test('nothing is shown for two seconds, then how far it has come, and in the end nothing is left', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { stream, written } = terminal({ isTTY: true });
  const progress = startProgress(stream);
  progress.at('sealing', 1, 4);
  t.mock.timers.tick(1_999);
  assert.deepEqual(written, []);
  t.mock.timers.tick(1);
  progress.at('sealing', 2, 4);
  progress.end();
  assert.deepEqual(written, [
    '\r\u001b[Ksealing [######..................] 1 of 4',
    '\r\u001b[Ksealing [############............] 2 of 4',
    '\r\u001b[K',
  ]);
});

test('where nobody watches nothing is ever shown', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { stream, written } = terminal({ isTTY: false });
  const progress = startProgress(stream);
  progress.at('sealing', 1, 4);
  t.mock.timers.tick(60_000);
  progress.end();
  assert.deepEqual(written, []);
});

test('what is over before two seconds have passed was never shown', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { stream, written } = terminal({ isTTY: true });
  const progress = startProgress(stream);
  progress.at('opening');
  progress.end();
  t.mock.timers.tick(60_000);
  assert.deepEqual(written, []);
});
