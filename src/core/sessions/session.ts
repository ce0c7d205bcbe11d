import type { Mechanism } from '#core/roles/mechanisms.ts';

/** A token grant about to be made: its row is the session that the token carries. */
export interface NewSession {
  readonly clientId: string;
  /** The grant as OAuth names it: `client_credentials`, `authorization_code`, `refresh_token`. */
  readonly grantType: string;
  readonly mechanism: Mechanism;
  readonly expiresAt: Date;
}

export interface GrantedSession {
  readonly sessionId: string;
  readonly personId: string;
}

/** Why no session was given; for the audit, never for the caller. */
export type RefusalReason =
  | 'no account of this name'
  | 'account disabled'
  | 'mechanism switched off'
  | 'no role with this mechanism';

/** Whoever is signed in, as tokens and user information tell of them. */
export interface SignedInPerson {
  readonly id: string;
  readonly logonName: string;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly email: string | null;
}

/** A logon name as it is written at sign-in or in a client's settings: `name`, or `tenant\name` outside Root. */
export function splitLogonName(given: string): { tenant: string | undefined; name: string } {
  const at = given.indexOf('\\');
  return at === -1
    ? { tenant: undefined, name: given }
    : { tenant: given.slice(0, at), name: given.slice(at + 1) };
}
