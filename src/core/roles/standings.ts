import type { Sql } from '#core/context.ts';
import type { Bearer } from './actors.ts';
import { findStandings, type Standing } from './store.ts';

interface Asked {
  bearer: Bearer;
  answer: Promise<Standing | undefined>;
  resolve(standing: Standing | undefined): void;
  reject(error: unknown): void;
}

/**
 * Reads whether bearers still stand as they did. Whoever asks while a read is under way is answered by the next one,
 * together with all others: a server with much to do reads once for many requests, and still no read is older than the
 * request that it answers.
 */
export function createStandings(sql: Sql): (bearer: Bearer) => Promise<Standing | undefined> {
  let waiting = new Map<string, Asked>();
  let isReading = false;

  async function read(): Promise<void> {
    isReading = true;
    while (waiting.size > 0) {
      const asked = [...waiting.values()];
      waiting = new Map();
      try {
        const standings = await findStandings(
          sql,
          asked.map(({ bearer }) => bearer),
        );
        asked.forEach(({ resolve }, i) => {
          resolve(standings[i]);
        });
      } catch (error) {
        for (const { reject } of asked) reject(error);
      }
    }
    isReading = false;
  }

  return (bearer) => {
    const key = `${bearer.sessionId} ${bearer.revocationIds.join(' ')}`;
    const known = waiting.get(key);
    if (known) return known.answer;
    const { promise, resolve, reject } = Promise.withResolvers<Standing | undefined>();
    waiting.set(key, { bearer, answer: promise, resolve, reject });
    if (!isReading) void read();
    return promise;
  };
}
