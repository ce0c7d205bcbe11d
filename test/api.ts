import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

/** A secret, as its client has it and as the server's file has it. */
export function newSecret(): { secret: string; hash: string } {
  const secret = randomUUID();
  return { secret, hash: createHash('sha256').update(secret).digest('base64') };
}

/** A client that runs as an account, as a file of CustomClients has it. */
export const clientFile = (id: string, logonName: string, hash: string, more: object = {}) => ({
  ClientId: id,
  ClientName: 'My External System',
  AccessTokenLifetime: '3600',
  AllowedGrantTypes: ['client_credentials'],
  ClientSecrets: [{ Value: hash }],
  AllowedScopes: ['myid.rest.basic'],
  ...more,
  Properties: { MyIDLogonName: logonName },
});

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

export interface Request {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Ask again when the server says that it is busy and when to come back, as callers should. Default true. */
  readonly patient?: boolean;
  /** Milliseconds after which nobody has answered. */
  readonly within?: number;
}

/** Sends a request over a connection of its own, so that any of several processes may answer. Status 0: nobody does. */
export async function ask(
  url: string,
  { patient = true, within = 60_000, ...request }: Request = {},
): Promise<Answer> {
  const headers = { ...request.headers, connection: 'close' };
  const signal = AbortSignal.timeout(within);
  for (;;) {
    try {
      const response = await fetch(url, { ...request, headers, redirect: 'manual', signal });
      const answer = { status: response.status, headers: response.headers, body: await response.text() };
      const wait = Number(answer.headers.get('retry-after') ?? Number.NaN);
      if (!patient || answer.status !== 503 || Number.isNaN(wait)) return answer;
      await sleep(wait * 1_000, undefined, { signal });
    } catch (error) {
      return { status: 0, headers: new Headers(), body: String((error as Error).cause ?? error) };
    }
  }
}

/** Asks for a token with id and secret in the body. */
export function askToken(url: string, client: string, secret: string, how: Request = {}): Promise<Answer> {
  const fields = { grant_type: 'client_credentials', scope: 'myid.rest.basic' };
  return ask(`${url}/web.oauth2/connect/token`, {
    ...how,
    method: 'POST',
    headers: { ...how.headers, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ ...fields, client_id: client, client_secret: secret }).toString(),
  });
}

export async function token(url: string, client: string, secret: string): Promise<string> {
  const { status, body } = await askToken(url, client, secret);
  assert.equal(status, 200, body);
  return JSON.parse(body).access_token;
}

/** A call of the API: `GET` unless something is sent, then `POST`, unless a method is named. */
export function call(
  url: string,
  bearer: string,
  path: string,
  { send, ...how }: Omit<Request, 'body'> & { send?: unknown } = {},
): Promise<Answer> {
  const headers = { authorization: `Bearer ${bearer}` };
  if (send === undefined) return ask(`${url}/rest.core/api/${path}`, { ...how, headers });
  return ask(`${url}/rest.core/api/${path}`, {
    method: 'POST',
    ...how,
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(send),
  });
}
