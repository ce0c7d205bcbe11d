import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { DomainError } from '#core/errors.ts';
import { readLenientJson } from './body.ts';

const refused = (error: unknown) => error instanceof DomainError && error.code === 'request.invalid';

/** Writes a value as JSON in which `single` says of each string whether it stands in single quotes. */
function write(value: unknown, single: () => boolean): string {
  if (typeof value === 'string') {
    const plain = JSON.stringify(value);
    return single() ? `'${plain.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'` : plain;
  }
  if (Array.isArray(value)) return `[${value.map((member) => write(member, single)).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([k, v]) => `${write(k, single)}: ${write(v, single)}`);
  return `{${members.join(',')}}`;
}

const values = fc
  .jsonValue({ maxDepth: 6 })
  .map((value) => JSON.parse(JSON.stringify(value)))
  .filter((value) => !/\\u0000|__proto__/.test(JSON.stringify(value)));

suite('JSON with single quotes', () => {
  test('of the samples is read', () => {
    assert.deepEqual(readLenientJson("{'credProfile': {'id': 'A1'},'recoverCertIds': ['B2']}"), {
      credProfile: { id: 'A1' },
      recoverCertIds: ['B2'],
    });
    assert.deepEqual(readLenientJson(`{"target": {'id': "A1"}}`), { target: { id: 'A1' } });
  });

  test('reads what was written, whichever quotes each string has', () => {
    fc.assert(
      fc.property(values, fc.infiniteStream(fc.boolean()), (value, choices) => {
        const text = write(value, () => choices.next().value);
        assert.deepEqual(readLenientJson(text), value);
      }),
    );
  });

  test('reads every JSON text as JSON', () => {
    fc.assert(
      fc.property(values, fc.nat(4), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        assert.deepEqual(readLenientJson(text), value);
      }),
    );
  });

  test('takes nothing else: a text without single quotes is read as JSON or refused', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '"a"',
      '"',
      '\\',
      '1',
      'null',
      ' ',
      '//',
      'x',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        let expected: unknown;
        try {
          expected = JSON.parse(text);
        } catch {
          assert.throws(() => readLenientJson(text), refused);
          return;
        }
        assert.deepEqual(readLenientJson(text), expected);
      }),
      { numRuns: 2000 },
    );
  });

  test('refuses everything else, and throws nothing but a refusal', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      "'",
      '"',
      '\\',
      "\\'",
      'a',
      '\0',
      '\n',
      '1',
      '😀',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 20 }), (parts) => {
        try {
          readLenientJson(parts.join(''));
        } catch (error) {
          assert.ok(refused(error), String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });

  for (const text of [
    "{'a':'b",
    '{\'a":1}',
    "'a'b'",
    '{a:1}',
    "{'a':1,}",
    "{'a' 'b'}",
    "{'a':'\n'}",
    "{'a':'\\x41'}",
  ]) {
    test(`${JSON.stringify(text)} is none`, () => {
      assert.throws(() => readLenientJson(text), refused);
    });
  }

  test('is read in a time that grows with its length only', () => {
    // Each of these would take minutes if it were looked at again from every quote.
    const megabyte = 1024 * 1024;
    for (const text of ["'\\".repeat(megabyte / 2), "'".repeat(megabyte - 1), `'${'\\'.repeat(megabyte)}`]) {
      assert.throws(() => readLenientJson(text), refused);
    }
    const image = 'A'.repeat(megabyte);
    assert.deepEqual(readLenientJson(`{'image':{'data':'${image}'}}`), { image: { data: image } });
  });
});
