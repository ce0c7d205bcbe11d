import { hash, timingSafeEqual } from 'node:crypto';
import type { ClientSettings } from '#appsettings/oauth2-settings.ts';
import { refusal } from './answers.ts';
import type { Parameters } from './parameters.ts';

/** How a client says who it is (RFC 6749 2.3). */
interface Claim {
  readonly id: string;
  readonly secret: string | undefined;
}

export interface ClientProof {
  /** Undefined when the client is not known, or its secret is missing or wrong. */
  readonly client: ClientSettings | undefined;
  /** The secret that was found right. */
  readonly secret: string | undefined;
  readonly usedHeader: boolean;
  /** What the caller called itself. */
  readonly claimedId: string | undefined;
}

/**
 * Finds the client by the Basic header or by the fields of the form. Refuses `invalid_request` when both are there and
 * differ. A secret that is sent must be right, also where none is needed.
 */
export function proveClient(
  authorization: string | undefined,
  form: Parameters,
  clients: ReadonlyMap<string, ClientSettings>,
): ClientProof {
  const usedHeader = authorization !== undefined;
  const claims = usedHeader ? bothWays(authorization, form) : inForm(form);
  let proven: { client: ClientSettings; secret: string | undefined } | undefined;
  for (const { id, secret } of claims) {
    const client = clients.get(id);
    // Both are looked at whatever the first one gives, and also for a client that is not there.
    const matches = isSecretOf(client, secret ?? '');
    const isRight = secret === undefined ? client?.requireClientSecret === false : matches;
    if (client && isRight) proven ??= { client, secret };
  }
  return { client: proven?.client, secret: proven?.secret, usedHeader, claimedId: claims[0]?.id };
}

function inForm(form: Parameters): Claim[] {
  const id = form.get('client_id');
  return id === undefined ? [] : [{ id, secret: form.get('client_secret') }];
}

function bothWays(authorization: string, form: Parameters): Claim[] {
  const claims = basicClaims(authorization);
  const id = form.get('client_id');
  const secret = form.get('client_secret');
  const fitting = claims.filter(
    (claim) => (id ?? claim.id) === claim.id && (secret ?? claim.secret) === claim.secret,
  );
  if (claims.length > 0 && fitting.length === 0)
    throw refusal('invalid_request', 'The Authorization header and the body name different credentials.');
  return fitting;
}

/** RFC 6749 2.3.1 has both parts percent-encoded, which many clients leave out: both readings are tried. */
function basicClaims(authorization: string): Claim[] {
  const [, encoded] = /^basic +([\w+/-]+={0,2}) *$/i.exec(authorization) ?? [];
  const text = Buffer.from(encoded ?? '', 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon === -1) return [];
  const [id, secret] = [text.slice(0, colon), text.slice(colon + 1)];
  const raw = { id, secret: secret || undefined };
  if (!/[%+]/.test(text)) return [raw];
  try {
    return [{ id: formDecoded(id), secret: formDecoded(secret) || undefined }, raw];
  } catch {
    return [raw];
  }
}

const formDecoded = (text: string) => decodeURIComponent(text.replaceAll('+', ' '));

const NOBODYS_SECRETS = [{ value: Buffer.alloc(32) }];

/** Compares with every secret of the client, in constant time, and as long for a client that is not there. */
export function isSecretOf(client: ClientSettings | undefined, secret: string): boolean {
  const sent = hash('sha256', secret, 'buffer');
  let matches = false;
  for (const { value } of client?.clientSecrets ?? NOBODYS_SECRETS)
    matches = timingSafeEqual(sent, value) || matches;
  return matches && client !== undefined && secret !== '';
}
