/** What is going on, for whoever waits at a terminal: nothing for two seconds, then one line that is written over. */
export interface Progress {
  /** Says what is being done now, and how far it has come where that is known. */
  at(what: string, done?: number, total?: number): void;
  end(): void;
}

const PATIENCE_MS = 2_000;
const BAR = 24;

export function startProgress(stream: NodeJS.WriteStream): Progress {
  let line = '';
  let shown = false;
  let timer: NodeJS.Timeout | undefined;
  const draw = () => {
    shown = true;
    stream.write(`\r\u001b[K${line}`);
  };
  return {
    at(what, done, total) {
      if (!stream.isTTY) return;
      line = done === undefined || !total ? `${what} …` : `${what} ${bar(done / total)} ${done} of ${total}`;
      timer ??= setTimeout(draw, PATIENCE_MS).unref();
      if (shown) draw();
    },
    end() {
      clearTimeout(timer);
      timer = undefined;
      if (shown) stream.write('\r\u001b[K');
      shown = false;
    },
  };
}

function bar(part: number): string {
  const full = Math.round(Math.min(1, part) * BAR);
  return `[${'#'.repeat(full)}${'.'.repeat(BAR - full)}]`;
}
