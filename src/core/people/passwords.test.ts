import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { suite, test } from 'node:test';
import { setSetting } from '#core/settings/settings.ts';
import { core, refused } from '#test/actors.ts';
import { testDatabase } from '#test/database.ts';
import { setPassword } from './passwords.ts';

const { db } = await testDatabase();
const site = await core(db);
const { ctx } = site;

const hashOf = async (id: string) =>
  (await db.sql<{ passwordHash: string | null }>`select password_hash from person where id = ${id}`)[0]
    ?.passwordHash;

suite('a password', () => {
  test('is kept as a hash of its normal form, and is in no event', async () => {
    const id = await site.person(site.root);
    await setPassword(ctx, id, 'Zoe\u0308 likes long ones');
    assert.equal(await hashOf(id), 'hash of Zoë likes long ones');
    const told = await site.told(id);
    assert.deepEqual(
      told.map((event) => event.operation),
      ['person.added', 'person.password_set'],
    );
    assert.ok(!JSON.stringify(told).includes('likes'));
  });

  test('that is too short, too long or not text is refused, and the old one stays', async () => {
    const id = await site.person(site.root);
    await setPassword(ctx, id, 'twelve chars');
    for (const password of ['', 'eleven char', '😀'.repeat(11), 'x'.repeat(257), `\ud800${'x'.repeat(12)}`])
      await refused(setPassword(ctx, id, password), 'password.unacceptable', 'password');
    await setSetting(ctx, 'Password Minimum Length', '8');
    await setPassword(ctx, id, '😀'.repeat(8));
    assert.equal(await hashOf(id), `hash of ${'😀'.repeat(8)}`);
  });

  test('of nobody is refused before it is hashed', async () => {
    let hashed = 0;
    const hash = async () => String(++hashed);
    const counting = {
      ...ctx,
      services: { ...ctx.services, passwords: { ...ctx.services.passwords, hash } },
    };
    await refused(setPassword(counting, randomUUID(), 'long enough to be one'), 'person.not_found');
    const far = await site.as(await site.group('Far'), { division: ['Edit Person'] });
    await refused(
      setPassword(
        { ...far, services: counting.services },
        await site.person(site.root),
        'long enough to be one',
      ),
      'actor.out_of_scope',
    );
    assert.equal(hashed, 0);
  });
});
