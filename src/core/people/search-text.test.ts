import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { searchText } from './search-text.ts';

const of = (firstName: string | null, lastName: string | null, logonName = 'x') =>
  searchText({ firstName, middleName: null, lastName, logonName });

suite('what is kept to find a person by', () => {
  test('has a word from each place where one starts, in order, with what it shares with the one before', () => {
    assert.deepEqual(of("Susan  O'Brien-Smith", null, 'susan.smith').words, [
      { word: 'brien-smith', shared: 0 },
      { word: "o'brien-smith", shared: 0 },
      { word: 'smith', shared: 0 },
      { word: 'susan', shared: 1 },
      { word: 'susan.smith', shared: 5 },
    ]);
  });

  test('sorts by last name, then first name', () => {
    const keys = [of('Zoë', 'Abel'), of('Anna', 'Berg'), of('Berta', 'Berg'), of('Anna', 'Berger')].map(
      (p) => p.sortKey,
    );
    assert.deepEqual(keys.toSorted(), keys);
    assert.equal(of(null, 'Berg', 'b').sortKey, 'berg b');
  });

  test('says of each word how much of it an earlier word finds as well', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.string({ unit: fc.constantFrom('a', 'b', '-', ' ', 'é') }),
        (a, b) => {
          const { words } = of(a, b);
          for (const [i, { word, shared }] of words.entries()) {
            const letters = [...word];
            for (let length = 1; length <= letters.length; length++) {
              const start = letters.slice(0, length).join('');
              assert.equal(
                shared >= length,
                words.slice(0, i).some((earlier) => earlier.word.startsWith(start)),
              );
            }
          }
        },
      ),
    );
  });

  test('fits into an index, however long the names', () => {
    for (const letter of ['王', 'ﬃ', '𐐀', 'ΐ']) {
      const name = letter.repeat(150 / letter.length);
      const {
        sortKey,
        searchText: text,
        words,
      } = searchText({
        firstName: name,
        middleName: name,
        lastName: `${name}`,
        logonName: `${letter}-`.repeat(40),
      });
      assert.ok(Buffer.byteLength(sortKey) + Buffer.byteLength(text) <= 2400, letter);
      assert.ok(sortKey.isWellFormed() && !sortKey.includes('\ufffd'));
      for (const { word } of words) assert.ok(Buffer.byteLength(word) < 2000);
    }
  });
});
