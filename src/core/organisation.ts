import { randomUUID } from 'node:crypto';
import { record } from '#core/audit/audit.ts';
import { type Context, transaction } from '#core/context.ts';
import { ROOT } from '#core/groups/group.ts';
import * as groups from '#core/groups/store.ts';
import { addPerson } from '#core/people/people.ts';
import type { Person } from '#core/people/person.ts';
import { findPersonNamed } from '#core/people/store.ts';
import { BUILT_IN_ROLES } from '#core/roles/built-in.ts';
import { insertRole } from '#core/roles/role-store.ts';

/** Where the first account lives; what external programs are put into by the guide's own example. */
export const SYSTEM_STARTUP = 'System Startup';

const BUILT_IN_GROUPS = [
  { name: 'MasterAdmin', description: 'System Administrators' },
  { name: SYSTEM_STARTUP, description: 'System generated group for bootstrapping the process' },
];

/**
 * Gives an empty database what every installation starts with: Root and the groups below it, and the built-in roles.
 * Safe to run at every start and by several processes at once; what is there already is left as it is.
 */
export async function ensureBuiltIns(ctx: Context): Promise<void> {
  await transaction(ctx, async (tx) => {
    await groups.lockTree(tx.sql);
    if (await groups.findRoot(tx.sql, { scope: 'all' })) return;
    const root = randomUUID();
    await groups.insertRoot(tx.sql, root, ROOT, 'Parent of all groups', ctx.now);
    for (const { name, description } of BUILT_IN_GROUPS) {
      const group = {
        id: randomUUID(),
        parentId: root,
        name,
        description,
        ou: '',
        isTenant: false,
        isBuiltIn: true,
      };
      await groups.insertGroup(tx.sql, group, ctx.now);
    }
    for (const role of BUILT_IN_ROLES) {
      const row = { ...role, operations: [...role.operations], mechanisms: [...role.mechanisms] };
      await insertRole(tx.sql, { id: randomUUID(), isBuiltIn: true, ...row }, ctx.now);
    }
    await record(tx, { operation: 'server.initialised', target: { kind: 'server', id: root, name: ROOT } });
  });
}

/** The account that the first administrator signs in with. */
export const FIRST_ACCOUNT = 'startup';

/** Adds the first account; undefined when there is one of its name already. Its password is set by the caller. */
export async function addFirstAccount(ctx: Context): Promise<Person | undefined> {
  return transaction(ctx, async (tx) => {
    await groups.lockTree(tx.sql);
    const [group] = await groups.findGroupsNamed(tx.sql, SYSTEM_STARTUP, { scope: 'all' });
    if (!group || (await isTaken(tx, group.tenantId))) return undefined;
    return addPerson(tx, {
      logonName: FIRST_ACCOUNT,
      firstName: 'Startup',
      lastName: 'User',
      groupId: group.id,
      roles: [{ name: 'Startup User', scope: 'all' }],
    });
  });
}

async function isTaken(ctx: Context, tenantId: string): Promise<boolean> {
  return (await findPersonNamed(ctx.sql, tenantId, FIRST_ACCOUNT, { scope: 'all' })) !== undefined;
}
