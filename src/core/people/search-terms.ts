import { foldText } from '#core/fold.ts';
import { literal } from '#core/search.ts';

/** How a search will be answered. Prefixes and patterns are lower-cased. */
export type SearchPlan =
  | { kind: 'everyone' }
  | { kind: 'nothing' }
  | { kind: 'word'; prefix: string }
  | { kind: 'words'; prefixes: string[] }
  | { kind: 'pattern'; patterns: Pattern[] };

/** Two LIKE patterns: one that the trigram index answers, and one more exact, for the text with a blank in front. */
export interface Pattern {
  anywhere: string;
  startsWord: string | null;
}

const MOST_WORDS = 8;
const LONGEST = 200;

/**
 * Reads `q`. A star at the end of a word changes nothing, since every word is a beginning anyway. A star elsewhere needs
 * three letters in a row to search by (the trigram index has nothing for fewer): a shorter one is taken as a beginning.
 */
export function plan(q: string): SearchPlan {
  if (q.length > LONGEST || q.includes('\0')) return { kind: 'nothing' };
  const words = foldText(q)
    .split(/\s+/)
    .map((word) => word.replace(/\*+$/, ''))
    .filter((word) => word !== '');
  if (words.length === 0) return { kind: 'everyone' };
  if (words.length > MOST_WORDS) return { kind: 'nothing' };

  const patterns = words
    .map((word) => (isPattern(word) ? word : word.replaceAll('*', '')))
    .filter((word) => word !== '');
  if (patterns.some(isPattern)) return { kind: 'pattern', patterns: patterns.map(toPattern) };
  if (patterns.length === 0) return { kind: 'everyone' };
  // A beginning of another is implied by it.
  const prefixes = [...new Set(patterns)].filter((a, _, all) => !all.some((b) => b !== a && b.startsWith(a)));
  const [first = ''] = prefixes;
  return prefixes.length === 1 ? { kind: 'word', prefix: first } : { kind: 'words', prefixes };
}

const isPattern = (word: string): boolean =>
  word.includes('*') && word.split('*').some((part) => [...part].length >= 3);

/** A word with a star in front may stand anywhere; else it begins a word. */
function toPattern(word: string): Pattern {
  const parts = word.split('*').map(literal).join('%').replace(/^%/, '');
  return { anywhere: `%${parts}%`, startsWord: word.startsWith('*') ? null : `% ${parts}%` };
}
