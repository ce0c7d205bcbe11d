import type { Context } from '#core/context.ts';
import { DomainError } from '#core/errors.ts';
import { getSetting, listSettings, type SettingView, setSetting } from '#core/settings/settings.ts';
import { flag, member, text } from './fields.ts';
import type { Handler } from './handlers.ts';
import { linksOn } from './links.ts';

const toEntry = (s: SettingView) => ({
  id: s.name,
  name: s.name,
  value: s.value,
  default: s.default,
  section: s.section,
  type: s.type,
  desc: s.description,
  changedBy: s.changedBy ?? '',
  changedAt: s.changedAt?.toISOString() ?? '',
  href: `settings/${encodeURIComponent(s.name)}`,
});

const toSetting = (ctx: Context, s: SettingView) => ({
  ...toEntry(s),
  links: linksOn('setting', ctx.actor, s.name),
});

export const settings = {
  async listSettings(ctx) {
    return { results: (await listSettings(ctx)).map(toEntry) };
  },

  async getSetting(ctx, call) {
    return toSetting(ctx, await getSetting(ctx, call.param('name')));
  },

  async editSetting(ctx, call) {
    const body = call.body();
    const sent = member(body, 'value');
    const value = typeof sent === 'boolean' ? (flag(body, 'value') ? 'Yes' : 'No') : text(body, 'value');
    if (value === undefined || value === null)
      throw new DomainError('request.value_required', { field: 'value' });
    return toSetting(ctx, await setSetting(ctx, call.param('name'), value));
  },
} satisfies Record<string, Handler>;
