import type { Sql, SqlQuery } from '#core/context.ts';

/** How far a role reaches, in order: nobody, oneself, one's own group, that group and all below it, everyone. */
export const SCOPES = ['none', 'self', 'department', 'division', 'all'] as const;
export type Scope = (typeof SCOPES)[number];

export const isScope = (text: string): text is Scope => (SCOPES as readonly string[]).includes(text);
export const widest = (a: Scope, b: Scope): Scope => (SCOPES.indexOf(a) >= SCOPES.indexOf(b) ? a : b);
/** True when `scope` reaches as far as `other`, or farther. */
export const covers = (scope: Scope, other: Scope): boolean => SCOPES.indexOf(scope) >= SCOPES.indexOf(other);

/** A scope, tied to whoever has it. `all` of somebody in a tenant ends at that tenant: it is its `division`. */
export type Reach =
  | { readonly scope: 'none' | 'all' }
  | { readonly scope: 'self'; readonly personId: string; readonly groupId: string }
  | { readonly scope: 'department' | 'division'; readonly groupId: string };

/** Where somebody or something stands in the tree of groups. `ancestors` are the groups from Root down to its own. */
export interface Standing {
  readonly personId?: string;
  readonly groupId: string;
  readonly ancestors: readonly string[];
}

/** True when a person or a group that was read already is within reach: what the conditions below ask of the database. */
export function reaches(reach: Reach, { personId, groupId, ancestors }: Standing): boolean {
  switch (reach.scope) {
    case 'none':
      return false;
    case 'self':
      return personId === undefined ? groupId === reach.groupId : personId === reach.personId;
    case 'department':
      return groupId === reach.groupId;
    case 'division':
      return ancestors.includes(reach.groupId);
    case 'all':
      return true;
  }
}

/** The condition that person `p` is within reach. The one place where scope becomes SQL for people. */
export function personWithin(sql: Sql, reach: Reach): SqlQuery<object> {
  switch (reach.scope) {
    case 'none':
      return sql`false`;
    case 'self':
      return sql`p.id = ${reach.personId}`;
    case 'department':
      return sql`p.group_id = ${reach.groupId}`;
    case 'division':
      return sql`p.group_id in (select id from org_group where ancestors @> array[${reach.groupId}]::uuid[])`;
    case 'all':
      return sql`true`;
  }
}

/** The condition that group `g` is within reach. Whoever reaches only themselves sees the group they are in. */
export function groupWithin(sql: Sql, reach: Reach): SqlQuery<object> {
  switch (reach.scope) {
    case 'none':
      return sql`false`;
    case 'self':
    case 'department':
      return sql`g.id = ${reach.groupId}`;
    case 'division':
      return sql`g.ancestors @> array[${reach.groupId}]::uuid[]`;
    case 'all':
      return sql`true`;
  }
}
