import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { core, refused } from '#test/actors.ts';
import { testDatabase } from '#test/database.ts';
import { normalised, SETTING_NAMES, SETTINGS } from './catalogue.ts';
import { getSetting, isOn, listSettings, setSetting, settingValue } from './settings.ts';

const { db } = await testDatabase();
const site = await core(db);
const { ctx } = site;

test('every default is a value of its own setting, in its one spelling', () => {
  for (const name of SETTING_NAMES)
    assert.equal(normalised(name, SETTINGS[name].default), SETTINGS[name].default, name);
});

suite('a setting', () => {
  test('has its default until it is changed, and again when it is set to that', async () => {
    const name = 'Unique E-mail Addresses';
    assert.deepEqual(
      (await listSettings(ctx)).map((setting) => [setting.name, setting.value]),
      SETTING_NAMES.map((n) => [n, SETTINGS[n].default]),
    );
    const changed = await setSetting(ctx, ' unique e-mail ADDRESSES', 'true');
    assert.deepEqual(
      [changed.name, changed.value, changed.default, changed.changedBy],
      [name, 'Yes', 'No', 'test'],
    );
    assert.deepEqual(await getSetting(ctx, name), changed);
    assert.equal(await isOn(db.sql, name), true);
    const back = await setSetting(ctx, name, 'off');
    assert.deepEqual([back.value, back.changedBy, back.changedAt], ['No', null, null]);
    assert.deepEqual(await getSetting(ctx, name), back);
    assert.deepEqual(
      (await site.told(name)).map((event) => event.details),
      [{ value: { from: 'No', to: 'Yes' } }, { value: { from: 'Yes', to: 'No' } }],
    );
  });

  test('set to what it is already is not told', async () => {
    await setSetting(ctx, 'Maximum Image Size', '5242880');
    await setSetting(ctx, 'Maximum Image Size', ' 0005242880 ');
    assert.deepEqual(await site.told('Maximum Image Size'), []);
  });

  test('takes only its own values, and says which', async () => {
    for (const value of ['', 'maybe', 'YES!', 'Yes\0'])
      await refused(setSetting(ctx, 'Smart Card', value), 'setting.invalid', 'Smart Card');
    for (const value of ['7', '129', '-12', '12.5', '1e2', '0x10', '99999999999999999999', 'x'])
      await refused(setSetting(ctx, 'Password Minimum Length', value), 'setting.invalid');
    await assert.rejects(setSetting(ctx, 'Password Minimum Length', 'x'), {
      detail: 'a whole number of characters from 8 to 128',
    });
    assert.equal((await setSetting(ctx, 'Password Minimum Length', '8')).value, '8');
    assert.equal(await settingValue(db.sql, 'Password Minimum Length'), '8');
  });

  test('that there is not, is refused', async () => {
    await refused(getSetting(ctx, 'constructor'), 'setting.not_found');
    await refused(setSetting(ctx, 'Gravity', 'No'), 'setting.not_found');
  });

  test('changed by many at once tells a history without gaps', async () => {
    const name = 'Signing Key Lifetime';
    await Promise.all(Array.from({ length: 12 }, (_, i) => setSetting(ctx, name, String(100 + i))));
    const told = (await site.told(name)).map((event) => event.details.value as { from: string; to: string });
    assert.equal(told.length, 12);
    assert.equal(told[0]?.from, '90');
    for (const [i, { from }] of told.entries()) if (i > 0) assert.equal(from, told[i - 1]?.to);
    assert.equal((await getSetting(ctx, name)).value, told.at(-1)?.to);
  });

  test('belongs to the whole installation: only a scope of all of it changes it', async () => {
    const options = ['Security Settings'];
    const tenant = await site.group('Tenant', true);
    for (const actor of [
      await site.as(site.root, { division: options }),
      await site.as(tenant, { all: options }),
    ]) {
      await listSettings(actor);
      await refused(setSetting(actor, 'Smart Card', 'No'), 'actor.out_of_scope');
    }
    await refused(
      setSetting(await site.as(site.root, { all: ['Edit Roles'] }), 'Smart Card', 'No'),
      'actor.forbidden',
    );
    await setSetting(await site.as(site.root, { all: options }), 'Smart Card', 'No');
  });
});
