import type { HeldRole } from '#core/people/person.ts';

/** A program that calls Signet: an actor with a home group, roles and a scope, like a person. */
export interface Application {
  id: string;
  /** Which kind of credential it signs in with: a dialect's client, an API key, a technical user. */
  kind: string;
  name: string;
  groupId: string;
  groupName: string;
  isEnabled: boolean;
  roles: HeldRole[];
  version: number;
}

export interface NewApplication {
  kind: string;
  name: string;
  groupId: string;
  roles: readonly HeldRole[];
}
