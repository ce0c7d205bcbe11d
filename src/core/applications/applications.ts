import { randomUUID } from 'node:crypto';
import { record } from '#core/audit/audit.ts';
import { type Context, transaction } from '#core/context.ts';
import { DomainError } from '#core/errors.ts';
import { place, resolveRoles } from '#core/people/placement.ts';
import { type Actor, effectiveOptions, permissionsOf } from '#core/roles/actor.ts';
import { authorize, inScopeOrRefuse } from '#core/roles/authorize.ts';
import { isVisible } from '#core/text.ts';
import type { Application, NewApplication } from './application.ts';
import * as store from './store.ts';

/** The applications of the groups in the actor's scope. */
export async function listApplications(ctx: Context): Promise<Application[]> {
  const rows = await store.findApplications(ctx.sql, authorize(ctx.actor, 'application.view'));
  return rows.map(withoutReach);
}

/** Adds an application to a group, with roles that the actor could give. Refuses a name in use among its kind. */
export async function addApplication(ctx: Context, input: NewApplication): Promise<Application> {
  const reach = authorize(ctx.actor, 'application.edit');
  const name = input.name.trim().normalize('NFC');
  if (name === '' || name.length > 200 || !isVisible(name))
    throw new DomainError('request.value_invalid', { field: 'name', detail: '1 to 200 characters' });
  const wanted = await resolveRoles(ctx, input.roles);
  return transaction(ctx, async (tx) => {
    const placement = await place(tx, input.groupId, reach, wanted);
    inScopeOrRefuse(placement.isWithin);
    placement.refuseRoles();
    const roles = wanted.map((role) => ({ name: role.name, scope: role.scope }));
    const application: Application = {
      id: randomUUID(),
      kind: input.kind,
      name,
      groupId: input.groupId,
      groupName: placement.groupName,
      isEnabled: true,
      roles,
      version: 1,
    };
    if (!(await store.insertApplication(tx.sql, application, ctx.now)))
      throw new DomainError('application.name_taken', { field: 'name' });
    await store.insertApplicationRoles(tx.sql, application.id, wanted);
    await record(tx, {
      operation: 'application.added',
      target: target(application),
      details: { kind: input.kind, roles },
    });
    return application;
  });
}

/** Lets an application call again, or shuts it out from its next request on. */
export async function switchApplication(ctx: Context, id: string, isEnabled: boolean): Promise<void> {
  const reach = authorize(ctx.actor, 'application.edit');
  await transaction(ctx, async (tx) => {
    const application = within(await store.lockApplication(tx.sql, id, reach));
    if (application.isEnabled === isEnabled) return;
    await store.setApplicationEnabled(tx.sql, id, isEnabled, ctx.now);
    await record(tx, {
      operation: 'application.edited',
      target: target(application),
      details: { isEnabled: { from: !isEnabled, to: isEnabled } },
    });
  });
}

/** Removes an application with all it could sign in with. */
export async function removeApplication(ctx: Context, id: string): Promise<void> {
  const reach = authorize(ctx.actor, 'application.edit');
  await transaction(ctx, async (tx) => {
    const application = within(await store.lockApplication(tx.sql, id, reach));
    await store.deleteApplication(tx.sql, id);
    await record(tx, { operation: 'application.removed', target: target(application) });
  });
}

/**
 * The application as an actor, for a dialect that has proved who calls. Its own kind of credential stands where people
 * have a mechanism, so all its roles are effective. Refuses one that is gone or switched off as `actor.unauthenticated`.
 */
export async function applicationActor(ctx: Context, id: string): Promise<Actor> {
  const row = await store.findApplicationActor(ctx.sql, id);
  if (!row) throw new DomainError('actor.unauthenticated');
  const { roles, ...facts } = row;
  const options = effectiveOptions(roles, null);
  return {
    kind: 'application',
    id,
    ...facts,
    options,
    permissions: permissionsOf(options),
    mechanism: null,
    sessionId: null,
    clientId: id,
  };
}

const target = (a: Application) => ({ kind: 'application' as const, id: a.id, name: a.name });

function within(application: store.FoundApplication | undefined): Application {
  if (!application) throw new DomainError('application.not_found');
  inScopeOrRefuse(application.isWithin);
  return withoutReach(application);
}

function withoutReach({ isWithin: _, ...application }: store.FoundApplication): Application {
  return application;
}
