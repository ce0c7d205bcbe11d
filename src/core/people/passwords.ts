import { record } from '#core/audit/audit.ts';
import { type Context, transaction } from '#core/context.ts';
import { DomainError } from '#core/errors.ts';
import { authorize, inScopeOrRefuse } from '#core/roles/authorize.ts';
import { beyond } from '#core/roles/grant.ts';
import { findHeldRoles } from '#core/roles/role-store.ts';
import { settingValue } from '#core/settings/settings.ts';
import { getPerson } from './people.ts';
import type { Person } from './person.ts';
import { endSessions, lockPerson, savePassword } from './store.ts';

/** Longer ones cost time to hash and protect nobody better. */
const LONGEST = 256;

/**
 * Gives a person a new password and ends their sessions. Refuses `password.unacceptable` by length (characters, after
 * NFC), and `person.beyond_actor` where the actor, signing in with it, could do more than they may now. The hash is made
 * before the transaction begins.
 */
export async function setPassword(ctx: Context, id: string, password: string): Promise<void> {
  const reach = authorize(ctx.actor, 'person.edit');
  await getPerson(ctx, id);
  const text = password.normalize('NFC');
  const shortest = Number(await settingValue(ctx.sql, 'Password Minimum Length'));
  if (!text.isWellFormed() || [...text].length < shortest || text.length > LONGEST) {
    throw new DomainError('password.unacceptable', {
      field: 'password',
      detail: `${shortest} to ${LONGEST} characters`,
    });
  }
  const hash = await ctx.services.passwords.hash(text);
  await transaction(ctx, async (tx) => {
    const person = await lockPerson(tx.sql, id, reach);
    if (!person) throw new DomainError('person.not_found');
    inScopeOrRefuse(person.isWithin);
    if (id !== ctx.actor.id) await refuseTakeover(tx, person);
    await savePassword(tx.sql, id, hash, ctx.now);
    await endSessions(tx.sql, id, ctx.now);
    await record(tx, {
      operation: 'person.password_set',
      target: { kind: 'person', id, name: person.logonName },
    });
  });
}

/** Whoever sets a password can sign in with it, and has then what the roles give to those who do. */
async function refuseTakeover(tx: Context, person: Person): Promise<void> {
  const at = { groupId: person.groupId, ancestors: person.groupAncestors };
  for (const role of await findHeldRoles(tx.sql, person.id)) {
    if (!role.mechanisms.includes('Password Logon')) continue;
    const missing = beyond(tx.actor, role, role.scope, at);
    if (missing) throw new DomainError('person.beyond_actor', { field: 'password', detail: missing });
  }
}
