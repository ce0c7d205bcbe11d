import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';

/** The folder of the shipped settings. */
export const SHIPPED = join(import.meta.dirname, '..', 'config');

/** Makes a home folder with these files (`web.oauth2/CustomClients/a.json`), gone after the test. */
export function settingsHome(
  t: TestContext,
  files: Readonly<Record<string, string | Uint8Array>> = {},
): string {
  const home = mkdtempSync(join(tmpdir(), 'signet-settings-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) writeInto(home, name, content);
  return home;
}

export function writeInto(home: string, name: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(home, name)), { recursive: true });
  writeFileSync(join(home, name), content);
}
