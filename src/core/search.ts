import { foldName } from './fold.ts';

/** Makes text stand for itself in a LIKE pattern. */
export const literal = (text: string): string => text.replace(/[\\%_]/g, '\\$&');

/** A LIKE pattern for `q` anywhere in a folded name, with `*` for anything; null when everything matches. */
export function containsPattern(q: string): string | null {
  const parts = foldName(q).trim().split('*').map(literal);
  if (parts.every((part) => part === '')) return null;
  return `%${parts.join('%')}%`;
}
