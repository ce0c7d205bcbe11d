import { type Fault, findingAt, type Place, type Report } from './findings.ts';
import type { Kind } from './kinds.ts';
import { foldKey, type Setting, type SettingObject } from './layers.ts';

/**
 * One key of a settings file, declared once: the reading, the types of the settings and the manual all come from it.
 */
export interface Field<T> {
  /** Type and default as the manual prints them. */
  readonly kind: string;
  readonly fallback: string;
  readonly meaning: string;
  /** Keys that are read as well; a list gathers what stands under any of its names. */
  readonly otherNames: readonly string[];
  /** The keys of the object, or of each object of the list, that this key takes. */
  readonly inner?: Fields;
  readonly isList?: boolean;
  read(given: readonly Setting[], name: string, owner: Place, report: Report): T;
}

export type Fields = { readonly [name: string]: Field<unknown> };

/** What is read from such keys: `AccessTokenLifetime` becomes `accessTokenLifetime`. */
export type ValuesOf<F extends Fields> = {
  readonly [Name in keyof F & string as Uncapitalize<Name>]: F[Name] extends Field<infer T> ? T : never;
};

export function optional<T>(kind: Kind<T>, fallback: T, meaning: string): Field<T> {
  return {
    kind: kind.name,
    fallback: fallback === null ? '-' : `\`${fallback}\``,
    meaning,
    otherNames: [],
    read: ([given], name, _owner, report) =>
      given === undefined ? fallback : readOne(kind, given, name, report),
  };
}

export function required<T>(kind: Kind<T>, meaning: string): Field<T> {
  return {
    kind: kind.name,
    fallback: 'required',
    meaning,
    otherNames: [],
    read: ([given], name, owner, report) => {
      if (given !== undefined) return readOne(kind, given, name, report);
      report.faults.push(findingAt('key.missing', owner, `'${name}' is missing here.`));
      return undefined as T;
    },
  };
}

/** A list of values; one that is given twice counts once. */
export function list<T>(
  kind: Kind<T>,
  meaning: string,
  ...otherNames: readonly string[]
): Field<readonly T[]> {
  return {
    kind: `list: ${kind.name}`,
    fallback: '`[]`',
    meaning,
    otherNames,
    read: (given, name, _owner, report) => [
      ...new Set(itemsOf(given, name, report).map((item) => readOne(kind, item, name, report))),
    ],
  };
}

/** A list of objects. Those with an `identity` have each their own. `{}` is padding of an overlaid list, not an object. */
export function table<F extends Fields>(
  inner: F,
  meaning: string,
  identity?: keyof F & string,
): Field<readonly ValuesOf<F>[]> {
  return {
    kind: 'list of objects',
    fallback: '`[]`',
    meaning,
    otherNames: [],
    inner,
    isList: true,
    read: (given, name, _owner, report) => {
      const objects = itemsOf(given, name, report).flatMap((item) => {
        if (item.kind !== 'object') report.faults.push(misshapen(item, name, 'objects'));
        return item.kind === 'object' && item.entries.size > 0 ? [item] : [];
      });
      if (identity !== undefined) requireDistinct(objects, name, identity, report);
      return objects.map((object) => {
        const values = readFields(inner, object, object.at, report);
        report.places.set(values, object.at);
        return values;
      });
    },
  };
}

/** An object. An `open` one may hold any other keys. */
export function group<F extends Fields>(inner: F, meaning: string, open?: 'open'): Field<ValuesOf<F>> {
  return {
    kind: 'object',
    fallback: '`{}`',
    meaning,
    otherNames: [],
    inner,
    read: ([given], name, owner, report) => {
      if (given?.kind === 'object') return readFields(inner, given, given.at, report, open);
      if (given !== undefined) report.faults.push(misshapen(given, name, 'an object'));
      return readFields(inner, undefined, owner, report);
    },
  };
}

export function readFields<F extends Fields>(
  fields: F,
  object: SettingObject | undefined,
  owner: Place,
  report: Report,
  open?: 'open',
): ValuesOf<F> {
  const known = new Set<string>();
  const values = Object.entries(fields).map(([name, field]) => {
    const names = [name, ...field.otherNames].map(foldKey);
    for (const folded of names) known.add(folded);
    const given = names.map((folded) => object?.entries.get(folded)?.value);
    const said = given.filter((setting) => setting !== undefined && setting.kind !== 'null') as Setting[];
    return [name.charAt(0).toLowerCase() + name.slice(1), field.read(said, name, owner, report)];
  });
  for (const [folded, { key, at }] of open ? [] : (object?.entries ?? [])) {
    if (known.has(folded)) continue;
    const hint = key.includes(':') ? 'A colon does not join keys here; put one object into the other.' : null;
    report.notices.push(findingAt('key.unknown', at, `'${key}' means nothing here and is ignored.`, hint));
  }
  return Object.fromEntries(values);
}

function itemsOf(given: readonly Setting[], name: string, report: Report): Setting[] {
  return given.flatMap((setting) => {
    if (setting.kind === 'array') return setting.items.filter((item) => item.kind !== 'null');
    report.faults.push(misshapen(setting, name, 'a list'));
    return [];
  });
}

function readOne<T>(kind: Kind<T>, given: Setting, name: string, report: Report): T {
  const value = kind.parse(given, report);
  if (value === undefined) {
    const reason = `'${name}' takes ${kind.takes}${kind.secret ? '' : `, not ${shown(given)}`}.`;
    report.faults.push(findingAt('value.invalid', given.at, reason));
  }
  return value as T;
}

function shown(given: Setting): string {
  if (given.kind === 'flag') return String(given.value);
  if ('text' in given && given.text.length <= 60) {
    return given.kind === 'text' ? JSON.stringify(given.text) : given.text;
  }
  return SHAPES[given.kind];
}

/** Tells only the shape of what was given: it may be a secret that stands one level too high. */
function misshapen(given: Setting, name: string, takes: string): Fault {
  return findingAt('value.invalid', given.at, `'${name}' takes ${takes}, not ${SHAPES[given.kind]}.`);
}

const SHAPES = {
  object: 'an object',
  array: 'a list',
  text: 'a text',
  number: 'a number',
  flag: 'true or false',
  null: 'null',
} as const;

function requireDistinct(
  objects: readonly SettingObject[],
  list: string,
  identity: string,
  report: Report,
): void {
  const places = new Map<string, Place>();
  for (const object of objects) {
    const given = object.entries.get(foldKey(identity))?.value;
    if (given?.kind !== 'text') continue;
    const first = places.get(given.text);
    if (first === undefined) {
      places.set(given.text, given.at);
      continue;
    }
    const where = [first, given.at]
      .map(({ file, lineNumber }) => `${file} (line ${lineNumber + 1})`)
      .join(' and in ');
    const reason = `Two entries of ${list} have the ${identity} ${JSON.stringify(given.text)}: in ${where}.`;
    report.faults.push(findingAt('identity.duplicate', given.at, reason));
  }
}
