import { foldText } from '#core/fold.ts';
import { literal } from '#core/search.ts';

/** How a search will be answered. */
export type SearchPlan =
  | { kind: 'everyone'; terms: readonly Term[] }
  | { kind: 'nothing' }
  /** One beginning of a word, folded. */
  | { kind: 'word'; prefix: string; terms: readonly Term[] }
  | { kind: 'matching'; terms: readonly Term[] };

/** What one word of a search asks for, as LIKE patterns. */
export interface Term {
  /** On `person.search_text`. */
  text: string;
  /** On `person_word.word`, where the text alone could match across words. */
  word: string | null;
  /** How many letters in a row it asks for: the more, the fewer match. */
  letters: number;
}

const MOST_WORDS = 8;
const LONGEST = 200;

/**
 * Reads `q`. A star at the end of a word changes nothing, since every word is a beginning anyway. A star in front needs
 * three letters in a row to search by (the trigram index has nothing for fewer): without them it is passed over.
 */
export function plan(q: string): SearchPlan {
  if (q.length > LONGEST || q.includes('\0') || !q.isWellFormed()) return { kind: 'nothing' };
  const words = foldText(q)
    .split(/\s+/)
    .map(withoutIdleStars)
    .filter((word) => word !== '');
  if (words.length > MOST_WORDS) return { kind: 'nothing' };

  const terms = distinct(words).map(toTerm);
  const [first] = terms;
  if (!first) return { kind: 'everyone', terms };
  const [prefix = ''] = distinct(words);
  return terms.length === 1 && !prefix.includes('*')
    ? { kind: 'word', prefix, terms }
    : { kind: 'matching', terms };
}

function withoutIdleStars(word: string): string {
  const ended = word.replace(/\*+$/, '').replace(/\*+/g, '*');
  const searchable = ended.split('*').some((part) => [...part].length >= 3);
  return searchable ? ended : ended.replace(/^\*/, '');
}

/** Without those that another implies by beginning with them. */
function distinct(words: readonly string[]): string[] {
  const once = [...new Set(words)];
  return once.filter((a) => a.includes('*') || !once.some((b) => b !== a && b.startsWith(a)));
}

/** In `search_text` a blank stands in front of every place where a word starts. */
function toTerm(word: string): Term {
  const like = `${word.split('*').map(literal).join('%')}%`;
  const isWithin = word.startsWith('*');
  const crossing = word.replace(/^\*/, '').includes('*');
  const letters = Math.max(...word.split('*').map((part) => [...part].length));
  return { text: isWithin ? like : `% ${like}`, word: crossing ? like : null, letters };
}
