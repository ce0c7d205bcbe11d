import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { Fault } from './findings.ts';
import { readJson } from './json.ts';
import { foldKey, foldKeys, overlay, placeEntries, type Setting } from './layers.ts';

function setting(text: string, file = 'a.json'): Setting {
  const read = readJson(file, Buffer.from(text));
  assert.ok('node' in read, `refused: ${JSON.stringify(read)}`);
  const faults: Fault[] = [];
  const folded = foldKeys(read.node, faults);
  assert.deepEqual(faults, []);
  return folded;
}

/** The value alone, keys folded. */
function plain(given: Setting): unknown {
  if (given.kind === 'object') {
    return Object.fromEntries([...given.entries].map(([name, { value }]) => [name, plain(value)]));
  }
  if (given.kind === 'array') return given.items.map(plain);
  if (given.kind === 'null') return null;
  return given.kind === 'flag' ? given.value : given.text;
}

const overlaid = (...texts: string[]) => plain(texts.map((text) => setting(text)).reduce(overlay));

test('keys merge whatever their case', () => {
  assert.deepEqual(overlaid('{"MyID": {"Cors": {"A": "1"}}}', '{"myid": {"CORS": {"b": "2"}}}'), {
    myid: { cors: { a: '1', b: '2' } },
  });
});

test('only ASCII letters fold', () => {
  assert.equal(foldKey('ClientID'), foldKey('CLIENTid'));
  assert.notEqual(foldKey('Clıents'), foldKey('Clients'));
  assert.notEqual(foldKey('\u212aey'), foldKey('Key'));
});

test('the same key twice in one object is a fault at the second, even in another case', () => {
  const read = readJson('a.json', Buffer.from('{"a": {"RequirePkce": true,\n "requirePKCE": false}}'));
  assert.ok('node' in read);
  const faults: Fault[] = [];
  foldKeys(read.node, faults);
  assert.equal(faults.length, 1);
  const { code, line, bytePositionInLine, reason } = faults[0] as Fault;
  assert.deepEqual([code, line, bytePositionInLine], ['key.duplicate', 2, 1]);
  assert.equal(reason, "A duplicate key 'requirePKCE' was found.");
});

test('arrays merge by index, also within their elements, and grow at the end', () => {
  const below = '{"Clients": [{"ClientId": "a", "Scopes": ["x", "y"]}, {"ClientId": "b"}]}';
  const above = '{"clients": [{"scopes": ["z"]}, {}, {"ClientId": "c"}]}';
  assert.deepEqual(overlaid(below, above), {
    clients: [{ clientid: 'a', scopes: ['z', 'y'] }, { clientid: 'b' }, { clientid: 'c' }],
  });
});

test('a value of another kind replaces the one below', () => {
  assert.deepEqual(overlaid('{"a": [1], "b": "x"}', '{"a": "y", "b": {"c": true}}'), {
    a: 'y',
    b: { c: true },
  });
});

test('a merged object stands where the upper file says something about it', () => {
  const below = setting('{"a": [{"x": 1}, {"x": 1}]}', 'below.json');
  const merged = overlay(below, setting('{"a": [{}, {"y": 1}]}', 'above.json'));
  const list = merged.kind === 'object' ? merged.entries.get('a')?.value : undefined;
  assert.ok(list?.kind === 'array');
  assert.deepEqual(
    list.items.map(({ at }) => at.file),
    ['below.json', 'above.json'],
  );
});

suite('entries of their own', () => {
  const placed = (root: string, ...entries: string[]) => {
    const below = setting(root);
    assert.ok(below.kind === 'object');
    return plain(
      placeEntries(
        below,
        'Scopes',
        'Name',
        entries.map((text) => setting(text)),
      ),
    );
  };

  test('take the whole place of the one with their identity, or come last', () => {
    const below = '{"Scopes": [{"Name": "a", "Old": "1"}, {"Name": "b"}]}';
    assert.deepEqual(placed(below, '{"Name": "c"}', '{"name": "a", "New": "1"}'), {
      scopes: [{ name: 'a', new: '1' }, { name: 'b' }, { name: 'c' }],
    });
  });

  test('have identities in which case counts', () => {
    assert.deepEqual(placed('{"Scopes": [{"Name": "a"}]}', '{"Name": "A"}'), {
      scopes: [{ name: 'a' }, { name: 'A' }],
    });
  });

  test('make the list when there is none', () => {
    assert.deepEqual(placed('{}', '{"Name": "a"}'), { scopes: [{ name: 'a' }] });
    assert.deepEqual(placed('{"Scopes": null}', '{"Name": "a"}'), { scopes: [{ name: 'a' }] });
  });
});

suite('laws of overlaying', () => {
  /** Settings in which a key always holds the same kind of value, as in files that fit one declaration. */
  const { tree } = fc.letrec<{ tree: Record<string, unknown> }>((tie) => ({
    tree: fc.record(
      {
        flag: fc.boolean(),
        text: fc.string(),
        object: fc.oneof({ maxDepth: 3 }, fc.constant({}), tie('tree')),
        texts: fc.array(fc.oneof(fc.string(), fc.constant(null)), { maxLength: 3 }),
        objects: fc.array(fc.oneof({ maxDepth: 3 }, fc.constant({}), tie('tree')), { maxLength: 3 }),
      },
      { requiredKeys: [] },
    ),
  }));
  const settings = tree.map((value) => setting(JSON.stringify(value)));

  test('what the upper file says counts, and where it says nothing the lower one: path by path', () => {
    fc.assert(
      fc.property(settings, settings, (below, above) => {
        const merged = new Map(leaves(overlay(below, above)));
        assert.deepEqual(merged, new Map([...leaves(below), ...leaves(above)]));
      }),
    );
  });

  test('an empty file changes nothing, above or below', () => {
    fc.assert(
      fc.property(settings, (given) => {
        assert.deepEqual(overlay(given, setting('{}')), given);
        assert.deepEqual(plain(overlay(setting('{}'), given)), plain(given));
      }),
    );
  });

  test('the same file twice is that file', () => {
    fc.assert(
      fc.property(settings, (given) => {
        assert.deepEqual(plain(overlay(given, given)), plain(given));
      }),
    );
  });

  test('of three files it does not matter which two are merged first', () => {
    fc.assert(
      fc.property(settings, settings, settings, (a, b, c) => {
        assert.deepEqual(plain(overlay(overlay(a, b), c)), plain(overlay(a, overlay(b, c))));
      }),
    );
  });
});

/** Every value that is not null, with its path, as .NET keeps a configuration. */
function leaves(given: Setting, path = ''): [string, unknown][] {
  if (given.kind === 'object') {
    return [...given.entries].flatMap(([name, { value }]) => leaves(value, `${path}:${name}`));
  }
  if (given.kind === 'array') return given.items.flatMap((item, i) => leaves(item, `${path}:${i}`));
  return given.kind === 'null' ? [] : [[path, plain(given)]];
}
