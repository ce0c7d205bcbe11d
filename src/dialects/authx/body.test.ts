import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { DomainError } from '#core/errors.ts';
import { readObject, withoutComments } from './body.ts';

const read = (text: string) => readObject(Buffer.from(text));
const refused = (error: unknown) => error instanceof DomainError && error.code === 'request.invalid';

suite('a body of the public API', () => {
  test('may have comments and last commas', () => {
    const text = `\ufeff{ // the user
      "UserName": "gsinghyopmail13", /* unique */ "Name": {"FirstName": "G",},
      "list": [1, 2, /* last */ ], // done
    }`;
    assert.deepEqual(read(text), { UserName: 'gsinghyopmail13', Name: { FirstName: 'G' }, list: [1, 2] });
  });

  test('keeps what looks like one inside a string', () => {
    assert.deepEqual(read('{"a":"a//b1","b":"/* no */","c":",]","d":"\\"//\\\\"}'), {
      a: 'a//b1',
      b: '/* no */',
      c: ',]',
      d: '"//\\',
    });
  });

  test('is plain JSON otherwise, whatever it holds', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(3), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        assert.deepEqual(JSON.parse(withoutComments(text)), JSON.parse(text));
      }),
    );
  });

  for (const text of [
    ...[
      '[]',
      '"x"',
      '1',
      'null',
      '{',
      '{}{}',
      '{"a":1 /* never',
      '{"a":"never}',
      '{"a":1,,}',
      '{,}',
      "{'a':1}",
    ],
    ...['/', '{"a":1} /', '{"a" // :1}', '/* */', '//'],
  ]) {
    test(`${text} is none`, () => {
      assert.throws(() => read(text), refused);
    });
  }

  test('is read in a time that grows with its length only', () => {
    // Each of these would take minutes if it were looked at again from every mark.
    for (const text of [
      '/*'.repeat(32_000),
      '"\\'.repeat(32_000),
      '//'.repeat(32_000),
      '{"a":1'.padEnd(64_000, ', '),
    ]) {
      assert.throws(() => read(text), refused);
    }
  });
});
