import { randomInt } from 'node:crypto';

/** No letter or digit that looks like another. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';

/** A random password in groups of four that can be read aloud and typed: 4.95 bits a letter, so 118 bits for 24. */
export function randomPassword(length = 24): string {
  const letters = Array.from({ length }, () => LETTERS[randomInt(LETTERS.length)]);
  return letters.join('').replace(/(.{4})(?=.)/g, '$1-');
}
