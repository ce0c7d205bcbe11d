import type { Group } from '#core/groups/group.ts';
import type { Person } from '#core/people/person.ts';
import type { Actor } from '#core/roles/actor.ts';
import { reachOf } from '#core/roles/authorize.ts';
import type { Permission } from '#core/roles/permissions.ts';
import { reaches, type Standing } from '#core/roles/scope.ts';
import { guid } from './call.ts';
import { type Entity, OPERATIONS, type Operation, type OperationName } from './operations.ts';

export interface Link {
  op: string;
  cat: string;
  desc: string;
  verb: string;
  href: string;
}

interface Row {
  name: OperationName;
  permission: Permission;
  link: Omit<Link, 'href'>;
  /** What stands before and after the id. */
  href: readonly [string, string];
}

/** The links of a kind of thing, made once: at each of them only its id is put in. */
function rowsOf(entity: Entity): Row[] {
  return (Object.entries(OPERATIONS) as [OperationName, Operation][]).flatMap(([name, o]) => {
    if (o.linkOn !== entity || o.permission === null) return [];
    const [before = '', after = ''] = o.path
      .slice(1)
      .toLowerCase()
      .split(/\{(?:id|name)\}/);
    const link = { op: o.op, cat: 'control', desc: o.desc, verb: o.method };
    return { name, permission: o.permission, link, href: [before, after.replace('{imagefield}', 'photo')] };
  });
}

const PERSON = rowsOf('person');
const GROUP = rowsOf('group');
const OTHERS = { role: rowsOf('role'), setting: rowsOf('setting'), attribute: rowsOf('attribute') };

/** The state that a person must be in for an operation to make sense. */
const PERSON_STATE: Partial<Record<OperationName, (person: Person) => boolean>> = {
  enablePerson: (person) => !person.isEnabled,
  disablePerson: (person) => person.isEnabled,
  getImage: (person) => person.imageFields.includes('photo'),
};

const GROUP_STATE: Partial<Record<OperationName, (group: Group) => boolean>> = {
  removeGroup: (group) => !group.isBuiltIn,
  moveGroup: (group) => !group.isBuiltIn && group.parentId !== null,
};

/** What the actor may do with this person now: by permission, scope and the person's state. */
export function personLinks(actor: Actor, person: Person): Link[] {
  const standing = { personId: person.id, groupId: person.groupId, ancestors: person.groupAncestors };
  return linksOf(PERSON, actor, standing, guid(person.id), ({ name }) => PERSON_STATE[name]?.(person));
}

export function groupLinks(actor: Actor, group: Group): Link[] {
  const standing = { groupId: group.id, ancestors: group.ancestors };
  return linksOf(GROUP, actor, standing, guid(group.id), ({ name }) => GROUP_STATE[name]?.(group));
}

/** Of things that belong to the whole installation: what the actor may do whose scope is all of it. */
export function linksOn(
  entity: keyof typeof OTHERS,
  actor: Actor,
  id: string,
  not: readonly OperationName[] = [],
): Link[] {
  return linksOf(OTHERS[entity], actor, undefined, encodeURIComponent(id), ({ name }) => !not.includes(name));
}

function linksOf(
  rows: readonly Row[],
  actor: Actor,
  standing: Standing | undefined,
  id: string,
  makesSense: (row: Row) => boolean | undefined,
): Link[] {
  const links: Link[] = [];
  for (const row of rows) {
    const reach = reachOf(actor, row.permission);
    if (!(standing ? reaches(reach, standing) : reach.scope === 'all')) continue;
    if (makesSense(row) ?? true) links.push({ ...row.link, href: row.href[0] + id + row.href[1] });
  }
  return links;
}

/** The link to the next page, which keeps the other parameters. */
export function nextPage(path: string, parameters: Readonly<Record<string, string>>): Link {
  const query = new URLSearchParams(parameters).toString();
  return { op: 'nextPage', cat: 'page', desc: 'Next Page of Results', verb: 'GET', href: `${path}?${query}` };
}
