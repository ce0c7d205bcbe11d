import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getSystemErrorMap } from 'node:util';
import { type Fault, findingAbout, findingAt, type Notice } from './findings.ts';
import { readJson } from './json.ts';
import { foldKeys, overlay, placeEntries, type Setting, type SettingObject } from './layers.ts';

/** A list of entries that may also be kept as one file each. */
export interface CustomFolder {
  readonly folder: string;
  /** The list in the settings file, and the key that names an entry of it. */
  readonly list: string;
  readonly identity: string;
}

const MAX_BYTES = 1024 * 1024;

/**
 * Reads all files of one service and merges them: the shipped `<base>/<service>/appsettings.json`, over it
 * `<home>/<service>/appsettings.Production.json`, and into its lists the entries of the custom folders beside that.
 * Undefined when the shipped file cannot be used. Reading goes on after a fault, so that all are told together.
 *
 * Names of files and folders match without regard to case, as where this layout comes from. Links are followed.
 * In a custom folder hidden files and all that does not end in `.json` are passed over, folders too.
 */
export function readLayers(
  service: string,
  baseFolder: string,
  homeFolder: string,
  customFolders: readonly CustomFolder[],
  faults: Fault[],
  notices: Notice[],
): SettingObject | undefined {
  const base = join(baseFolder, service, 'appsettings.json');
  const shipped = readSettings(base, faults);
  if (shipped === undefined && faults.length === 0) {
    faults.push(findingAbout('file.unreadable', base, 'The file, which is part of the program, is missing.'));
  }

  const home = join(homeFolder, service);
  const names = listFolder(home, faults);
  const production = named(names, 'appsettings.Production.json').map((name) => join(home, name));
  if (production.length > 1) {
    const reason = `${production.join(' and ')} differ in upper and lower case only; keep one.`;
    faults.push(findingAbout('file.ambiguous', production[0] ?? home, reason));
  }
  for (const name of named(names, 'appsettings.json')) {
    const reason = 'The file is not read: the shipped settings are changed by appsettings.Production.json.';
    notices.push(findingAbout('file.unread', join(home, name), reason));
  }

  const overlays = production.map((path) => readSettings(path, faults));
  const customs = customFolders.map((custom) => ({
    ...custom,
    entries: named(names, custom.folder).flatMap((name) => readEntries(join(home, name), faults)),
  }));
  if (shipped === undefined) return undefined;

  let merged = shipped;
  for (const above of overlays) if (above !== undefined) merged = overlay(merged, above) as SettingObject;
  for (const { list, identity, entries } of customs) merged = placeEntries(merged, list, identity, entries);
  return merged;
}

/** The entries of one custom folder, a file each, in the order of the file names. */
function readEntries(folder: string, faults: Fault[]): Setting[] {
  const names = listFolder(folder, faults).filter((name) => /^[^.].*\.json$/is.test(name));
  return names.flatMap((name) => readSettings(join(folder, name), faults) ?? []);
}

function named(names: readonly string[], name: string): string[] {
  return names.filter((other) => other.toLowerCase() === name.toLowerCase());
}

/** Names in a stable order; none when there is no such folder. */
function listFolder(path: string, faults: Fault[]): string[] {
  try {
    return readdirSync(path).sort();
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || isThere(path)) faults.push(unreadable(path, error));
    return [];
  }
}

/** One file's settings; undefined when it is not there or has a fault. */
function readSettings(path: string, faults: Fault[]): SettingObject | undefined {
  const bytes = readBytes(path, faults);
  if (bytes === undefined) return undefined;
  const read = readJson(path, bytes);
  if ('fault' in read) {
    faults.push(read.fault);
    return undefined;
  }
  const setting = foldKeys(read.node, faults);
  if (setting.kind === 'object') return setting;
  const reason = `Top-level JSON element must be an object. Instead, '${NET_NAMES[setting.kind]}' was found.`;
  faults.push(findingAt('json.invalid', setting.at, reason));
  return undefined;
}

const NET_NAMES = {
  array: 'Array',
  text: 'String',
  number: 'Number',
  flag: 'Boolean',
  null: 'Null',
} as const;

function readBytes(path: string, faults: Fault[]): Uint8Array | undefined {
  let file: number | undefined;
  try {
    // Without O_NONBLOCK a pipe of this name would hold up the server until somebody writes to it.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(file);
    if (stat.isFile() && stat.size <= MAX_BYTES) return readFileSync(file);
    faults.push(
      stat.isFile()
        ? findingAbout('file.too_large', path, `The file is larger than ${MAX_BYTES} bytes.`)
        : findingAbout(
            'file.unreadable',
            path,
            `This is ${stat.isDirectory() ? 'a folder' : 'something else'}, not a file.`,
          ),
    );
    return undefined;
  } catch (error) {
    // Deleted since the folder was listed is the same as never there; a link that leads nowhere is not.
    if (codeOf(error) !== 'ENOENT' || isThere(path)) faults.push(unreadable(path, error));
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

function unreadable(path: string, error: unknown): Fault {
  const code = codeOf(error);
  const [, words] = [...getSystemErrorMap().values()].find(([name]) => name === code) ?? [];
  return findingAbout(
    'file.unreadable',
    path,
    `This could not be read: ${words ?? 'unknown error'} (${code}).`,
  );
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown }).code ?? 'no code');
}
