import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { type JsonNode, readJson } from './json.ts';

const bytes = (text: string) => Buffer.from(text);

function parsed(input: string | Uint8Array): unknown {
  const read = readJson('a.json', typeof input === 'string' ? bytes(input) : input);
  assert.ok('node' in read, `refused: ${JSON.stringify(read)}`);
  return plain(read.node);
}

/** What JSON.parse would have made of it. */
function plain(node: JsonNode): unknown {
  if (node.kind === 'object')
    return Object.fromEntries(node.members.map(({ key, value }) => [key, plain(value)]));
  if (node.kind === 'array') return node.items.map(plain);
  if (node.kind === 'number') return Number(node.text);
  if (node.kind === 'text') return node.text;
  return node.kind === 'flag' ? node.value : null;
}

test('a byte order mark is passed over', () => {
  assert.deepEqual(parsed('\ufeff{"a": "\ufeff"}'), { a: '\ufeff' });
});

test('in a comment invalid UTF-8 does not matter', () => {
  assert.deepEqual(parsed(Buffer.concat([bytes('{} // f'), Buffer.of(0xfc), bytes('r')])), {});
});

test('comments and trailing commas may stand wherever blanks may', () => {
  const text = '/**/ { // a\n "a" /* : */ : /*/ */ [ 1 /*,*/ , 2, ] // "b"\r, "url": "http://x/*", } //';
  assert.deepEqual(parsed(text), { a: [1, 2], url: 'http://x/*' });
});

test('__proto__ and its like are keys as any other', () => {
  const read = readJson('a.json', bytes('{"__proto__": {"admin": true}, "constructor": 1}'));
  assert.ok('node' in read && read.node.kind === 'object');
  assert.deepEqual(
    read.node.members.map(({ key }) => key),
    ['__proto__', 'constructor'],
  );
  assert.equal(({} as { admin?: boolean }).admin, undefined);
});

test('64 levels can be read', () => {
  assert.deepEqual(parsed('['.repeat(64) + ']'.repeat(64)), JSON.parse('['.repeat(64) + ']'.repeat(64)));
});

test('every value knows where it stands', () => {
  const read = readJson('a.json', bytes('{\n  "ä": [true, "x"]\n}'));
  assert.ok('node' in read && read.node.kind === 'object');
  const [member] = read.node.members;
  assert.deepEqual(member?.at, { file: 'a.json', lineNumber: 1, bytePositionInLine: 2 });
  assert.ok(member?.value.kind === 'array');
  assert.deepEqual(
    member.value.items.map(({ at }) => at.bytePositionInLine),
    [9, 15],
  );
});

suite('compared with JSON.parse', () => {
  /** JSON in all its spellings: any indent, any character escaped. */
  const jsonText = fc
    .tuple(
      fc.jsonValue({ stringUnit: 'binary', maxDepth: 8 }),
      fc.constantFrom('', ' ', '\t\r'),
      fc.infiniteStream(fc.nat(3)),
    )
    .map(([value, indent, dice]) =>
      JSON.stringify(value, null, indent).replace(/[^\x20-\x7e\r\n\t]/g, (c) =>
        dice.next().value === 0 ? `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}` : c,
      ),
    )
    .filter((text) => text.isWellFormed());

  test('any JSON text is read to the same value', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        assert.deepEqual(parsed(text), JSON.parse(text));
      }),
    );
  });

  test('a text with a few characters changed is accepted by both or by neither, trailing commas apart', () => {
    const change = fc.tuple(
      fc.nat(),
      fc.nat(2),
      fc.constantFrom(...'{}[],:"0123456789.eE+-truefalsn\\ \n\t\0\u00a0'),
    );
    fc.assert(
      fc.property(jsonText, fc.array(change, { minLength: 1, maxLength: 3 }), (text, changes) => {
        const characters = [...text];
        for (const [at, removed, added] of changes)
          characters.splice(at % (characters.length + 1), removed, added);
        const changed = characters.join('');
        const read = readJson('a.json', bytes(changed));
        let expected: unknown;
        try {
          expected = JSON.parse(changed);
        } catch {
          assert.ok('fault' in read || /,\s*[\]}]|\/\//.test(changed), `accepted: ${changed}`);
          return;
        }
        if ('node' in read) assert.deepEqual(plain(read.node), expected);
        else assert.match(read.fault.reason, /surrogate/);
      }),
      { numRuns: 1000 },
    );
  });

  test('no bytes whatever do more than end in a fault, which lies within the file', () => {
    const likely = fc.constantFrom(
      ...bytes('{}[],:"\\/*u09.-etrufalsn \n\r'),
      0xef,
      0xbb,
      0xbf,
      0xc2,
      0xa0,
      0xe2,
      0x80,
      0xa8,
    );
    const any = fc
      .array(fc.oneof(likely, fc.nat(255)), { maxLength: 60 })
      .map((list) => Uint8Array.from(list));
    fc.assert(
      fc.property(any, (input) => {
        const read = readJson('a.json', input);
        if ('node' in read) return;
        const { lineNumber, bytePositionInLine } = read.fault;
        const lines = Buffer.from(input)
          .toString('latin1')
          .split(/\r\n|\r|\n/);
        assert.ok(lineNumber !== null && lineNumber < lines.length);
        assert.ok(bytePositionInLine !== null && bytePositionInLine <= input.length);
      }),
      { numRuns: 2000 },
    );
  });
});
