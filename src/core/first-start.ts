import { type Context, type Sql, transaction } from '#core/context.ts';
import { findRoot } from '#core/groups/store.ts';
import { addFirstAccount, ensureBuiltIns, FIRST_ACCOUNT } from '#core/organisation.ts';
import { findPeople } from '#core/people/find.ts';
import { setPassword } from '#core/people/passwords.ts';
import { randomPassword } from '#core/random-password.ts';

export interface FirstAccount {
  logonName: string;
  password: string;
  /** True when the operator chose the password; then there is no need to show it. */
  isGiven: boolean;
}

/** Whether the database holds an installation. */
export async function isInitialised(sql: Sql): Promise<boolean> {
  return (await findRoot(sql, { scope: 'all' })) !== undefined;
}

/**
 * Gives an empty installation its built-in data and its first account, with the given password or a random one. Gives
 * the account when it was made just now: its password can be shown this once. Any number of processes may do this at
 * once and at every start. Refuses `password.unacceptable`; then there is no account yet.
 */
export async function firstStart(ctx: Context, password?: string): Promise<FirstAccount | undefined> {
  await ensureBuiltIns(ctx);
  const account = {
    logonName: FIRST_ACCOUNT,
    password: password ?? randomPassword(),
    isGiven: password !== undefined,
  };
  // The one password hashed within a transaction: an account that nobody could sign in with must not be left behind.
  return transaction(ctx, async (tx) => {
    // Where there are people, a missing first account was removed on purpose.
    const { people } = await findPeople(tx, { limit: 1 });
    const person = people.length === 0 ? await addFirstAccount(tx) : undefined;
    if (!person) return undefined;
    await setPassword(tx, person.id, account.password);
    return account;
  });
}
