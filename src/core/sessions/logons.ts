import { randomUUID } from 'node:crypto';
import type { Context, Services } from '#core/context.ts';
import { DomainError } from '#core/errors.ts';
import type { GrantedSession, NewSession, RefusalReason } from './session.ts';
import { splitLogonName } from './session.ts';
import { insertLogons, type LogonRow, type Verdict } from './store.ts';

/** Who signs in: a person by their id, or an account by its name (`name`, or `tenant\name` outside Root). */
export type Account = { readonly personId: string } | { readonly logonName: string };

/**
 * Begins the session of an account. Everything that speaks against it is looked at in the same statement that writes the
 * session and its audit event (`logon.granted`): the mechanism is switched on, the account is enabled and has a role
 * with the mechanism. Refuses `logon.refused`; the reason is its detail, which the caller is not told. Always commits by
 * itself, also inside a transaction.
 */
export type GrantLogon = (ctx: Context, session: NewSession & Account) => Promise<GrantedSession>;

interface Waiting {
  readonly row: LogonRow;
  resolve(verdict: Verdict | undefined): void;
  reject(error: unknown): void;
}

/** Logons in one statement. */
const MOST = 100;

/**
 * One statement is under way at a time; the logons that are asked for meanwhile are written by the next one together,
 * with one commit. At hundreds a second the commit and the change between processes cost more than the work, and two
 * statements at a time were slower than one. A logon alone goes out at once.
 */
export function createLogons({ sql }: Pick<Services, 'sql'>): GrantLogon {
  const waiting: Waiting[] = [];
  let isWriting = false;

  async function send(): Promise<void> {
    if (isWriting) return;
    isWriting = true;
    try {
      while (waiting.length > 0) await write(waiting.splice(0, MOST));
    } finally {
      isWriting = false;
    }
  }

  async function write(some: readonly Waiting[]): Promise<void> {
    try {
      const verdicts = new Map<string, Verdict>();
      const rows = some.map(({ row }) => row);
      for (const verdict of await insertLogons(sql, rows)) verdicts.set(verdict.sessionId, verdict);
      for (const { row, resolve } of some) resolve(verdicts.get(row.id));
    } catch (error) {
      const isOutage = error instanceof DomainError && error.kind === 'unavailable';
      // What is wrong with one of them must not be the others' fault.
      if (some.length > 1 && !isOutage) await Promise.all(some.map((one) => write([one])));
      else for (const { reject } of some) reject(error);
    }
  }

  return async (ctx, session) => {
    const row = rowOf(ctx, session);
    const verdict = await new Promise<Verdict | undefined>((resolve, reject) => {
      if (waiting.push({ row, resolve, reject }) === 1) setImmediate(() => void send());
    });
    if (verdict?.isGranted) return { sessionId: verdict.sessionId, personId: verdict.personId };
    throw new DomainError('logon.refused', { detail: reasonOf(verdict) });
  };
}

function rowOf({ now, origin }: Context, session: NewSession & Account): LogonRow {
  const { clientId, grantType, mechanism, expiresAt } = session;
  const named = 'logonName' in session ? splitLogonName(session.logonName) : undefined;
  return {
    id: randomUUID(),
    personId: 'personId' in session ? session.personId : null,
    tenant: named?.tenant ?? null,
    name: named?.name ?? null,
    clientId,
    grantType,
    mechanism,
    expiresAt,
    at: now,
    ip: origin.ip,
    clientIdentifier: origin.clientIdentifier,
    wayIn: origin.window,
    requestId: origin.requestId,
  };
}

function reasonOf(verdict: Verdict | undefined): RefusalReason {
  if (!verdict) return 'no account of this name';
  if (!verdict.isOn) return 'mechanism switched off';
  return verdict.isEnabled ? 'no role with this mechanism' : 'account disabled';
}
