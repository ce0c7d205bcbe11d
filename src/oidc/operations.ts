import type { Context } from '#core/context.ts';
import { DomainError } from '#core/errors.ts';
import { getPerson } from '#core/people/people.ts';
import type { Permission } from '#core/roles/permissions.ts';

/** What an operation may be carried out on, by the name of its parameter. */
export const TARGETS = ['deviceId', 'personId', 'requestId'] as const;
export type Target = (typeof TARGETS)[number];

/** What a local client program can be started for (contract 2.7, 7). */
interface Operation {
  readonly permission: Permission;
  readonly scope: string;
  /** Exactly one of these must be named; none where the list is empty. */
  readonly targets: readonly Target[];
}

export const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  Object.entries({
    /** Reset Card PIN */
    297: { permission: 'device.reset_pin', scope: 'myid.operation', targets: ['deviceId'] },
    /** Assisted Activation */
    5007: { permission: 'device.activate', scope: 'myid.operation', targets: ['deviceId', 'requestId'] },
    /** Read Card (Authenticated) */
    100221: { permission: 'device.read', scope: 'myid.devicepicker', targets: [] },
  }),
);

/** Looks a target up as the caller. Refuses one that does not exist, or is outside their scope. */
export const FIND_TARGET: Readonly<Record<Target, (ctx: Context, id: string) => Promise<unknown>>> = {
  personId: getPerson,
  // There are no devices and no requests yet, so none has this id.
  deviceId: async () => {
    throw new DomainError('request.invalid', { field: 'deviceId' });
  },
  requestId: async () => {
    throw new DomainError('request.invalid', { field: 'requestId' });
  },
};
