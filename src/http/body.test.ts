import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { DomainError } from '#core/errors.ts';
import { endOfString, mediaType, readForm, readJson, readText } from './body.ts';

const refused = (error: unknown) => error instanceof DomainError && error.code === 'request.invalid';
const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

suite('JSON of a stranger', () => {
  test('is what it is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
        fc.pre(!/\\u0000|__proto__/.test(JSON.stringify(value)));
        assert.deepEqual(readJson(JSON.stringify(value)), JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test('that is none is refused without quoting it', () => {
    for (const text of ['', '{', "{'a':1}", 'pL4nted', '{"a":1}}', '\ufeff{}']) {
      assert.throws(
        () => readJson(text),
        (error) => refused(error) && !String(error).includes('pL4nted'),
      );
    }
  });

  test('may be 64 levels deep and no deeper, and depth costs no stack', () => {
    assert.ok(readJson(nested(64)));
    assert.throws(() => readJson(nested(65)), refused);
    assert.throws(() => readJson(nested(500_000)), refused);
  });

  test('with a NUL anywhere is refused', () => {
    for (const text of ['"\\u0000"', '{"a":{"b":["x\\u0000"]}}', '{"a\\u0000":1}']) {
      assert.throws(() => readJson(text), refused, text);
    }
  });

  test('cannot bring a prototype', () => {
    const value = readJson('{"a":{"__proto__":{"admin":true},"b":1}}') as { a: object };
    assert.deepEqual(Object.keys(value.a), ['b']);
    assert.equal((Object.assign({}, value.a) as { admin?: boolean }).admin, undefined);
  });
});

suite('text', () => {
  test('is UTF-8, with or without a mark', () => {
    assert.equal(readText(Buffer.from('\ufeffzoé'), undefined), 'zoé');
    assert.equal(readText(Buffer.from('zoé'), 'application/json'), 'zoé');
  });

  test('is in the charset that is named', () => {
    assert.equal(readText(Buffer.from('zoé', 'latin1'), 'text/plain; charset="ISO-8859-1"'), 'zoé');
    assert.equal(readText(Buffer.from('zoé', 'utf16le'), 'text/plain;charset=utf-16'), 'zoé');
  });

  test('that is not of its charset, or of one that nobody knows, is refused', () => {
    assert.throws(() => readText(Buffer.from('zoé', 'latin1'), 'application/json'), refused);
    assert.throws(() => readText(Buffer.from('x'), 'text/plain; charset=klingon'), refused);
  });
});

suite('a form', () => {
  test('gives the first of a repeated field, and every name is only a name', () => {
    const form = readForm('a=1&a=2&b=x+y%26&__proto__=z&constructor=c&e=%zz');
    assert.deepEqual({ ...form }, { a: '1', b: 'x y&', constructor: 'c', e: '%zz', ['__proto__']: 'z' });
    assert.equal(Object.getPrototypeOf(form), null);
  });

  test('with a NUL is refused', () => {
    assert.throws(() => readForm('a=%00'), refused);
    assert.throws(() => readForm('%00=a'), refused);
  });
});

test('a media type is without its parameters, in lower case', () => {
  assert.equal(mediaType('Application/JSON ; charset=utf-8'), 'application/json');
  assert.equal(mediaType(undefined), '');
});

test('a string ends at the first quote that is not escaped', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (inside, behind) => {
      const text = `${JSON.stringify(inside)}${behind}`;
      assert.equal(endOfString(text, '"', 1), JSON.stringify(inside).length - 1);
    }),
  );
  assert.equal(endOfString('"never \\"', '"', 1), -1);
});
