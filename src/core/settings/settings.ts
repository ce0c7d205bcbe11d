import { record } from '#core/audit/audit.ts';
import { type Context, type Sql, transaction } from '#core/context.ts';
import { DomainError } from '#core/errors.ts';
import { authorize, authorizeForAll } from '#core/roles/authorize.ts';
import { raiseEpoch } from '#core/roles/store.ts';
import {
  normalised,
  SETTING_NAMES,
  SETTINGS,
  type Setting,
  type SettingName,
  settingNamed,
} from './catalogue.ts';
import { findSetting, findSettings, removeSetting, type StoredSetting, saveSetting } from './store.ts';

export interface SettingView {
  name: SettingName;
  value: string;
  default: string;
  section: string;
  type: Setting['type'];
  description: string;
  changedBy: string | null;
  changedAt: Date | null;
}

/** All settings with their values, in the catalogue's order. */
export async function listSettings(ctx: Context): Promise<SettingView[]> {
  authorize(ctx.actor, 'setting.view');
  const stored = new Map((await findSettings(ctx.sql)).map((row) => [row.name, row]));
  return SETTING_NAMES.map((name) => view(name, stored.get(name)));
}

/** One setting by its name, in any letter case. Refuses `setting.not_found`. */
export async function getSetting(ctx: Context, given: string): Promise<SettingView> {
  authorize(ctx.actor, 'setting.view');
  const name = known(given);
  return view(name, await findSetting(ctx.sql, name));
}

/**
 * Changes a setting; the default's own value takes the stored one away. Booleans are said Yes or No. The value that it
 * has already is not saved and not told.
 * Refuses `setting.not_found` and `setting.invalid`. Every process acts on it from its next request on.
 */
export async function setSetting(ctx: Context, given: string, value: string): Promise<SettingView> {
  authorizeForAll(ctx.actor, 'setting.edit');
  const name = known(given);
  const text = normalised(name, value);
  if (text === undefined)
    throw new DomainError('setting.invalid', { field: name, detail: expectation(name) });
  return transaction(ctx, async (tx) => {
    await raiseEpoch(tx.sql); // first: until this transaction ends nobody else changes a setting
    const before = view(name, await findSetting(tx.sql, name));
    if (before.value === text) return before;
    const row: StoredSetting = { name, value: text, changedBy: ctx.actor.name, changedAt: ctx.now };
    if (text === SETTINGS[name].default) await removeSetting(tx.sql, name);
    else await saveSetting(tx.sql, row);
    await record(tx, {
      operation: 'setting.changed',
      target: { kind: 'setting', id: name, name },
      details: { value: { from: before.value, to: text } },
    });
    return view(name, await findSetting(tx.sql, name));
  });
}

/** The value of a setting, for core's own use: no permission is asked. */
export async function settingValue(sql: Sql, name: SettingName): Promise<string> {
  return (await findSetting(sql, name))?.value ?? SETTINGS[name].default;
}

export const isOn = async (sql: Sql, name: SettingName): Promise<boolean> =>
  (await settingValue(sql, name)) === 'Yes';

function known(given: string): SettingName {
  const name = settingNamed(given);
  if (!name) throw new DomainError('setting.not_found', { detail: given });
  return name;
}

function view(name: SettingName, row: StoredSetting | undefined): SettingView {
  const { default: standard, section, type, description } = SETTINGS[name];
  return {
    name,
    value: row?.value ?? standard,
    default: standard,
    section,
    type,
    description,
    changedBy: row?.changedBy ?? null,
    changedAt: row?.changedAt ?? null,
  };
}

/** What would be a right value, for people. */
export function expectation(name: SettingName): string {
  const setting: Setting = SETTINGS[name];
  switch (setting.type) {
    case 'boolean':
      return 'Yes or No';
    case 'integer':
      return `a whole number of ${setting.unit} from ${setting.minimum} to ${setting.maximum}`;
    case 'choice':
      return `one of ${setting.choices.join(', ')}`;
    case 'text':
      return `at most ${setting.maxLength} characters`;
  }
}
