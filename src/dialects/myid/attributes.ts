import type { Context } from '#core/context.ts';
import {
  type AttributeDefinition,
  type AttributeType,
  defineAttribute,
  listAttributes,
  removeAttribute,
} from '#core/people/attributes.ts';
import { entryText, flag, given, list, mandatory, text, whole } from './fields.ts';
import type { Handler } from './handlers.ts';
import { linksOn } from './links.ts';

const toEntry = (a: AttributeDefinition) => ({
  id: a.name,
  name: a.name,
  label: a.label,
  desc: a.description,
  type: a.type,
  required: a.required ? '1' : '0',
  maxLength: a.maxLength ?? '',
  pattern: a.pattern ?? '',
  choices: a.choices,
  href: `attributes/${a.name}`,
});

const toAttribute = (ctx: Context, a: AttributeDefinition) => ({
  ...toEntry(a),
  links: linksOn('attribute', ctx.actor, a.name),
});

export const attributes = {
  async listAttributes(ctx) {
    return { results: (await listAttributes(ctx)).map((a) => toAttribute(ctx, a)) };
  },

  async defineAttribute(ctx, call) {
    const body = call.body();
    const definition = await defineAttribute(ctx, {
      name: mandatory(body, 'name'),
      // Core refuses a type it does not know.
      type: mandatory(body, 'type').toLowerCase() as AttributeType,
      ...given({
        label: text(body, 'label') ?? undefined,
        description: text(body, 'desc') ?? undefined,
        required: flag(body, 'required'),
        maxLength: whole(body, 'maxLength'),
        pattern: text(body, 'pattern') || undefined,
        choices: list(body, 'choices', entryText),
      }),
    });
    return toAttribute(ctx, definition);
  },

  async removeAttribute(ctx, call) {
    const name = call.param('name');
    await removeAttribute(ctx, name);
    return { id: name };
  },
} satisfies Record<string, Handler>;
