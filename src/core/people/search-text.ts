import { foldText } from '#core/fold.ts';
import type { Person } from './person.ts';

type Named = Pick<Person, 'firstName' | 'middleName' | 'lastName' | 'logonName'>;

/** What the database keeps of a person to find and sort them by: everything folded, so that it need only compare bytes. */
export interface SearchText {
  /** Last name, first name, logon name. */
  sortKey: string;
  /** First, middle and last name and the logon name, then the words that start within these; a blank before each. */
  searchText: string;
  /** In byte order, each once. */
  words: SearchWord[];
}

export interface SearchWord {
  word: string;
  /**
   * How many characters at the start are the same in the word before it. A search for that much or less finds the
   * earlier word as well: the person is shown there, and passed over here.
   */
  shared: number;
}

export function searchText(p: Named): SearchText {
  const names = folded([p.firstName, p.middleName, p.lastName, p.logonName]);
  const words = wordsOf(names);
  const inner = words.filter((word) => !` ${names}`.includes(` ${word}`));
  return {
    sortKey: shortened(folded([p.lastName, p.firstName, p.logonName])),
    searchText: shortened(['', names, ...inner].join(' ')),
    words: withShared(words),
  };
}

/** Both together must fit into an entry of an index. Only names of several hundred letters are cut. */
const MOST_BYTES = 1200;

function shortened(text: string): string {
  if (text.length * 3 <= MOST_BYTES) return text;
  return new TextDecoder().decode(Buffer.from(text).subarray(0, MOST_BYTES), { stream: true });
}

const folded = (parts: readonly (string | null)[]): string =>
  parts
    .flatMap((part) => foldText(part ?? '').split(/\s+/))
    .filter((token) => token !== '')
    .join(' ');

/**
 * From each place where a word starts to the next blank. A word starts behind a blank and behind any sign, so
 * `o'brien-smith` is found by o'brien, brien-s and smith.
 */
export function wordsOf(text: string): string[] {
  const words = new Set<string>();
  for (const token of text.split(' ')) {
    if (token !== '') words.add(token);
    for (const { index } of token.matchAll(/[\p{L}\p{M}\p{N}]+/gu)) words.add(token.slice(index));
  }
  return [...words];
}

function withShared(words: readonly string[]): SearchWord[] {
  const sorted = words.map((word) => ({ word, bytes: Buffer.from(word) }));
  sorted.sort((a, b) => Buffer.compare(a.bytes, b.bytes));
  return sorted.map(({ word }, i) => ({ word, shared: sharedStart(word, sorted[i - 1]?.word ?? '') }));
}

function sharedStart(a: string, b: string): number {
  const others = [...b];
  let count = 0;
  for (const character of a) {
    if (character !== others[count]) break;
    count++;
  }
  return count;
}
