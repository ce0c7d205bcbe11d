import {
  ATTRIBUTE_TYPES,
  type AttributeType,
  defineAttribute,
  listAttributes,
  removeAttribute,
} from '#core/people/attributes.ts';
import { command, Misuse } from '../command.ts';
import { table } from '../table.ts';

export const attributeDefine = command({
  summary: 'Define a custom attribute of people',
  options: {
    name: { value: 'NAME', required: true, help: 'a letter, then letters, digits and _' },
    type: { value: 'TYPE', help: `${ATTRIBUTE_TYPES.join(', ')}; else text` },
    label: { value: 'TEXT', help: 'what forms show' },
    description: { value: 'TEXT', help: 'what it is' },
    required: { help: 'everybody must have it' },
    'max-length': { value: 'N', help: 'for text: the most characters' },
    pattern: { value: 'REGEX', help: 'for text: what the whole value must match' },
    choice: { value: 'TEXT', many: true, help: 'for choice: one of the values it may have' },
  },
  examples: [
    ['signet attribute define --name costCentre --pattern "[0-9]{4}"', 'four digits'],
    ['signet attribute define --name badge --type choice --choice green --choice red', 'one of two'],
  ],
  async run(cli, { name, type = 'text', label, description, required, maxLength, pattern, choice }) {
    if (!(ATTRIBUTE_TYPES as readonly string[]).includes(type))
      throw new Misuse(`--type is one of ${ATTRIBUTE_TYPES.join(', ')}`);
    if (maxLength !== undefined && !/^\d{1,6}$/.test(maxLength))
      throw new Misuse('--max-length is a whole number');
    const attribute = await cli.run((ctx) =>
      defineAttribute(ctx, {
        name,
        type: type as AttributeType,
        label: label ?? name,
        description: description ?? '',
        required,
        maxLength: maxLength === undefined ? null : Number(maxLength),
        pattern: pattern ?? null,
        choices: choice,
      }),
    );
    return { value: attribute, text: '' };
  },
});

export const attributeList = command({
  summary: 'List the custom attributes of people',
  examples: [['signet attribute list', 'list them']],
  async run(cli) {
    const attributes = await cli.run(listAttributes);
    const rows = attributes.map((a) => [
      a.name,
      a.type,
      a.required ? 'yes' : 'no',
      a.type === 'choice' ? a.choices.join(', ') : (a.pattern ?? ''),
      a.description,
    ]);
    return {
      value: attributes,
      text: table(['ATTRIBUTE', 'TYPE', 'REQUIRED', 'MAY BE', 'DESCRIPTION'], rows),
    };
  },
});

export const attributeRemove = command({
  summary: 'Remove the definition of a custom attribute',
  about: 'Values that people have are kept and no longer shown.',
  operands: [{ name: 'NAME', help: 'its name' }],
  examples: [['signet attribute remove costCentre', 'remove it']],
  async run(cli, _, [name = '']) {
    await cli.run((ctx) => removeAttribute(ctx, name));
    return { value: { removed: name }, text: '' };
  },
});
