import { record } from '#core/audit/audit.ts';
import { type Context, transaction } from '#core/context.ts';
import { DomainError } from '#core/errors.ts';
import { authorize, inScopeOrRefuse } from '#core/roles/authorize.ts';
import { settingValue } from '#core/settings/settings.ts';
import { getPerson } from './people.ts';
import { endSessions, lockPerson, savePassword } from './store.ts';

/** Longer ones cost time to hash and protect nobody better. */
const LONGEST = 256;

/**
 * Gives a person a new password and ends their sessions. Refuses `password.unacceptable` by length (characters, after
 * NFC). The hash is made before the transaction begins.
 */
export async function setPassword(ctx: Context, id: string, password: string): Promise<void> {
  const reach = authorize(ctx.actor, 'person.edit');
  await getPerson(ctx, id);
  const text = password.normalize('NFC');
  const shortest = Number(await settingValue(ctx.sql, 'Password Minimum Length'));
  if ([...text].length < shortest || text.length > LONGEST) {
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
    await savePassword(tx.sql, id, hash, ctx.now);
    await endSessions(tx.sql, id, ctx.now);
    await record(tx, {
      operation: 'person.password_set',
      target: { kind: 'person', id, name: person.logonName },
    });
  });
}
