import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { foldName, foldText } from './fold.ts';

const letters: string[] = [];
for (let point = 0; point <= 0x10ffff; point++) {
  if (point < 0xd800 || point > 0xdfff) letters.push(String.fromCodePoint(point));
}

suite('folding', () => {
  test('makes every letter alike with its other cases, and is the same done twice', () => {
    for (const letter of letters) {
      const folded = foldText(letter);
      const forms = [folded, letter.toUpperCase(), letter.toLowerCase(), letter.normalize('NFD')];
      for (const form of forms)
        assert.equal(foldText(form), folded, `U+${letter.codePointAt(0)?.toString(16)}`);
      assert.equal(foldName(foldName(letter)), foldName(letter));
    }
  });

  test('makes no blank of anything else, and keeps every blank', () => {
    for (const letter of letters) assert.equal(/\s/.test(foldText(letter)), /\s/.test(letter));
  });

  test('is the same done twice to any text, whatever its normal form', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        for (const fold of [foldText, foldName]) {
          assert.equal(fold(fold(text)), fold(text));
          assert.equal(fold(text.normalize('NFD')), fold(text));
        }
      }),
    );
  });

  test('finds Greek, Turkish and German words in all their spellings', () => {
    assert.equal(foldText('ΣΊΣΥΦΟΣ'), foldText('Σίσυφος'));
    assert.equal(foldText('İSTANBUL'), foldText('istanbul'));
    assert.equal(foldText('ISPARTA'), foldText('ısparta'));
    assert.equal(foldText('STRASSE'), foldText('Straße'));
    assert.equal(foldText('WEIẞ'), foldText('weiß'));
    assert.notEqual(foldText('Müller'), foldText('Muller'));
  });

  test('of names keeps apart what is written differently', () => {
    assert.notEqual(foldName('strasse'), foldName('straße'));
    assert.equal(foldName('STRAẞE'), foldName('straße'));
    assert.equal(foldName('Zoe\u0308'), foldName('ZOË'));
  });
});
