import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Database } from '#adapters/postgres.ts';
import type { Context, Services } from '#core/context.ts';
import type { ErrorCode } from '#core/errors.ts';
import { addGroup, findGroup } from '#core/groups/groups.ts';
import { ensureBuiltIns } from '#core/organisation.ts';
import { addPerson } from '#core/people/people.ts';
import type { PersonInput } from '#core/people/person.ts';
import { type Actor, effectiveOptions, permissionsOf, systemActor } from '#core/roles/actor.ts';
import type { Scope } from '#core/roles/scope.ts';

/** Core on a test database, without any window: operations are called as whoever a test needs. */
export interface Core {
  readonly db: Database;
  readonly services: Services;
  /** The time by which everything goes; a test may set it. */
  readonly clock: { time: number };
  /** As Signet itself, who may do everything. */
  readonly ctx: Context;
  readonly root: string;
  /** As somebody with these options in a group, who need not be in the database. */
  as(
    groupId: string,
    options: Partial<Record<Scope, readonly string[]>>,
    personId?: string,
  ): Promise<Context>;
  /** The same operations with another actor. */
  with(actor: Actor): Context;
  /** The id of a group by its path below Root, added with those above it as needed. */
  group(path: string, isTenant?: boolean): Promise<string>;
  /** What the audit tells of a target, first things first. */
  told(targetId: string): Promise<Told[]>;
  /** How many rows there are in all tables that an operation writes to: equal before and after one that saves nothing. */
  size(): Promise<Record<string, number>>;
  /** Adds a person, with names where none are given; gives their id. */
  person(groupId: string, input?: PersonInput): Promise<string>;
}

/** That the work is refused so. */
export const refused = (work: PromiseLike<unknown>, code: ErrorCode, field?: string): Promise<void> =>
  assert.rejects(Promise.resolve(work), (error: { code?: string; field?: string }) => {
    assert.equal(error.code, code);
    if (field !== undefined) assert.equal(error.field, field);
    return true;
  });

export interface Told {
  operation: string;
  actorName: string;
  outcome: string;
  details: Record<string, unknown>;
}

const TABLES = [
  'person',
  'person_name',
  'person_word',
  'person_contact',
  'person_external_id',
  'person_role',
];
const OTHER_TABLES = [
  'person_image',
  'org_group',
  'group_role',
  'role',
  'application',
  'setting',
  'audit_event',
];

export async function core(db: Database): Promise<Core> {
  const clock = { time: Date.parse('2026-01-15T10:00:00Z') };
  const services: Services = {
    sql: db.sql,
    begin: db.begin,
    now: () => new Date(clock.time),
    vault: { seal: (plain) => plain, unseal: (sealed) => sealed },
    passwords: {
      hash: async (secret) => `hash of ${secret}`,
      verify: async (hash, secret) => hash === `hash of ${secret}`,
    },
  };
  const made: Core = {
    db,
    services,
    clock,
    get ctx() {
      return made.with(systemActor('test'));
    },
    root: '',
    with: (actor) => ({
      sql: db.sql,
      services,
      actor,
      origin: { window: 'system', requestId: 'request-1', ip: '192.0.2.1', clientIdentifier: null },
      now: services.now(),
      inTransaction: false,
    }),
    async as(groupId, scopes, personId = randomUUID()) {
      const [group] = await db.sql<{ tenantId: string; inRootTenant: boolean }>`
        select g.tenant_id, t.parent_id is null as in_root_tenant
        from org_group g join org_group t on t.id = g.tenant_id where g.id = ${groupId}`;
      if (!group) throw new Error('no such group');
      const roles = Object.entries(scopes).map(([scope, operations]) => ({
        scope: scope as Scope,
        operations,
        mechanisms: [],
      }));
      const options = effectiveOptions(roles, null);
      return made.with({
        kind: 'person',
        id: personId,
        name: `actor ${Object.keys(scopes)}`,
        groupId,
        ...group,
        options,
        permissions: permissionsOf(options),
        mechanism: null,
        sessionId: null,
        clientId: 'client-1',
      });
    },
    async group(path, isTenant = false) {
      const found = await findGroup(made.ctx, `Root/${path}`).catch(() => undefined);
      if (found) return found.id;
      const at = path.lastIndexOf('/');
      const parent = at === -1 ? made.root : await made.group(path.slice(0, at));
      return (await addGroup(made.ctx, { name: path.slice(at + 1), parent, isTenant })).id;
    },
    told: async (targetId) => db.sql<Told>`
      select operation, actor_name, outcome, details from audit_event where target_id = ${targetId} order by id`,
    async size() {
      const found = await Promise.all(
        [...TABLES, ...OTHER_TABLES].map(async (table) => {
          const { rows } = await db.pool.query<{ count: string }>(`select count(*) from ${table}`);
          return [table, Number(rows[0]?.count)] as const;
        }),
      );
      return Object.fromEntries(found);
    },
    async person(groupId, input = {}) {
      const logonName = input.logonName ?? `person-${randomUUID().slice(0, 8)}`;
      return (
        await addPerson(made.ctx, { firstName: 'Pat', lastName: 'Person', ...input, logonName, groupId })
      ).id;
    },
  };
  await ensureBuiltIns(made.ctx);
  return Object.assign(made, { root: (await findGroup(made.ctx, 'Root')).id });
}
