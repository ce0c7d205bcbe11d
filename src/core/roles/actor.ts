import type { Mechanism } from './mechanisms.ts';
import { OPTION_NAMES, OPTIONS, type OptionName, type Permission } from './permissions.ts';
import { type Scope, widest } from './scope.ts';

/** Whoever acts: a person, a program, Signet's own command line and jobs, or nobody yet. */
export interface Actor {
  readonly kind: 'person' | 'application' | 'system' | 'nobody';
  readonly id: string | null;
  /** The logon name, or the application's name: what the audit shows. */
  readonly name: string;
  readonly groupId: string;
  readonly tenantId: string;
  /** True in the tenant of Root, where `all` means everyone. */
  readonly inRootTenant: boolean;
  /** The options of the effective roles, each with the widest scope among the roles that have it. */
  readonly options: ReadonlyMap<OptionName, Scope>;
  readonly permissions: ReadonlyMap<Permission, Scope>;
  readonly mechanism: Mechanism | null;
  readonly sessionId: string | null;
  readonly clientId: string | null;
}

/** One role that somebody has. */
export interface HeldRole {
  readonly scope: Scope;
  readonly operations: readonly string[];
  readonly mechanisms: readonly string[];
}

/** The options that the roles give to someone who signed in by this mechanism. Roles without it give nothing. */
export function effectiveOptions(
  roles: readonly HeldRole[],
  mechanism: Mechanism | null,
): Map<OptionName, Scope> {
  const options = new Map<OptionName, Scope>();
  for (const role of roles) {
    if (mechanism !== null && !role.mechanisms.includes(mechanism)) continue;
    for (const name of role.operations) {
      if (!Object.hasOwn(OPTIONS, name)) continue; // an option of a newer Signet
      options.set(name as OptionName, widest(options.get(name as OptionName) ?? 'none', role.scope));
    }
  }
  return options;
}

export function permissionsOf(options: ReadonlyMap<OptionName, Scope>): Map<Permission, Scope> {
  const permissions = new Map<Permission, Scope>();
  for (const [name, scope] of options) {
    for (const permission of OPTIONS[name].gives) {
      permissions.set(permission, widest(permissions.get(permission) ?? 'none', scope));
    }
  }
  return permissions;
}

const everything = new Map(OPTION_NAMES.map((name) => [name, 'all' as const]));

/** Signet itself: the command line of whoever owns the server, and its background work. */
export function systemActor(name: string): Actor {
  return {
    kind: 'system',
    id: null,
    name,
    groupId: '',
    tenantId: '',
    inRootTenant: true,
    options: everything,
    permissions: permissionsOf(everything),
    mechanism: null,
    sessionId: null,
    clientId: null,
  };
}

/** A caller who has not signed in; refused by every operation that authorizes. */
export const NOBODY: Actor = {
  ...systemActor(''),
  kind: 'nobody',
  inRootTenant: false,
  options: new Map(),
  permissions: new Map(),
};
