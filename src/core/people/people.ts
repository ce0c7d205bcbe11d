import { randomUUID } from 'node:crypto';
import { record } from '#core/audit/audit.ts';
import { type Context, transaction } from '#core/context.ts';
import { DomainError } from '#core/errors.ts';
import { foldName } from '#core/fold.ts';
import { authorize, inScopeOrRefuse } from '#core/roles/authorize.ts';
import { reaches } from '#core/roles/scope.ts';
import { checkedAttributes } from './attributes.ts';
import { changes } from './changes.ts';
import { saveEmails, saveExternalIds, saveNames } from './names.ts';
import { checked, type HeldRole, hasName, mergedContacts, type Person, type PersonInput } from './person.ts';
import { place, resolveRoles, type WantedRole } from './placement.ts';
import * as store from './store.ts';

export interface WriteOptions {
  /** Checks everything and saves nothing; the answer shows what would have been saved. */
  dryRun?: boolean;
  /** Refuses `person.version_stale` unless the person is at this version. */
  version?: number;
}

/** One person, whole. Refuses `person.not_found`, and one outside the actor's scope as `actor.out_of_scope`. */
export async function getPerson(ctx: Context, id: string): Promise<Person> {
  return within(await store.findPerson(ctx.sql, id, authorize(ctx.actor, 'person.view')));
}

/** The person with this logon name or alias in the actor's tenant; undefined when there is none in scope. */
export async function findPersonNamed(ctx: Context, name: string): Promise<Person | undefined> {
  const reach = authorize(ctx.actor, 'person.view');
  const tenantId = ctx.actor.tenantId || (await store.findRootTenant(ctx.sql));
  const person = await store.findPersonNamed(ctx.sql, tenantId, name, reach);
  return person?.isWithin ? withoutReach(person) : undefined;
}

/**
 * Adds a person to a group in the actor's scope, with the group's default roles where none are given.
 * Checks in this order, so that one fault alone always gives its own refusal: logon name, first or last name, values,
 * roles, group, names in use, scope over the group.
 */
export async function addPerson(
  ctx: Context,
  given: PersonInput,
  options: WriteOptions = {},
): Promise<Person> {
  const reach = authorize(ctx.actor, 'person.add');
  if (!given.logonName?.trim()) throw new DomainError('person.logon_name_required', { field: 'logonName' });
  if (!given.firstName?.trim() && !given.lastName?.trim())
    throw new DomainError('person.name_required', { field: 'name.first' });
  const input = checked(given);
  const attributes = await checkedAttributes(ctx, undefined, input.attributes ?? {});
  const wanted = input.roles && (await resolveRoles(ctx, input.roles));
  if (!input.groupId) throw new DomainError('group.required', { field: 'group' });

  return save(ctx, options, async (tx) => {
    const placement = await place(tx, input.groupId as string, reach, wanted);
    const person = {
      ...blank,
      ...input,
      id: randomUUID(),
      tenantId: placement.tenantId,
      attributes,
    } as Person;
    if (!(await store.insertPerson(tx.sql, person, ctx.now)))
      throw new DomainError('person.logon_name_taken', { field: 'logonName' });
    inScopeOrRefuse(placement.isWithin);
    placement.refuseRoles();
    if (input.aliases?.length) await saveNames(tx, person, input.aliases);
    const contacts = mergedContacts([], input);
    if (contacts.length > 0) await saveEmails(tx, person, contacts);
    if (input.externalIds?.length) await saveExternalIds(tx, person, input.externalIds);
    if (placement.roles.length > 0) await store.replaceRoles(tx.sql, person.id, placement.roles);
    await record(tx, {
      operation: 'person.added',
      target: { kind: 'person', id: person.id, name: person.logonName },
      details: {
        group: placement.groupName,
        roles: placement.roles.map(({ name, scope }) => ({ name, scope })),
      },
    });
    return within(await store.findPerson(tx.sql, person.id, { scope: 'all' }));
  });
}

/**
 * Changes what is given and leaves the rest. Lists replace; null and '' clear. The answer is what the database holds.
 * Disabling ends every session of the person. A change that changes nothing is not saved and not told.
 */
export async function editPerson(
  ctx: Context,
  id: string,
  given: PersonInput,
  options: WriteOptions = {},
): Promise<Person> {
  const reach = authorize(ctx.actor, 'person.edit');
  if (given.logonName !== undefined && !given.logonName.trim()) {
    throw new DomainError('person.logon_name_required', { field: 'logonName' });
  }
  const input = checked(given);
  const wanted = input.roles && (await resolveRoles(ctx, input.roles));

  return save(ctx, options, async (tx) => {
    const before = within(await store.lockPerson(tx.sql, id, reach));
    if (options.version !== undefined && options.version !== before.version)
      throw new DomainError('person.version_stale');
    const after = { ...before, ...input } as Person;
    if (!hasName(after)) throw new DomainError('person.name_required', { field: 'name.first' });
    after.aliases = after.aliases.filter((alias) => alias !== foldName(after.logonName));
    after.contacts = mergedContacts(before.contacts, input);
    after.attributes = await checkedAttributes(tx, before.attributes, input.attributes ?? {});
    if (wanted || after.groupId !== before.groupId) await replace(tx, before, after, reach, wanted);
    if (after.isEnabled) after.disabledReason = null;
    const told = changes(before, after);
    if (Object.keys(told).length === 0) return before;

    if (after.isEnabled !== before.isEnabled) await switchEnabled(tx, before, after);
    await store.updatePerson(tx.sql, after, ctx.now);
    const isMoved = after.tenantId !== before.tenantId;
    if (told.firstName || told.middleName || told.lastName || told.logonName || told.groupId)
      await store.replaceWords(tx.sql, after);
    // In another tenant all that is unique in one has to be free anew.
    if (told.logonName || told.aliases || isMoved) await saveNames(tx, after, after.aliases);
    if (told.contacts || isMoved) await saveEmails(tx, after, after.contacts);
    if (told.externalIds || isMoved) await saveExternalIds(tx, after, after.externalIds);
    const target = { kind: 'person' as const, id, name: after.logonName };
    await record(tx, { operation: 'person.edited', target, details: told });
    return within(await store.findPerson(tx.sql, id, { scope: 'all' }));
  });
}

/** Moves the person, or gives them other roles. What they already have may stay, whatever the actor could give. */
async function replace(
  tx: Context,
  before: Person,
  after: Person,
  reach: ReturnType<typeof authorize>,
  wanted?: WantedRole[],
) {
  const kept = wanted ?? (await resolveRoles(tx, before.roles));
  const held = { ...before, ancestors: before.groupAncestors };
  const placement = await place(tx, after.groupId, reach, kept, held);
  inScopeOrRefuse(placement.isWithin);
  placement.refuseRoles();
  after.tenantId = placement.tenantId;
  after.groupName = placement.groupName;
  after.roles = kept.map(({ name, scope }) => ({ name, scope }));
  if (wanted) await store.replaceRoles(tx.sql, before.id, wanted);
}

async function switchEnabled(tx: Context, before: Person, after: Person): Promise<void> {
  const at = { personId: before.id, groupId: before.groupId, ancestors: before.groupAncestors };
  inScopeOrRefuse(reaches(authorize(tx.actor, 'person.enable'), at));
  if (!after.isEnabled) await store.endSessions(tx.sql, before.id, tx.now);
  await record(tx, {
    operation: after.isEnabled ? 'person.enabled' : 'person.disabled',
    target: { kind: 'person', id: before.id, name: before.logonName },
    details: after.disabledReason ? { reason: after.disabledReason } : {},
  });
}

/** Lets a person sign in again. */
export const enablePerson = (ctx: Context, id: string): Promise<Person> =>
  editPerson(ctx, id, { isEnabled: true });

/** Shuts a person out of every window at once: their sessions end, their tokens are refused. */
export const disablePerson = (ctx: Context, id: string, reason: string): Promise<Person> =>
  editPerson(ctx, id, { isEnabled: false, disabledReason: reason });

/** Gives a person one more role, or a role they have another scope; their other roles stay. */
export async function grantRole(ctx: Context, id: string, role: HeldRole): Promise<Person> {
  const reach = authorize(ctx.actor, 'person.edit');
  return transaction(ctx, async (tx) => {
    const person = within(await store.lockPerson(tx.sql, id, reach));
    const others = person.roles.filter((held) => foldName(held.name) !== foldName(role.name.trim()));
    return editPerson(tx, id, { roles: [...others, { name: role.name.trim(), scope: role.scope }] });
  });
}

/** Removes a person for good; the audit keeps their name. */
export async function removePerson(ctx: Context, id: string): Promise<void> {
  const reach = authorize(ctx.actor, 'person.remove');
  await transaction(ctx, async (tx) => {
    const person = within(await store.lockPerson(tx.sql, id, reach));
    await store.endSessions(tx.sql, id, ctx.now);
    await store.deletePerson(tx.sql, id);
    await record(tx, { operation: 'person.removed', target: { kind: 'person', id, name: person.logonName } });
  });
}

/** Thrown to leave a dry run's transaction without saving; carries what would have been saved. */
class DryRun {
  readonly person: Person;
  constructor(person: Person) {
    this.person = person;
  }
}

async function save(
  ctx: Context,
  { dryRun }: WriteOptions,
  work: (tx: Context) => Promise<Person>,
): Promise<Person> {
  if (!dryRun) return transaction(ctx, work);
  try {
    return await transaction(ctx, async (tx) => {
      if (ctx.inTransaction) return await store.undone(tx.sql, () => work(tx));
      throw new DryRun(await work(tx));
    });
  } catch (error) {
    if (error instanceof DryRun) return error.person;
    throw error;
  }
}

const blank = {
  title: null,
  firstName: null,
  middleName: null,
  lastName: null,
  employeeId: null,
  dateOfBirth: null,
  cn: null,
  dn: null,
  domain: null,
  ou: null,
  samAccountName: null,
  sysLogonName: null,
  upn: null,
  isEnabled: true,
  disabledReason: null,
};

function within(person: store.FoundPerson | undefined): Person {
  if (!person) throw new DomainError('person.not_found');
  inScopeOrRefuse(person.isWithin);
  return withoutReach(person);
}

function withoutReach({ isWithin: _, ...person }: store.FoundPerson): Person {
  return person;
}
