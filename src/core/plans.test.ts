import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { addApplication, removeApplication, switchApplication } from '#core/applications/applications.ts';
import { createRefusals } from '#core/audit/audit.ts';
import type { Context, Services } from '#core/context.ts';
import { DomainError } from '#core/errors.ts';
import {
  addGroup,
  editGroup,
  findGroup,
  getGroup,
  listGroups,
  moveGroup,
  removeGroup,
} from '#core/groups/groups.ts';
import { defineAttribute, removeAttribute } from '#core/people/attributes.ts';
import { findByLogonName, findPeople } from '#core/people/find.ts';
import { getImage, setImage } from '#core/people/images.ts';
import { setPassword } from '#core/people/passwords.ts';
import {
  addPerson,
  disablePerson,
  editPerson,
  enablePerson,
  grantRole,
  removePerson,
} from '#core/people/people.ts';
import { createActors } from '#core/roles/actors.ts';
import { addRole, editRole, removeRole } from '#core/roles/roles.ts';
import { setSetting } from '#core/settings/settings.ts';
import { core } from '#test/actors.ts';
import { testDatabase } from '#test/database.ts';
import { explaining, type PlanNode } from '#test/plans.ts';

const { db, url } = await testDatabase();
const site = await core(db);
await setSetting(site.ctx, 'Unique E-mail Addresses', 'Yes');
const tenant = await site.group('Tenant', true);
const far = await site.group('Far');

/** Where tables are small PostgreSQL reads them whole; here only if there is no other way. */
const asked = await explaining(url, { enable_seqscan: 'off' });
after(() => asked.close());
const services: Services = { ...site.services, sql: asked.sql, begin: asked.begin };
const on = (ctx: Context): Context => ({ ...ctx, sql: asked.sql, services });
const ctx = on(site.ctx);

/** Tables that grow with the people and with time; the others are read whole without harm. */
const GROWING =
  `person person_name person_word person_contact person_external_id person_role person_image logon revoked
  audit_event oidc_artifact`.split(/\s+/);

/** A scan of a whole table or index. */
const isWhole = (node: PlanNode): boolean =>
  /^(Seq|Index|Index Only|Bitmap Index) Scan$/.test(node['Node Type']) && node['Index Cond'] === undefined;

/** A scan of a bitmap names its index only. */
const isOfGrowing = (node: PlanNode): boolean => {
  const name = node['Relation Name'] ?? node['Index Name'] ?? '';
  return GROWING.some((table) => name === table || (!node['Relation Name'] && name.startsWith(`${table}_`)));
};

/** The statements that read a growing table from one end to the other. */
async function readWhole(work: () => Promise<unknown>): Promise<string[]> {
  asked.plans();
  await work();
  const plans = asked.plans();
  assert.ok(plans.length > 0);
  return plans.flatMap(({ text, nodes }) =>
    nodes
      .filter((node) => isOfGrowing(node) && isWhole(node))
      .map((node) => `${node['Node Type']} of ${node['Relation Name'] ?? node['Index Name']}: ${text}`),
  );
}

await defineAttribute(site.ctx, { name: 'badge', type: 'number' });
const person = (logonName: string) => ({
  logonName,
  firstName: 'A',
  lastName: 'B',
  groupId: site.root,
  aliases: [`${logonName}.alias`],
  contacts: [{ kind: 'email' as const, value: `${logonName}@example.org`, label: '' }],
  externalIds: [{ source: 'hr', value: logonName }],
  roles: [{ name: 'Cardholder', scope: 'self' }],
  attributes: { badge: 1 },
});
const picture = { mediaType: 'image/png', bytes: new Uint8Array([1]) };

const id = (await addPerson(site.ctx, person('p'))).id;
const other = (await addPerson(site.ctx, person('q'))).id;
const insider = await site.as(far, { division: ['View Person', 'Edit Person', 'Edit Group'] });
const session = 'c0ffee00-0000-4000-8000-000000000001';
await db.sql`insert into logon (id, person_id, client_id, mechanism, grant_type, at, expires_at)
  values (${session}, ${id}, 'c', 'Password Logon', 'password', ${site.ctx.now}, ${site.ctx.now})`;

const OPERATIONS: Record<string, () => Promise<unknown>> = {
  'adding a person': () => addPerson(ctx, person('added')),
  'editing everything of a person': () =>
    editPerson(ctx, id, { ...person('renamed'), groupId: tenant, title: 'x' }),
  'editing one out of scope': () => editPerson(on(insider), id, { title: 'x' }).catch(() => {}),
  'a dry run': () => editPerson(ctx, id, { title: 'dry' }, { dryRun: true }),
  'granting a role': () => grantRole(ctx, id, { name: 'Operator', scope: 'all' }),
  'setting a password': () => setPassword(ctx, id, 'correct horse battery'),
  'disabling a person': () => disablePerson(ctx, id, 'x'),
  'enabling a person': () => enablePerson(ctx, id),
  'setting and reading an image': async () => [
    await setImage(ctx, id, 'photo', picture),
    await getImage(ctx, id, 'photo'),
  ],
  'finding one by name': () => findByLogonName(ctx, 'renamed'),
  'finding nobody in scope': () => findPeople(on(insider), { q: 'nobody' }),
  'removing a person': () => removePerson(ctx, other),
  'defining and removing an attribute': async () => [
    await defineAttribute(ctx, { name: 'fleeting', type: 'text' }),
    await removeAttribute(ctx, 'fleeting'),
  ],
  'listing groups': () => listGroups(on(insider), { q: 'f*r' }),
  'finding a group': async () => [await findGroup(ctx, 'Root/Far'), await getGroup(ctx, far)],
  'adding, editing, moving and removing a group': async () => {
    const group = await addGroup(ctx, { name: 'New', roles: [{ name: 'Cardholder', defaultScope: 'self' }] });
    await editGroup(ctx, group.id, { name: 'Newer', roles: [] });
    await moveGroup(ctx, group.id, far);
    await removeGroup(ctx, group.id);
  },
  'adding, editing and removing a role': async () => {
    await addRole(ctx, { name: 'New', from: 'Operator' });
    await editRole(ctx, 'New', { operations: ['Add Group'] });
    await removeRole(ctx, 'New');
  },
  'changing a setting': () => setSetting(ctx, 'Smart Card', 'No'),
  'adding, switching and removing an application': async () => {
    const application = await addApplication(ctx, {
      kind: 'x',
      name: 'x',
      groupId: far,
      roles: [{ name: 'Operator', scope: 'all' }],
    });
    await switchApplication(ctx, application.id, false);
    await removeApplication(ctx, application.id);
  },
  'confirming an actor': () =>
    createActors(services)
      .confirm({ sessionId: session, revocationIds: ['jti:x'] })
      .catch(() => {}),
  'telling of a refusal': () =>
    createRefusals((error) => assert.fail(String(error))).tell(ctx, new DomainError('actor.forbidden')),
};

suite('no table that grows is read whole by', () => {
  for (const [what, operation] of Object.entries(OPERATIONS)) {
    test(what, async () => assert.deepEqual(await readWhole(operation), []));
  }

  test('what would be told if it were', async () => {
    const whole = async () => {
      await asked.sql`select id from person where title = 'x'`;
      await asked.sql`select id from person order by sort_key`;
      await asked.sql`select id from person where id = ${id}`;
    };
    assert.equal((await readWhole(whole)).length, 2);
  });
});
