import { type Logger, pino } from 'pino';
import { LOG_OPTIONS } from '#http/log.ts';

export interface LogOptions {
  level: string;
  /** Readable lines for a person who watches; otherwise one JSON object per line. */
  readable: boolean;
  write?: (text: string) => void;
}

/** The log of this process, on standard output. Errors are put as `err`, with their causes. */
export function createLog({ level, readable, write }: LogOptions): Logger {
  const destination = write ? { write } : pino.destination({ fd: 1, sync: true });
  // The reader of our output has gone (`signet serve | head`): there is nobody to tell.
  if ('on' in destination) destination.on('error', () => {});
  const options = {
    level,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    ...LOG_OPTIONS, // also for what is no request: an error of the driver holds its whole connection
  };
  return readable
    ? pino(options, { write: (line) => destination.write(toReadable(line)) })
    : pino(options, destination);
}

/** What every line has; the rest is told as `name=value`. */
const COMMON = new Set(['level', 'time', 'pid', 'msg', 'err']);

function toReadable(line: string): string {
  const event = JSON.parse(line);
  const label = pino.levels.labels[event.level] ?? 'info';
  const fields = Object.entries(event).flatMap(([name, value]) => {
    return COMMON.has(name) ? [] : [`${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`];
  });
  const time = String(event.time).slice(11, 19);
  const text = [time, label === 'info' ? '' : `${label}:`, event.msg, ...fields].filter(Boolean).join(' ');
  return event.err ? `${text}\n${event.err.stack ?? event.err.message}\n` : `${text}\n`;
}
