import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setSetting } from '#core/settings/settings.ts';
import { core, refused } from '#test/actors.ts';
import { testDatabase } from '#test/database.ts';
import { editPerson } from './people.ts';

const { db } = await testDatabase();
const site = await core(db);
const { ctx } = site;
const mail = (...values: string[]) => ({
  contacts: values.map((value) => ({ kind: 'email' as const, value, label: '' })),
});
const add = (...values: string[]) => site.person(site.root, mail(...values));

suite('an e-mail address', () => {
  test('may be that of several people, unless the setting says otherwise', async () => {
    await add('shared@example.org');
    await add('shared@example.org');
    await setSetting(ctx, 'Unique E-mail Addresses', 'Yes');
    await refused(add('new@example.org', 'SHARED@Example.org'), 'person.email_taken', 'contact.emailAddress');
    await site.person(await site.group('Tenant', true), mail('shared@example.org'));
  });

  test('asked for by many at once is had by one', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) =>
        add(`own${i}@example.org`, i % 2 ? 'race@example.org' : 'RACE@example.org'),
      ),
    );
    assert.equal(outcomes.filter((o) => o.status === 'fulfilled').length, 1);
    for (const o of outcomes) if (o.status === 'rejected') assert.equal(o.reason.code, 'person.email_taken');
  });

  test('of oneself may be saved again, and is free when it is given up', async () => {
    const id = await add('mine@example.org');
    await editPerson(ctx, id, mail('other@example.org', 'mine@example.org'));
    await refused(add('other@example.org'), 'person.email_taken');
    await editPerson(ctx, id, mail('mine@example.org'));
    await add('other@example.org');
  });

  test('crossed by two who swap theirs stands in nobody’s way for ever', async () => {
    const [a, b] = [await add('a@example.org'), await add('b@example.org')];
    for (let round = 0; round < 5; round++) {
      const both = await Promise.allSettled([
        editPerson(ctx, a, mail('b@example.org', 'a@example.org')),
        editPerson(ctx, b, mail('a@example.org', 'b@example.org')),
      ]);
      for (const o of both) if (o.status === 'rejected') assert.equal(o.reason.code, 'person.email_taken');
    }
  });
});
