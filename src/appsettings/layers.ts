import { type Fault, findingAt, type Place } from './findings.ts';
import type { JsonNode, JsonScalar } from './json.ts';

/** A configuration value: JSON whose keys no longer care about upper and lower case. */
export type Setting = SettingObject | SettingList | JsonScalar;

export interface SettingObject {
  readonly kind: 'object';
  readonly at: Place;
  /** By folded key. */
  readonly entries: ReadonlyMap<string, SettingEntry>;
}

export interface SettingEntry {
  /** As written. */
  readonly key: string;
  readonly at: Place;
  readonly value: Setting;
}

export interface SettingList {
  readonly kind: 'array';
  readonly at: Place;
  readonly items: readonly Setting[];
}

/** Makes equal what counts as the same key. Only ASCII letters fold: every key that means something is ASCII. */
export function foldKey(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/**
 * Folds the keys of a file. The same key twice in one object is a fault, as in .NET's configuration: of two
 * `RequirePkce` one is a mistake, and nobody can say which.
 */
export function foldKeys(node: JsonNode, faults: Fault[]): Setting {
  if (node.kind === 'array') {
    return { kind: 'array', at: node.at, items: node.items.map((item) => foldKeys(item, faults)) };
  }
  if (node.kind !== 'object') return node;
  const entries = new Map<string, SettingEntry>();
  for (const { key, at, value } of node.members) {
    const first = entries.get(foldKey(key));
    if (first !== undefined) {
      const hint = `It stands first in line ${first.at.lineNumber + 1}; upper and lower case make no difference.`;
      faults.push(findingAt('key.duplicate', at, `A duplicate key '${key}' was found.`, hint));
    }
    entries.set(foldKey(key), { key, at, value: foldKeys(value, faults) });
  }
  return { kind: 'object', at: node.at, entries };
}

/**
 * Lays one file over another: objects merge key by key, arrays index by index, everything else is replaced. `{}`,
 * `[]` and `null` say nothing, so what is below them stays; a list cannot be made shorter from above.
 */
export function overlay(below: Setting, above: Setting): Setting {
  if (saysNothing(above)) return below;
  if (below.kind === 'array' && above.kind === 'array') {
    const items = Array.from({ length: Math.max(below.items.length, above.items.length) }, (_, i) =>
      overlayOptional(below.items[i], above.items[i]),
    );
    return { kind: 'array', at: above.at, items };
  }
  if (below.kind !== 'object' || above.kind !== 'object') return above;
  const entries = new Map(below.entries);
  for (const [name, entry] of above.entries) {
    const value = overlayOptional(below.entries.get(name)?.value, entry.value);
    entries.set(name, { ...entry, value });
  }
  return { kind: 'object', at: above.at, entries };
}

function saysNothing(setting: Setting): boolean {
  if (setting.kind === 'object') return setting.entries.size === 0;
  return setting.kind === 'null' || (setting.kind === 'array' && setting.items.length === 0);
}

function overlayOptional(below: Setting | undefined, above: Setting | undefined): Setting {
  if (below === undefined || above === undefined) return (above ?? below) as Setting;
  return overlay(below, above);
}

/**
 * Puts whole entries (one per custom file) into the list under `key`: one with an identity that is there already
 * takes that one's place, any other is added. Identities are compared exactly, since `client_id` and scope names
 * are case-sensitive (RFC 6749 3.3, A.1). An identity in two of the new entries stays in the list twice.
 */
export function placeEntries(
  root: SettingObject,
  key: string,
  identityKey: string,
  added: readonly Setting[],
): SettingObject {
  const listed = root.entries.get(foldKey(key));
  const at = listed?.value.at ?? root.at;
  const below = listed?.value ?? { kind: 'array', at, items: [] };
  if (below.kind !== 'array' && below.kind !== 'null') return root; // the reading of the list says what is wrong with it

  const waiting = new Set(added);
  const items = (below.kind === 'array' ? below.items : []).map((item) => {
    const identity = identityOf(item, identityKey);
    const own = [...waiting].find(
      (entry) => identity !== undefined && identityOf(entry, identityKey) === identity,
    );
    if (own === undefined) return item;
    waiting.delete(own);
    return own;
  });
  const list: SettingList = { kind: 'array', at, items: [...items, ...waiting] };
  const entries = new Map(root.entries).set(foldKey(key), { key: listed?.key ?? key, at, value: list });
  return { ...root, entries };
}

function identityOf(setting: Setting, identityKey: string): string | undefined {
  const value = setting.kind === 'object' ? setting.entries.get(foldKey(identityKey))?.value : undefined;
  return value?.kind === 'text' ? value.text : undefined;
}
