import { hash } from 'node:crypto';
import { type Adapter, type AdapterFactory, type AdapterPayload, errors } from 'oidc-provider';
import type { Oauth2Settings } from '#appsettings/oauth2-settings.ts';
import type { Services, Sql } from '#core/context.ts';
import { revokeGrant } from '#core/sessions/sessions.ts';
import { longestLifetime } from './scopes.ts';

/** An id that lets whoever has it do something is kept as its hash only. */
const hashed = (id: string) => hash('sha256', id, 'hex');

interface Artifact {
  payload: AdapterPayload;
  consumedAt: Date | null;
}

/**
 * What oidc-provider keeps, in PostgreSQL: codes, refresh tokens, grants, and sign-ins under way. Clients are part of its
 * configuration, access tokens are self-contained, and there is no session beyond one sign-in, so that every
 * authorization request asks anew (contract 2.4).
 */
export function storage(services: Services, settings: Oauth2Settings): AdapterFactory {
  return (model) => {
    if (model === 'Session' || model === 'Client') return nothing;
    if (model === 'AccessToken') return { ...nothing, revokeByGrantId: revokeTokens };
    return artifacts(services, settings, model, revokeTokens);
  };

  /** Access tokens are not stored: they are listed until the last of them would have expired. */
  async function revokeTokens(grantId: string): Promise<void> {
    const until = new Date(services.now().getTime() + longestLifetime(settings) * 1000);
    await revokeGrant(services.sql, grantId, until);
  }
}

const nothing: Adapter = {
  upsert: async () => {},
  find: async () => undefined,
  findByUserCode: async () => undefined,
  findByUid: async () => undefined,
  consume: async () => {},
  destroy: async () => {},
  revokeByGrantId: async () => {},
};

function artifacts(
  services: Services,
  settings: Oauth2Settings,
  model: string,
  revokeTokens: (grantId: string) => Promise<void>,
): Adapter {
  const { sql } = services;

  return {
    ...nothing,

    async upsert(id, payload, expiresIn) {
      const now = services.now();
      const expiresAt = expiresIn === undefined ? null : new Date(now.getTime() + expiresIn * 1000);
      const grantId = model === 'Grant' ? id : payload.grantId;
      await sql`
        insert into oidc_artifact (model, id, grant_id, account_id, payload, expires_at)
        values (${model}, ${hashed(id)}, ${grantId}, ${payload.accountId}, ${sql.json(withoutId(payload, id))}, ${expiresAt})
        on conflict (model, id) do update set payload = excluded.payload, expires_at = excluded.expires_at`;
    },

    async find(id) {
      const [row] = await sql<Artifact>`
        select payload, consumed_at from oidc_artifact
        where model = ${model} and id = ${hashed(id)} and expires_at > ${services.now()}`;
      if (!row) return undefined;
      const payload = withId(row.payload, id);
      if (row.consumedAt === null) return payload;
      if (model === 'RefreshToken' && survivesReuse(settings, payload)) return undefined;
      return { ...payload, consumed: Math.floor(row.consumedAt.getTime() / 1000) };
    },

    /** The one atomic step: of several who come with the same code or token one gets past it, whatever process they reach. */
    async consume(id) {
      const now = services.now();
      const [spent] = await sql`
        update oidc_artifact set consumed_at = ${now}
        where model = ${model} and id = ${hashed(id)} and consumed_at is null and expires_at > ${now}
        returning id`;
      if (spent) return;
      const [row] = await sql<{ payload: AdapterPayload }>`
        select payload from oidc_artifact where model = ${model} and id = ${hashed(id)}`;
      const grantId = row?.payload.grantId;
      // Used twice in the same moment is used twice: nothing that comes of it lasts.
      if (grantId && !survivesReuse(settings, row.payload)) {
        await revokeTokens(grantId);
        await removeGrant(sql, grantId);
      }
      throw new errors.InvalidGrant('used by another request in the same moment');
    },

    async destroy(id) {
      const rows = await sql`
        delete from oidc_artifact where model = ${model} and id = ${hashed(id)} returning id`;
      // A sign-in under way is ended by the one request that goes on with it.
      if (model === 'Interaction' && rows.length === 0)
        throw new errors.SessionNotFound('This sign-in was already used.');
    },

    async revokeByGrantId(grantId) {
      await sql`delete from oidc_artifact where model = ${model} and grant_id = ${grantId}`;
    },
  };
}

/** Removes a grant with its codes and refresh tokens. */
export async function removeGrant(sql: Sql, grantId: string): Promise<void> {
  await sql`delete from oidc_artifact where grant_id = ${grantId}`;
}

/** Finds the grant of a refresh token of this client, used or not. */
export async function grantOfRefreshToken(
  sql: Sql,
  token: string,
  clientId: string,
): Promise<{ grantId: string; accountId: string } | undefined> {
  const [row] = await sql<{ grantId: string; accountId: string }>`
    select grant_id, account_id from oidc_artifact
    where model = 'RefreshToken' and id = ${hashed(token)} and payload ->> 'clientId' = ${clientId}`;
  return row;
}

const survivesReuse = (settings: Oauth2Settings, payload: AdapterPayload): boolean =>
  payload.kind === 'RefreshToken' &&
  settings.clients.get(payload.clientId ?? '')?.refreshTokenReuse === 'NewestSurvives';

/** The payload repeats the id, and that of a sign-in under way also at the end of an address. */
function withoutId({ jti: _, ...payload }: AdapterPayload, id: string): AdapterPayload {
  if (!payload.returnTo?.endsWith(id)) return payload;
  return { ...payload, returnTo: payload.returnTo.slice(0, -id.length) };
}

function withId(payload: AdapterPayload, id: string): AdapterPayload {
  const { returnTo } = payload;
  return { ...payload, jti: id, ...(returnTo !== undefined && { returnTo: returnTo + id }) };
}
