import { type Fields, group, list, optional, readFields, type ValuesOf } from './fields.ts';
import { readLayers } from './files.ts';
import type { Loaded, Report } from './findings.ts';
import * as kinds from './kinds.ts';

/** Every key of the files of `rest.core`. */
export const REST_CORE_FIELDS = {
  MyID: group(
    {
      SwaggerApiDocumentation: group(
        {
          GenerateDocumentation: optional(kinds.flag, true, '`false`: the documentation cannot be reached.'),
          DocumentErrorCodes: optional(
            kinds.flag,
            false,
            'Lists the error codes and messages under each HTTP status.',
          ),
          DocumentMIReports: optional(kinds.flag, true, 'Includes the Management Information reports.'),
          AllowTestFromDocumentation: optional(
            kinds.flag,
            false,
            'Makes the documentation a test harness, with an Authorize button and notes on how to sign in.',
          ),
          ShowPermissions: optional(
            kinds.flag,
            false,
            'Shows for each call which role options grant it and to whom.',
          ),
          OrderAlphabetically: optional(
            kinds.flag,
            true,
            'Sorts the calls within each category; `false` leaves them unsorted.',
          ),
        },
        'The documentation at `/rest.core/swagger/index.html`.',
      ),
      Cors: group(
        {
          AllowedOrigins: list(
            kinds.origin,
            'Web pages that may call `/rest.core` from a browser. No slash at the end.',
          ),
        },
        'Calls from web pages of other origins.',
      ),
    },
    'Settings of the service itself.',
  ),
} satisfies Fields;

type Read = ValuesOf<typeof REST_CORE_FIELDS>;

/** The configuration of `/rest.core`. */
export interface RestCoreSettings {
  readonly swaggerApiDocumentation: Read['myID']['swaggerApiDocumentation'];
  /** As browsers send them. */
  readonly corsOrigins: ReadonlySet<string>;
}

/**
 * Reads the configuration of `rest.core`: `<baseFolder>/rest.core/appsettings.json` and over it
 * `<homeFolder>/rest.core/appsettings.Production.json`. Throws for nothing that a file can hold.
 */
export function loadRestCoreSettings(baseFolder: string, homeFolder: string): Loaded<RestCoreSettings> {
  const report: Report = { faults: [], notices: [], places: new Map() };
  const root = readLayers('rest.core', baseFolder, homeFolder, [], report.faults, report.notices);
  if (root === undefined) return { faults: report.faults };
  const { myID } = readFields(REST_CORE_FIELDS, root, root.at, report);
  if (report.faults.length > 0) return { faults: report.faults };
  return {
    settings: {
      swaggerApiDocumentation: myID.swaggerApiDocumentation,
      corsOrigins: kinds.matchableOrigins(myID.cors.allowedOrigins),
    },
    notices: report.notices,
  };
}
