import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { suite, test } from 'node:test';
import { setSetting } from '#core/settings/settings.ts';
import { core, refused } from '#test/actors.ts';
import { testDatabase } from '#test/database.ts';
import { getImage, setImage } from './images.ts';
import { removePerson } from './people.ts';

const { db } = await testDatabase();
const site = await core(db);
const { ctx } = site;
const id = await site.person(site.root);
const picture = { mediaType: 'image/jpeg', bytes: new Uint8Array(randomBytes(70_000)) };

suite('an image', () => {
  test('is given back byte for byte, and told without its bytes', async () => {
    await refused(getImage(ctx, id, 'photo'), 'image.not_found');
    await setImage(ctx, id, 'Photo', picture);
    const { mediaType, bytes } = await getImage(ctx, id, 'PHOTO');
    assert.equal(mediaType, 'image/jpeg');
    assert.deepEqual(new Uint8Array(bytes), picture.bytes);
    assert.deepEqual((await site.told(id)).at(-1)?.details, {
      field: 'photo',
      mediaType: 'image/jpeg',
      bytes: 70_000,
    });
  });

  test('takes the place of the one before', async () => {
    await setImage(ctx, id, 'photo', { mediaType: 'image/svg+xml', bytes: new Uint8Array([1]) });
    assert.deepEqual(new Uint8Array((await getImage(ctx, id, 'photo')).bytes), new Uint8Array([1]));
    assert.equal((await site.size()).person_image, 1);
  });

  test('that is empty, too large or of no type is refused', async () => {
    await refused(setImage(ctx, id, 'photo', { ...picture, bytes: new Uint8Array() }), 'image.empty');
    for (const mediaType of ['', 'jpeg', 'image/jpeg\r\nX: y', 'image/', `image/${'x'.repeat(101)}`])
      await refused(setImage(ctx, id, 'photo', { ...picture, mediaType }), 'image.invalid', 'image.mimetype');
    await setSetting(ctx, 'Maximum Image Size', '10000');
    const just = { ...picture, bytes: new Uint8Array(10_000) };
    await setImage(ctx, id, 'photo', just);
    await refused(
      setImage(ctx, id, 'photo', { ...just, bytes: new Uint8Array(10_001) }),
      'request.too_large',
    );
  });

  test('of a field that people do not have, or of nobody, is refused', async () => {
    await refused(setImage(ctx, id, 'signature', picture), 'image.not_found');
    await refused(getImage(ctx, id, '__proto__'), 'image.not_found');
    await refused(getImage(ctx, randomUUID(), 'photo'), 'person.not_found');
    await refused(getImage(ctx, 'x', 'photo'), 'request.invalid');
  });

  test('of somebody who is removed meanwhile is not kept', async () => {
    const small = { ...picture, bytes: new Uint8Array(100) };
    for (let round = 0; round < 5; round++) {
      const other = await site.person(site.root);
      const [set] = await Promise.allSettled([
        setImage(ctx, other, 'photo', small),
        removePerson(ctx, other),
      ]);
      if (set.status === 'rejected') assert.match(set.reason.code, /^(person\.not_found|request\.conflict)$/);
      await refused(getImage(ctx, other, 'photo'), 'person.not_found');
    }
    assert.equal((await site.size()).person_image, 1);
  });
});
