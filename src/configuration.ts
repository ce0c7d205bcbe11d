import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { describeFaults, type Loaded } from '#appsettings/findings.ts';
import { loadOauth2Settings, type Oauth2Settings } from '#appsettings/oauth2-settings.ts';
import { loadRestCoreSettings, type RestCoreSettings } from '#appsettings/rest-core-settings.ts';

/** The two services that have configuration files. */
export const SERVICES = ['web.oauth2', 'rest.core'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** The configuration in use. A service that could not start with its files has none, and answers nothing but that. */
export interface Configuration {
  oauth2(): Oauth2Settings | undefined;
  restCore(): RestCoreSettings | undefined;
  /**
   * Reads the files of a service again (of both, when none is named) and gives what is wrong with them, a line each.
   * A service whose files are broken keeps the configuration that it has.
   */
  reload(service?: ServiceName): string[];
}

/** Where the shipped bases are. */
const BASES = fileURLToPath(new URL('../config', import.meta.url));

/** Reads both services' files. Faults are logged as their monitoring expects them and leave that service without configuration. */
export function openConfiguration(home: string, log: Logger): Configuration {
  const oauth2 = service('web.oauth2', () => loadOauth2Settings(BASES, home), log);
  const restCore = service('rest.core', () => loadRestCoreSettings(BASES, home), log);
  const all = [oauth2, restCore];
  for (const each of all) each.reload();
  return {
    oauth2: () => oauth2.settings(),
    restCore: () => restCore.settings(),
    reload: (name) =>
      all.filter((each) => name === undefined || each.name === name).flatMap((each) => each.reload()),
  };
}

function service<T>(name: ServiceName, load: () => Loaded<T>, log: Logger) {
  let settings: T | undefined;
  return {
    name,
    settings: () => settings,
    reload(): string[] {
      const loaded = load();
      if ('settings' in loaded) {
        for (const line of describeFaults(loaded.notices).log) log.warn({ service: name }, line);
        settings = loaded.settings;
        return [];
      }
      const { log: lines, text } = describeFaults(loaded.faults);
      for (const line of lines) log.error({ service: name }, line);
      return text;
    },
  };
}
