import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import { record } from '#core/audit/audit.ts';
import type { Context } from '#core/context.ts';
import { DomainError, type ErrorKind } from '#core/errors.ts';
import { authorize } from '#core/roles/authorize.ts';
import type { AccessToken } from '#core/sessions/access-tokens.ts';
import { exchangeOf } from './exchange.ts';
import { FIND_TARGET, OPERATIONS, TARGETS, type Target } from './operations.ts';
import { API, grantedResource } from './resource.ts';
import { CORE_API } from './scopes.ts';
import { contextFor, type Service } from './service.ts';

export const OPERATION_PARAMETERS = ['op', 'scope', 'token', 'deviceDetectContext', ...TARGETS];

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

interface Wanted {
  readonly op: string;
  readonly permission: Parameters<typeof authorize>[1];
  readonly target: { kind: Target; id: string } | undefined;
  readonly deviceDetectContext: string;
}

/**
 * The grant `operation` (contract 2.7): turns an access token into one for a single operation on a single object, to be
 * handed to a local program. It goes on with the caller's session, so it dies with it.
 */
export function operationGrant(service: Service) {
  return async (ctx: KoaContextWithOIDC): Promise<void> => {
    const made = exchangeOf(ctx);
    const { client } = made;
    const parameters = (ctx.oidc.params ?? {}) as Record<string, string | undefined>;
    const wanted = readWanted(parameters);
    const { caller, context } = await findCaller(service, ctx, parameters.token);
    await check(context, wanted);

    const { sessionId, sub, grantId } = caller;
    const { op, target } = wanted;
    made.claims = {
      sub,
      op,
      myidSessionId: sessionId,
      ...(grantId !== undefined && { grant_id: grantId }),
      ...(target ? { [target.kind]: target.id } : { deviceDetectContext: wanted.deviceDetectContext }),
    };
    const { provider } = made.mounted;
    const token = new provider.AccessToken({
      accountId: sub,
      client: ctx.oidc.client,
      gty: 'operation',
    } as never);
    // The rules for scopes are those of every grant.
    const info = grantedResource(ctx, API, made.mounted, client);
    token.resourceServer = new provider.ResourceServer(API, info);
    token.scope = parameters.scope ?? OPERATIONS.get(op)?.scope ?? '';
    ctx.oidc.entity('AccessToken', token);
    const value = await token.save();
    await record(context, {
      operation: 'operation.granted',
      ...(target?.kind === 'personId' && { target: { kind: 'person', id: target.id } }),
      details: { op, client: client?.clientId, ...(target && { [target.kind]: target.id }) },
    });
    ctx.body = {
      access_token: value,
      expires_in: token.expiration,
      scope: token.scope,
      token_type: token.tokenType,
    };
  };
}

function readWanted(parameters: Record<string, string | undefined>): Wanted {
  const op = parameters.op ?? '';
  const operation = OPERATIONS.get(op);
  if (!operation) throw new errors.InvalidRequest('op is missing or unknown');
  const given = TARGETS.flatMap((kind) => {
    const id = parameters[kind];
    return id === undefined ? [] : [{ kind, id }];
  });
  const [target] = given;
  if (given.length !== Math.min(operation.targets.length, 1))
    throw new errors.InvalidRequest('the operation needs exactly its own target');
  if (target && !(operation.targets.includes(target.kind) && UUID.test(target.id)))
    throw new errors.InvalidRequest('the target is not one of the operation');
  if ((parameters.scope ?? operation.scope) !== operation.scope)
    throw new errors.InvalidScope('the scope is not that of the operation', '');
  return {
    op,
    permission: operation.permission,
    target,
    deviceDetectContext: parameters.deviceDetectContext ?? '',
  };
}

/** The person behind the caller's access token, as they stand now. */
async function findCaller(
  service: Service,
  ctx: KoaContextWithOIDC,
  token: string | undefined,
): Promise<{ caller: AccessToken; context: Context }> {
  const caller = token === undefined ? undefined : await service.verify(token, CORE_API);
  if (!caller) throw new errors.InvalidGrant();
  try {
    const actor = await service.actors.confirm(caller);
    return { caller, context: contextFor(service, exchangeOf(ctx).request, actor) };
  } catch (error) {
    throw refusedAs(error, { unauthenticated: () => new errors.InvalidGrant() });
  }
}

async function check(context: Context, { permission, target }: Wanted): Promise<void> {
  try {
    authorize(context.actor, permission);
    if (target) await FIND_TARGET[target.kind](context, target.id);
  } catch (error) {
    throw refusedAs(error, {
      forbidden: () => new errors.AccessDenied(),
      out_of_scope: () => new errors.AccessDenied(),
      not_found: () => new errors.InvalidRequest('the target does not exist'),
      invalid: () => new errors.InvalidRequest('the target does not exist'),
    });
  }
}

/** A refusal of core as the protocol's error; anything else stays what it is. */
function refusedAs(error: unknown, words: { [kind in ErrorKind]?: () => errors.OIDCProviderError }): unknown {
  const word = error instanceof DomainError ? words[error.kind] : undefined;
  return word ? Object.assign(word(), { error_detail: (error as Error).message }) : error;
}
