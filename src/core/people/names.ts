import type { Context } from '#core/context.ts';
import { DomainError } from '#core/errors.ts';
import { foldName } from '#core/fold.ts';
import { isOn } from '#core/settings/settings.ts';
import type { Contact, ExternalId, Person } from './person.ts';
import { emailTaken, replaceContacts, replaceExternalIds, replaceNames } from './store.ts';

/** Saves logon name and aliases. Refuses one that someone else of the tenant has. */
export async function saveNames(tx: Context, person: Person, aliases: readonly string[]): Promise<void> {
  const [taken] = await replaceNames(tx.sql, person, aliases);
  if (taken === undefined) return;
  if (taken === foldName(person.logonName))
    throw new DomainError('person.logon_name_taken', { field: 'logonName' });
  throw new DomainError('person.alias_taken', { field: 'aliases', detail: taken });
}

/** Saves addresses and numbers. Refuses an address in use where the setting asks for unique ones. */
export async function saveEmails(tx: Context, person: Person, contacts: readonly Contact[]): Promise<void> {
  const addresses = contacts.filter((c) => c.kind === 'email').map((c) => c.value);
  if (
    addresses.length > 0 &&
    (await isOn(tx.sql, 'Unique E-mail Addresses')) &&
    (await emailTaken(tx.sql, person, addresses))
  ) {
    throw new DomainError('person.email_taken', { field: 'contact.emailAddress' });
  }
  await replaceContacts(tx.sql, person.id, contacts);
}

/** Saves the ids other systems know the person by. Refuses one that is someone else's. */
export async function saveExternalIds(
  tx: Context,
  person: Person,
  ids: readonly ExternalId[],
): Promise<void> {
  if (!(await replaceExternalIds(tx.sql, person, ids))) {
    throw new DomainError('person.external_id_taken', { field: 'externalIds' });
  }
}
