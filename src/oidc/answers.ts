import type { errors } from 'oidc-provider';
import { type Answer, json, WordedRefusal } from '#http/dialect.ts';

/** What a caller must not learn more of: a description could tell a wrong secret from an unknown client. */
const BARE = new Set(['invalid_client', 'invalid_grant', 'unauthorized_client', 'access_denied']);

/** An error of RFC 6749 5.2; the description is for the developer of the client. */
export function oauthError(error: string, description?: string, status = 400): Answer {
  const described = description !== undefined && !BARE.has(error);
  return json(status, described ? { error, error_description: description } : { error });
}

export const refusal = (error: string, description?: string): WordedRefusal =>
  new WordedRefusal(oauthError(error, description));

/** Unknown client, wrong secret and missing secret say the same (contract 2.2). */
export function invalidClient(usedHeader: boolean): Answer {
  const answer = oauthError('invalid_client', undefined, usedHeader ? 401 : 400);
  return usedHeader
    ? { ...answer, headers: { 'www-authenticate': 'Basic realm="web.oauth2", charset="UTF-8"' } }
    : answer;
}

/** An error that oidc-provider found, in the words of this service. */
export const wordError = ({ error, error_description: description }: errors.OIDCProviderError): Answer =>
  oauthError(error, description);

/** A refused bearer token (RFC 6750 3). */
export function bearerError(error: 'invalid_token' | 'insufficient_scope' | undefined): Answer {
  const status = error === 'insufficient_scope' ? 403 : 401;
  const challenge = error === undefined ? 'Bearer' : `Bearer error="${error}"`;
  const answer = error === undefined ? { status, body: '' } : oauthError(error, undefined, status);
  return { ...answer, headers: { 'www-authenticate': challenge } };
}
