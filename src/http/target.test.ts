import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { SEGMENTS } from './segments.ts';
import { readTarget } from './target.ts';

suite('a request target', () => {
  test('never throws, and its path is short enough for a log', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (url) => {
        const target = readTarget(url);
        assert.ok(target.path.length <= 201);
        assert.ok(target.canonical.startsWith('/'));
      }),
    );
  });

  test('has one owner, whatever the letter case, encoding or query', () => {
    const words = fc.constantFrom(...Object.keys(SEGMENTS).filter((s) => s !== ''));
    const encode = (text: string) =>
      [...text].map((c) => `%${c.charCodeAt(0).toString(16).padStart(2, '0')}`).join('');
    fc.assert(
      fc.property(words, fc.webQueryParameters(), (word, query) => {
        const { owner } = readTarget(`/${word}/x`);
        assert.ok(owner);
        for (const other of [word.toUpperCase(), encode(word)]) {
          assert.equal(readTarget(`/${other}/x/?${query}`).owner, owner);
          assert.equal(readTarget(`http://host:1/${other}/x?${query}`).owner, owner);
        }
      }),
    );
  });

  for (const [url, canonical, owner, faulty] of [
    ['/', '/', 'signet', false],
    ['', '/', 'signet', false],
    ['*', '/', 'signet', false],
    ['/Register', '/register', 'privacyidea', false],
    ['/register/', '/register', 'privacyidea', false],
    ['/register/FIDO2/init', '/register/fido2/init', 'loginid', false],
    ['/api/v1', '/api/v1', 'signet', false],
    ['/api', '/api', 'loginid', false],
    ['//auth', '//auth', 'privacyidea', true],
    ['/auth//', '/auth/', 'privacyidea', true],
    ['/x/../auth', '/x/../auth', undefined, true],
    ['/auth/%2e', '/auth/.', 'privacyidea', true],
    ['/auth/..a', '/auth/..a', 'privacyidea', false],
    ['/auth%2Fx', '/auth/x', undefined, false],
    ['/hasOwnProperty', '/hasownproperty', undefined, false],
    ['/constructor', '/constructor', undefined, false],
  ] as const) {
    test(`${JSON.stringify(url)} belongs to ${owner ?? 'nobody'}${faulty ? ' and is refused' : ''}`, () => {
      const target = readTarget(url);
      assert.deepEqual(
        [target.canonical, target.owner, target.fault !== undefined],
        [canonical, owner, faulty],
      );
    });
  }
});
