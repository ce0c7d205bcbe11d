import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { core, refused } from '#test/actors.ts';
import { testDatabase } from '#test/database.ts';
import {
  type AttributeType,
  defineAttribute,
  listAttributes,
  type NewAttribute,
  removeAttribute,
} from './attributes.ts';
import { addPerson, editPerson, getPerson } from './people.ts';
import type { AttributeValue } from './person.ts';

const { db } = await testDatabase();
const site = await core(db);
const { ctx } = site;

await defineAttribute(ctx, { name: 'nickname', type: 'text', maxLength: 5 });
await defineAttribute(ctx, { name: 'badge', type: 'text', pattern: '[A-Z]{2}\\d+' });
await defineAttribute(ctx, { name: 'height', type: 'number' });
await defineAttribute(ctx, { name: 'parking', type: 'boolean' });
await defineAttribute(ctx, { name: 'hired', type: 'date' });
await defineAttribute(ctx, { name: 'colour', type: 'choice', choices: ['red', 'green'] });

suite('a custom attribute', () => {
  const VALUES: [name: string, given: AttributeValue | null, kept: AttributeValue | undefined | 'refused'][] =
    [
      ['nickname', ' Zoe\u0308 ', 'Zoë'],
      ['nickname', 7, '7'],
      ['nickname', 'longer', 'refused'],
      ['nickname', 'a\0', 'refused'],
      ['nickname', '\ud800', 'refused'],
      ['nickname', '', undefined],
      ['nickname', null, undefined],
      ['badge', 'AB12', 'AB12'],
      ['badge', 'xAB12', 'refused'],
      ['badge', 'AB12x', 'refused'],
      ['badge', 'AB12\nAB12', 'refused'],
      ['height', '1.75', 1.75],
      ['height', -2, -2],
      ['height', 'tall', 'refused'],
      ['height', '1e999', 'refused'],
      ['height', true, 'refused'],
      ['parking', 'Yes', true],
      ['parking', '0', false],
      ['parking', 'maybe', 'refused'],
      ['hired', '2024-02-29', '2024-02-29'],
      ['hired', '2025-02-29', 'refused'],
      ['hired', '29.2.2024', 'refused'],
      ['colour', 'green', 'green'],
      ['colour', 'Green', 'refused'],
      ['nickname', ['a'] as unknown as string, 'refused'],
      ['nickname', { strings: ['x'] } as unknown as string, 'refused'],
      ['unheard', 'of', undefined],
      ['__proto__', 'x', undefined],
    ];
  for (const [name, given, kept] of VALUES) {
    test(`${name} takes ${JSON.stringify(given)} as ${kept === undefined ? 'nothing' : JSON.stringify(kept)}`, async () => {
      const id = await site.person(site.root);
      const attributes = Object.defineProperty({}, name, { value: given, enumerable: true });
      if (kept === 'refused')
        return refused(editPerson(ctx, id, { attributes }), 'person.value_invalid', name);
      await editPerson(ctx, id, { attributes });
      assert.deepEqual((await getPerson(ctx, id)).attributes, kept === undefined ? {} : { [name]: kept });
    });
  }

  test('that is not given stays, and null clears it', async () => {
    const { id } = await addPerson(ctx, {
      logonName: 'kept',
      firstName: 'K',
      groupId: site.root,
      attributes: { height: 2, colour: 'red' },
    });
    assert.deepEqual((await editPerson(ctx, id, { attributes: { colour: 'green' } })).attributes, {
      height: 2,
      colour: 'green',
    });
    assert.deepEqual((await editPerson(ctx, id, { attributes: { height: null } })).attributes, {
      colour: 'green',
    });
    assert.deepEqual((await site.told(id)).at(-1)?.details, {
      attributes: { from: { height: 2, colour: 'green' }, to: { colour: 'green' } },
    });
  });

  test('that is removed is shown no more; defined again, its values are back', async () => {
    await defineAttribute(ctx, { name: 'fleeting', type: 'text' });
    const id = await site.person(site.root, { attributes: { fleeting: 'x' } });
    await removeAttribute(ctx, 'fleeting');
    assert.deepEqual((await getPerson(ctx, id)).attributes, {});
    await editPerson(ctx, id, { title: 'x', attributes: { height: 1 } });
    await defineAttribute(ctx, { name: 'fleeting', type: 'text' });
    assert.deepEqual((await getPerson(ctx, id)).attributes, { fleeting: 'x', height: 1 });
    await removeAttribute(ctx, 'fleeting');
    await refused(removeAttribute(ctx, 'fleeting'), 'attribute.not_found');
  });
});

suite('the definition of an attribute', () => {
  test('is listed in its order, and told', async () => {
    assert.deepEqual(
      (await listAttributes(ctx)).map((d) => d.name),
      ['nickname', 'badge', 'height', 'parking', 'hired', 'colour'],
    );
    assert.equal((await site.told('badge'))[0]?.details.pattern, '[A-Z]{2}\\d+');
  });

  const text: AttributeType = 'text';
  const FAULTS: [what: string, input: NewAttribute, field: string][] = [
    ['no letter at the start of its name', { name: '1st', type: text }, 'name'],
    ['the name of a member that every person has', { name: 'logonName', type: text }, 'name'],
    ['a name too long', { name: `a${'x'.repeat(63)}`, type: text }, 'name'],
    ['an unknown type', { name: 'x', type: 'blob' as AttributeType }, 'type'],
    ['no choices to choose from', { name: 'x', type: 'choice' as const }, 'choices'],
    ['an empty choice', { name: 'x', type: 'choice' as const, choices: [''] }, 'choices'],
    ['a length that is none', { name: 'x', type: text, maxLength: 0 }, 'maxLength'],
    ['a pattern that is none', { name: 'x', type: text, pattern: '(' }, 'pattern'],
    ['a pattern too long', { name: 'x', type: text, pattern: 'a'.repeat(201) }, 'pattern'],
    ['a label too long', { name: 'x', type: text, label: 'a'.repeat(201) }, 'label'],
    ['a NUL in its description', { name: 'x', type: text, description: '\0' }, 'description'],
  ];
  for (const [what, input, field] of FAULTS) {
    test(`with ${what} is refused`, () => refused(defineAttribute(ctx, input), 'attribute.invalid', field));
  }

  test('has a name of its own, also when many are defined at once', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) =>
        defineAttribute(ctx, { name: i % 2 ? 'race' : 'RACE', type: 'text' }),
      ),
    );
    assert.equal(outcomes.filter((o) => o.status === 'fulfilled').length, 1);
    for (const o of outcomes)
      if (o.status === 'rejected') assert.equal(o.reason.code, 'attribute.name_taken');
  });

  test('belongs to the whole installation: only a scope of all of it changes it', async () => {
    const options = ['Custom Attributes'];
    const tenant = await site.group('Tenant', true);
    for (const actor of [
      await site.as(site.root, { division: options }),
      await site.as(tenant, { all: options }),
    ]) {
      await refused(defineAttribute(actor, { name: 'x', type: 'text' }), 'actor.out_of_scope');
      await refused(removeAttribute(actor, 'height'), 'actor.out_of_scope');
    }
    await refused(
      defineAttribute(await site.as(site.root, { all: ['Edit Roles'] }), { name: 'x', type: 'text' }),
      'actor.forbidden',
    );
  });
});
