import { record } from '#core/audit/audit.ts';
import { type Context, transaction } from '#core/context.ts';
import { DomainError } from '#core/errors.ts';
import { authorizeForAll } from '#core/roles/authorize.ts';
import { isPrintable } from '#core/text.ts';
import { deleteDefinition, findDefinitions, insertDefinition, matchesPattern } from './attribute-store.ts';
import type { AttributeValue } from './person.ts';

export const ATTRIBUTE_TYPES = ['text', 'number', 'boolean', 'date', 'choice'] as const;
export type AttributeType = (typeof ATTRIBUTE_TYPES)[number];

/** An attribute of people that a site defines for itself. */
export interface AttributeDefinition {
  name: string;
  label: string;
  description: string;
  type: AttributeType;
  required: boolean;
  /** For text: the most characters, 1000 where null. */
  maxLength: number | null;
  /** For text: a PostgreSQL regular expression that the whole value must match. */
  pattern: string | null;
  choices: string[];
}

export type NewAttribute = Pick<AttributeDefinition, 'name' | 'type'> &
  Partial<Omit<AttributeDefinition, 'name' | 'type'>>;

/** Names of the person's own members, which an attribute must not take. */
const RESERVED = new Set([
  'id',
  'href',
  'logonname',
  'name',
  'group',
  'roles',
  'account',
  'contact',
  'employeeid',
  'enabled',
  'personal',
  'links',
  'directory',
  'aliases',
  'externalids',
  'version',
  'disabledreason',
  'warnings',
]);

/** The custom attributes in the order they are shown. Open to whoever is signed in: they are the shape of a person. */
export async function listAttributes(ctx: Context): Promise<AttributeDefinition[]> {
  return findDefinitions(ctx.sql);
}

/** Defines an attribute. Refuses `attribute.name_taken`, and `attribute.invalid` naming what is wrong. */
export async function defineAttribute(ctx: Context, input: NewAttribute): Promise<AttributeDefinition> {
  authorizeForAll(ctx.actor, 'attribute.edit');
  const definition: AttributeDefinition = {
    label: input.name,
    description: '',
    required: false,
    maxLength: null,
    pattern: null,
    choices: [],
    ...input,
  };
  refuseUnsound(definition);
  if (definition.pattern !== null)
    await matchesPattern(ctx.sql, '', definition.pattern).catch(unsound('pattern'));
  return transaction(ctx, async (tx) => {
    if (!(await insertDefinition(tx.sql, definition, ctx.now)))
      throw new DomainError('attribute.name_taken', { field: 'name' });
    const target = { kind: 'attribute' as const, id: definition.name, name: definition.name };
    await record(tx, { operation: 'attribute.defined', target, details: { ...definition } });
    return definition;
  });
}

/** Removes the definition; values that people have are kept and no longer shown. */
export async function removeAttribute(ctx: Context, name: string): Promise<void> {
  authorizeForAll(ctx.actor, 'attribute.edit');
  await transaction(ctx, async (tx) => {
    if (!(await deleteDefinition(tx.sql, name)))
      throw new DomainError('attribute.not_found', { detail: name });
    await record(tx, { operation: 'attribute.removed', target: { kind: 'attribute', id: name, name } });
  });
}

/**
 * The attributes of a person after a change, or of a new one where there is no `before`: unknown names are dropped, null
 * clears. A required one must be there at first and cannot be cleared; whoever lacks it from before it was required can
 * still be changed. Refuses `person.value_invalid` naming the attribute.
 */
export async function checkedAttributes(
  ctx: Context,
  before: Record<string, AttributeValue> | undefined,
  given: Record<string, AttributeValue | null>,
): Promise<Record<string, AttributeValue>> {
  const after = { ...before };
  for (const definition of await findDefinitions(ctx.sql)) {
    const value = Object.hasOwn(given, definition.name) ? given[definition.name] : undefined;
    if (value === null || value === '') delete after[definition.name];
    else if (value !== undefined) after[definition.name] = await checkedValue(ctx, definition, value);
    const isAsked = before === undefined || value !== undefined;
    if (definition.required && isAsked && after[definition.name] === undefined)
      throw invalid(definition, 'required');
  }
  return after;
}

async function checkedValue(
  ctx: Context,
  d: AttributeDefinition,
  value: AttributeValue,
): Promise<AttributeValue> {
  if (typeof value === 'object') throw invalid(d, 'a single value');
  switch (d.type) {
    case 'text': {
      const text = String(value).trim().normalize('NFC');
      if (text.length > (d.maxLength ?? 1000)) throw invalid(d, `at most ${d.maxLength ?? 1000} characters`);
      if (!isPrintable(text)) throw invalid(d, 'no control characters');
      // PostgreSQL's automata do not run away as backtracking expressions can.
      if (d.pattern !== null && !(await matchesPattern(ctx.sql, text, d.pattern)))
        throw invalid(d, `like ${d.pattern}`);
      return text;
    }
    case 'number': {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
      if (typeof number !== 'number' || !Number.isFinite(number)) throw invalid(d, 'a number');
      return number;
    }
    case 'boolean': {
      const known = new Map<AttributeValue, boolean>([
        [true, true],
        [false, false],
        ['true', true],
        ['false', false],
        ['1', true],
        ['0', false],
        ['Yes', true],
        ['No', false],
      ]);
      const bool = known.get(value);
      if (bool === undefined) throw invalid(d, 'true or false');
      return bool;
    }
    case 'date': {
      const text = String(value);
      const time = Date.parse(`${text}T00:00:00Z`);
      if (
        !/^\d{4}-\d{2}-\d{2}$/.test(text) ||
        Number.isNaN(time) ||
        new Date(time).toISOString().slice(0, 10) !== text
      ) {
        throw invalid(d, 'a date such as 2026-01-31');
      }
      return text;
    }
    case 'choice':
      if (!d.choices.includes(String(value))) throw invalid(d, `one of ${d.choices.join(', ')}`);
      return String(value);
  }
}

const invalid = (d: AttributeDefinition, detail: string) =>
  new DomainError('person.value_invalid', { field: d.name, detail });

function refuseUnsound(d: AttributeDefinition): void {
  const bad = (field: string, detail: string) => new DomainError('attribute.invalid', { field, detail });
  if (!/^[A-Za-z][A-Za-z0-9_]{0,62}$/.test(d.name)) throw bad('name', 'a letter, then letters, digits and _');
  if (RESERVED.has(d.name.toLowerCase())) throw bad('name', 'every person has this already');
  if (!ATTRIBUTE_TYPES.includes(d.type)) throw bad('type', `one of ${ATTRIBUTE_TYPES.join(', ')}`);
  if (d.type === 'choice' && d.choices.length === 0) throw bad('choices', 'at least one');
  if (d.choices.length > 1000 || d.choices.some((c) => c === '' || c.length > 200 || !isPrintable(c)))
    throw bad('choices', '1 to 200 characters each');
  if (d.label.length > 200 || !isPrintable(d.label)) throw bad('label', 'at most 200 characters');
  if (d.description.length > 1000 || !isPrintable(d.description))
    throw bad('description', 'at most 1000 characters');
  if (d.maxLength !== null && !(Number.isInteger(d.maxLength) && d.maxLength >= 1 && d.maxLength <= 10_000))
    throw bad('maxLength', '1 to 10000');
  if (d.pattern !== null && d.pattern.length > 200) throw bad('pattern', 'at most 200 characters');
}

const unsound = (field: string) => (cause: unknown) => {
  if (cause instanceof DomainError) throw cause; // an outage
  throw new DomainError('attribute.invalid', { field, detail: 'not a regular expression', cause });
};
