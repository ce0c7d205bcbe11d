import type { FastifyInstance } from 'fastify';
import { WordedRefusal } from '#http/dialect.ts';
import { refusal, wordError } from './answers.ts';
import { type AuthenticatedClient, authenticateClient } from './authenticate.ts';
import { GRANT_TYPES, mayUse } from './clients.ts';
import { type Exchange, exchange, isProtocolError } from './exchange.ts';
import { type Parameters, readForm } from './parameters.ts';
import type { Mount } from './providers.ts';
import { type Service, tellRefused } from './service.ts';

/** The token endpoint (contract 2.2 to 2.7). */
export function tokenEndpoint(app: FastifyInstance, service: Service, mount: Mount): void {
  app.post('/connect/token', async (request, reply) => {
    const form = readForm(request);
    const authenticated = await authenticateClient(service, request, form);
    const { client } = authenticated;
    try {
      checkGrantType(form, authenticated);
      const mounted = await mount(request);
      const asked = formFor(form, authenticated, () => [
        ...mounted.scopes.grantable(client, 'client_credentials'),
      ]);
      const made = await exchange(mounted, {
        request,
        method: 'POST',
        path: '/connect/token',
        form: asked,
        client,
      });
      return reply.type('application/json; charset=utf-8').send(JSON.stringify(tokenOf(made)));
    } catch (error) {
      const [code, reason] = reasonOf(error);
      if (code !== undefined) await tellRefused(service, request, client.clientId, code, reason);
      throw isProtocolError(error) ? new WordedRefusal(wordError(error)) : error;
    }
  });
}

function checkGrantType(form: Parameters, { client }: AuthenticatedClient): void {
  const grantType = form.get('grant_type') ?? '';
  if (!(GRANT_TYPES as readonly string[]).includes(grantType))
    throw refusal('unsupported_grant_type', 'The grant type is missing or unknown.');
  if (!mayUse(client, grantType)) throw refusal('unauthorized_client');
}

/** The request as oidc-provider shall see it: credentials in the form only, and scopes where they may be left out. */
function formFor(
  form: Map<string, string>,
  { client, secret }: AuthenticatedClient,
  allScopes: () => string[],
): URLSearchParams {
  form.set('client_id', client.clientId);
  if (client.requireClientSecret && secret !== undefined) form.set('client_secret', secret);
  else form.delete('client_secret');
  if (form.get('grant_type') === 'client_credentials' && !form.has('scope')) {
    const scopes = allScopes();
    if (scopes.length === 0) throw refusal('invalid_scope', 'The client has no scopes.');
    form.set('scope', scopes.join(' '));
  }
  return new URLSearchParams([...form]);
}

function tokenOf({ fault, koa }: Exchange): unknown {
  if (fault !== undefined) throw fault;
  return koa?.body;
}

/** What the audit is told: the error of the protocol, and what oidc-provider's log would say of it. */
function reasonOf(error: unknown): [code?: string, reason?: string | undefined] {
  if (isProtocolError(error)) return [error.error, error.error_detail];
  if (!(error instanceof WordedRefusal)) return [];
  return [JSON.parse(error.answer.body).error];
}
