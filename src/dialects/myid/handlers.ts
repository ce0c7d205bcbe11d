import type { Context } from '#core/context.ts';
import { attributes } from './attributes.ts';
import type { Call } from './call.ts';
import { groups } from './groups.ts';
import type { OperationName } from './operations.ts';
import { people } from './people.ts';
import { reports } from './reports.ts';
import { roles } from './roles.ts';
import { settings } from './settings.ts';

/** Translates a call into one operation of core, and its result into the words of the API. */
export type Handler = (ctx: Context, call: Call) => Promise<unknown>;

/** Total: an operation without a handler does not compile. */
export const HANDLERS: Record<OperationName, Handler> = {
  ...people,
  ...groups,
  ...roles,
  ...settings,
  ...attributes,
  ...reports,
};
