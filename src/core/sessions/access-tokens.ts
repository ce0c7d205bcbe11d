import type { SigningKey, SigningKeys } from '#core/keys/signing-keys.ts';
import type { Bearer } from '#core/roles/actors.ts';
import { type CompactJws, parseCompact } from '#standards/jose/compact.ts';
import { verifyJws } from '#standards/jose/signature.ts';

/** What a good access token says (RFC 9068, and the session it stands for). */
export interface AccessToken extends Bearer {
  readonly sub: string;
  readonly clientId: string;
  readonly scope: readonly string[];
  readonly audience: readonly string[];
  readonly jti: string;
  /** Seconds since 1970, the first at which it is no longer good. */
  readonly expiresAt: number;
  /** The grant that refresh tokens of the same sign-in belong to. */
  readonly grantId: string | undefined;
  /** All claims, as signed. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/**
 * Checks signature, type, audience and times. Undefined for a token that is not good for the audience now; without an
 * audience any will do. Whether its session lives is not asked here: `actors.confirm` does.
 */
export type TokenVerifier = (token: string, audience?: string) => Promise<AccessToken | undefined>;

const MOST_REMEMBERED = 10_000;
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** Verifies access tokens by the installation's own keys, and remembers the good ones until they expire. */
export function createTokenVerifier(options: {
  keys: Pick<SigningKeys, 'find'>;
  now(): Date;
}): TokenVerifier {
  const known = new Map<string, AccessToken>();

  function recall(token: string): AccessToken | undefined {
    const found = known.get(token);
    if (!found) return undefined;
    // Put at the end again: the map is in the order of use, and the first is the one to forget.
    known.delete(token);
    known.set(token, found);
    return found;
  }

  async function verify(token: string): Promise<AccessToken | undefined> {
    const jws = parseCompact(token);
    const key = jws && (await keyOf(jws, options.keys));
    if (!key || !verifyJws(key.alg, key.publicKey, jws.signingInput, jws.signature)) return undefined;
    const read = readClaims(jws.payload);
    if (!read) return undefined;
    if (known.size >= MOST_REMEMBERED) known.delete(known.keys().next().value as string);
    known.set(token, read);
    return read;
  }

  return async (token, audience) => {
    const read = recall(token) ?? (await verify(token));
    if (!read) return undefined;
    const seconds = options.now().getTime() / 1000;
    if (seconds >= read.expiresAt) {
      known.delete(token);
      return undefined;
    }
    const notBefore = read.claims.nbf;
    // A server whose clock is a little ahead may have signed it.
    if (typeof notBefore === 'number' && notBefore > seconds + 60) return undefined;
    return audience === undefined || read.audience.includes(audience) ? read : undefined;
  };
}

/**
 * The key a token names, if the token is an access token signed in that key's one way. Keys that a token brings along or
 * points at (`jwk`, `jku`, `x5c`, `x5u`) are never looked at.
 */
async function keyOf(
  { header }: CompactJws,
  keys: Pick<SigningKeys, 'find'>,
): Promise<SigningKey | undefined> {
  const { typ, alg, kid, crit } = header;
  const isAccessToken = typeof typ === 'string' && /^(application\/)?at\+jwt$/i.test(typ);
  if (!isAccessToken || typeof kid !== 'string' || crit !== undefined) return undefined;
  const key = await keys.find(kid);
  return key?.alg === alg ? key : undefined;
}

function readClaims(claims: Readonly<Record<string, unknown>>): AccessToken | undefined {
  const { sub, jti, exp, aud, scope, client_id: clientId, myidSessionId, grant_id: grantId } = claims;
  const audience = typeof aud === 'string' ? [aud] : aud;
  if (typeof sub !== 'string' || typeof jti !== 'string' || typeof clientId !== 'string') return undefined;
  if (typeof exp !== 'number' || !isTexts(audience) || !isTexts(scope)) return undefined;
  if (typeof myidSessionId !== 'string' || !UUID.test(myidSessionId)) return undefined;
  const grant = typeof grantId === 'string' ? grantId : undefined;
  return {
    sub,
    jti,
    clientId,
    scope,
    audience,
    expiresAt: exp,
    sessionId: myidSessionId,
    grantId: grant,
    revocationIds: grant === undefined ? [`jti:${jti}`] : [`jti:${jti}`, `grant:${grant}`],
    claims,
  };
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((entry) => typeof entry === 'string');
