import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { Context } from '#core/context.ts';
import { type Core, core } from '#test/actors.ts';
import { testDatabase } from '#test/database.ts';
import { findByLogonName, findPeople, type PageKey } from './find.ts';

const { db } = await testDatabase();
const site: Core = await core(db);

interface Known {
  id: string;
  group: string;
  names: string[];
}

/** What letter case makes alike, told the other way round than core/fold.ts tells it: by upper case. */
const same = (text: string) =>
  Array.from(text.normalize('NFC'), (letter) => (letter === 'İ' ? 'I' : letter.toLowerCase().toUpperCase()))
    .join('')
    .normalize('NFC');

/** The words a person is found by: from each start of a word to the next blank. */
function starts(names: readonly string[]): string[] {
  return names.flatMap((name) =>
    same(name)
      .split(/\s/)
      .flatMap((token) => {
        const letters = [...token];
        const isSign = (c: string | undefined) => c === undefined || !/[\p{L}\p{M}\p{N}]/u.test(c);
        return letters.flatMap((c, i) =>
          i === 0 || (isSign(letters[i - 1]) && !isSign(c)) ? [letters.slice(i).join('')] : [],
        );
      }),
  );
}

/** Whether the text begins with the pattern, where a star is anything; without any index. */
function begins(text: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return true;
}

function matches(person: Known, q: string): boolean {
  const words = starts(person.names);
  const tokens = person.names.flatMap((name) => same(name).split(/\s/));
  return same(q)
    .split(/\s/)
    .every((word) =>
      word.startsWith('*')
        ? tokens.some((token) => begins(token, word))
        : words.some((start) => begins(start, word)),
    );
}

async function all(ctx: Context, q: string, limit: number): Promise<string[]> {
  const ids: string[] = [];
  let after: PageKey | null = null;
  do {
    const page = await findPeople(ctx, { q, after, limit });
    assert.ok(page.people.length <= limit);
    ids.push(...page.people.map((person) => person.id));
    after = page.next;
  } while (after);
  return ids;
}

const NAMES =
  `Smith SMITHSON smythe O'Brien-Smith o’Neill Müller MÜLLER Mu\u0308ller Muller Straße STRASSE Weiß İpek ipek IŞIK ışık
Σίσυφος ΣΊΣΥΦΟΣ Ångström A\u030angstro\u0308m 100% 50%_off a_b back\\slash x\u0302y Nguyễn 王小明 王 Анна АННА ﬁnn 𝒜da 𐐀𐐨 d'Arc d'arc D'ARC
Anna-Lena van der Berg-Weiß _ ' % \\ (the) 3rd Jean-Pierre ÉLODIE Élodie E\u0301lodie \u{10ffff}end \uffffz`.split(
    /\s+/,
  );

const groups = ['Sales', 'Sales/North', 'Sales/North/Tall', 'Sales/South', 'Law', 'Law/Tax'];
const people: Known[] = [];
for (const [g, path] of groups.entries()) {
  const group = await site.group(path);
  for (const [i, name] of NAMES.entries()) {
    const other = NAMES[(i * 7 + g * 3) % NAMES.length] as string;
    const logonName = `u${g}.${i}_${
      same(other)
        .toLowerCase()
        .replace(/\P{ASCII}|[\\\s]/gu, '') || 'x'
    }`;
    const id = await site.person(group, { firstName: other, lastName: name, logonName });
    people.push({ id, group: path, names: [other, name, logonName] });
  }
}

const someText = fc.oneof(
  fc.constantFrom(
    ...NAMES,
    'u',
    'u1.',
    's',
    'S',
    'sm',
    "o'b",
    'brien-s',
    'ß',
    'ss',
    'i',
    'İ',
    'ı',
    'é',
    'e\u0301',
  ),
  fc
    .tuple(fc.constantFrom(...NAMES), fc.nat(12), fc.nat(8), fc.nat(2))
    .map(([name, from, length, letterCase]) => {
      const part = [...name].slice(from, from + length).join('');
      return [part, part.toUpperCase(), part.toLowerCase()][letterCase] as string;
    }),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
);
/** A search without star, of one to three words. */
const plain = fc
  .array(someText, { minLength: 1, maxLength: 3 })
  .map((words) =>
    words
      .map((w) => w.replace(/[*\s\0]/g, ''))
      .filter(Boolean)
      .join(' '),
  )
  .filter((q) => q.isWellFormed() && q.length < 200);

suite('findPeople', () => {
  test('finds those with a word that begins so for each of the words, and nobody else', async () => {
    await fc.assert(
      fc.asyncProperty(plain, async (q) => {
        const expected = q === '' ? people : people.filter((person) => matches(person, q));
        const found = await all(site.ctx, q, 1000);
        assert.deepEqual(found.sort(), expected.map((person) => person.id).sort());
      }),
      { numRuns: 300 },
    );
  });

  test('takes a star for anything within a word, and in front for any place in it', async () => {
    const STARRED = [
      '*mith',
      '*smi',
      's*th',
      'sm*s*n',
      '*üll',
      '*ull*r',
      "o'*smith",
      'b*n-s',
      '*trass',
      's*e',
      '*王小明',
      'u*mith',
    ];
    for (const q of [...STARRED, '*mith u1', 'mül*r *tra', '***mith**', 'a*b', '*100%', '100%*', 'sm*th*']) {
      const expected = people.filter((person) => matches(person, q));
      assert.deepEqual((await all(site.ctx, q, 1000)).sort(), expected.map((p) => p.id).sort(), q);
    }
    assert.ok(people.some((person) => matches(person, "o'*smith")));
  });

  test('passes over a star in front where there are no three letters to look for', async () => {
    assert.deepEqual(await all(site.ctx, '*mi', 1000), await all(site.ctx, 'mi', 1000));
    assert.deepEqual(await all(site.ctx, '*', 1000), await all(site.ctx, '', 1000));
  });

  test('gives each person exactly once, in one order, whatever the size of a page', async () => {
    for (const q of ['', 'u', 's', 'smith', "'", '_', 'u0 s', '*smi', 'straße', 'i']) {
      const whole = await all(site.ctx, q, 1000);
      assert.equal(new Set(whole).size, whole.length);
      for (const size of [1, 2, 3, 7, 50])
        assert.deepEqual(await all(site.ctx, q, size), whole, `${q} by ${size}`);
    }
  });

  test('passes over as many as are asked for', async () => {
    for (const q of ['', 'smith', '*smi']) {
      const { people: whole } = await findPeople(site.ctx, { q, limit: 20 });
      const { people: rest } = await findPeople(site.ctx, { q, limit: 13, offset: 7 });
      assert.deepEqual(rest, whole.slice(7));
    }
  });

  const SEARCHES = ['', 'smith', 'u', 's', 'u s', '*smi', 's*th', 'nobody'];
  for (const path of groups) {
    test(`keeps to scope, in the same order as without one: ${path}`, async () => {
      const group = await site.group(path);
      const own = people.filter((person) => person.group === path);
      const below = people.filter((person) => `${person.group}/`.startsWith(`${path}/`));
      for (const [scope, reached] of [
        ['department', own],
        ['division', below],
      ] as const) {
        const ctx = await site.as(group, { [scope]: ['View Person'] });
        const ids = new Set(reached.map((person) => person.id));
        for (const q of SEARCHES) {
          const expected = (await all(site.ctx, q, 1000)).filter((id) => ids.has(id));
          for (const size of [3, 1000]) assert.deepEqual(await all(ctx, q, size), expected, `${scope} ${q}`);
        }
      }
    });
  }

  test('shows whoever reaches themselves only themselves', async () => {
    const me = people.find((person) => person.names.includes("O'Brien-Smith")) as Known;
    const ctx = await site.as(await site.group(me.group), { self: ['View Person'] }, me.id);
    for (const q of ['', 'smi', 'brien', '*smi', "o'b*h"])
      assert.deepEqual(await all(ctx, q, 10), [me.id], q);
    for (const q of ['nobody', 'smi nobody', '*nobody']) assert.deepEqual(await all(ctx, q, 10), [], q);
  });

  test('reaches as far as its tenant with scope all in a tenant', async () => {
    const tenant = await site.group('Tenant', true);
    const team = await site.group('Tenant/Team');
    const ids = [await site.person(tenant), await site.person(team)].sort();
    const ctx = await site.as(team, { all: ['View Person'] });
    assert.deepEqual((await all(ctx, '', 10)).sort(), ids);
    assert.deepEqual((await all(ctx, 'pat', 10)).sort(), ids);
    assert.deepEqual(await all(ctx, 'smith', 10), []);
  });

  test('finds with many groups what it finds with few', async () => {
    const parent = await site.group('Wide');
    for (let i = 0; i < 30; i++)
      await site.person(await site.group(`Wide/Team ${i}`), { firstName: `Wanda${i}` });
    const ctx = await site.as(parent, { division: ['View Person'] });
    for (const q of ['', 'wanda', 'wanda person', '*anda', 'w*a2']) {
      const found = await all(ctx, q, 4);
      assert.equal(found.length, q === 'w*a2' ? 11 : 30, q);
      assert.deepEqual(found, await all(ctx, q, 1000));
    }
  });

  test('shows nothing of a search it cannot make sense of', async () => {
    for (const q of ['a\0b', '\ud800', 'x'.repeat(201), 'a b c d e f g h i'])
      assert.deepEqual(await all(site.ctx, q, 10), []);
  });

  test('refuses a page that there cannot be', async () => {
    for (const page of [
      { limit: 0 },
      { limit: 1001 },
      { limit: 1.5 },
      { offset: -1 },
      { offset: Number.NaN },
    ])
      await assert.rejects(findPeople(site.ctx, page), { code: 'request.invalid' });
    for (const after of [
      { key: 'a', id: 'not an id' },
      { key: 'a\0', id: people[0]?.id as string },
    ])
      await assert.rejects(findPeople(site.ctx, { q: 's', after }), { code: 'request.invalid' });
  });

  test('refuses whoever may not see people', async () => {
    const ctx = await site.as(site.root, { all: ['Add Group'] });
    await assert.rejects(findPeople(ctx), { code: 'actor.forbidden' });
  });
});

test('a logon name or alias finds its person, in any letter case, in scope', async () => {
  const group = await site.group('Aliases');
  const id = await site.person(group, { logonName: 'Ada.Lovelace', aliases: ['Countess'] });
  for (const name of ['ada.lovelace', 'ADA.LOVELACE', 'countess'])
    assert.deepEqual(
      (await findByLogonName(site.ctx, name)).map((person) => person.id),
      [id],
    );
  assert.deepEqual(await findByLogonName(site.ctx, 'ada'), []);
  assert.deepEqual(
    await findByLogonName(
      await site.as(await site.group('Law'), { department: ['View Person'] }),
      'countess',
    ),
    [],
  );
});
