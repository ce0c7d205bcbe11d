import type { Bearer } from '#core/roles/actors.ts';

/** How a request proves who sends it. A dialect's `auth.ts` finds it; `request.run` turns it into an actor. */
export type Credential = Bearer | null;
