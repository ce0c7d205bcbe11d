import type { FastifyReply, FastifyRequest } from 'fastify';

type Err = { type: string; message: string; stack?: string; code?: unknown; cause?: Err };

/**
 * An error in the log: what it is, where it came from, and its causes. Not its other members: a database error carries the
 * values of the row in some of them.
 */
function err(error: unknown, depth = 0): Err {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error).slice(0, 500) };
  const { name, message, stack, cause } = error;
  const code = (error as { code?: unknown }).code;
  return {
    type: name,
    message,
    ...(code !== undefined && { code }),
    ...(stack !== undefined && { stack }),
    ...(cause !== undefined && depth < 5 && { cause: err(cause, depth + 1) }),
  };
}

/**
 * What of a request is logged: never a body, a header or the query. A path that is known is logged as its
 * pattern, since some carry one-time codes.
 */
function req(request: FastifyRequest): Record<string, unknown> {
  return {
    method: request.method,
    path: request.routeOptions?.url ?? request.target?.pattern ?? request.target?.path,
    ip: request.origin?.ip,
  };
}

const res = (reply: FastifyReply) => ({ status: reply.statusCode });

/** Never printed, wherever a log line has them. */
const SECRETS = [
  'authorization',
  'cookie',
  'password',
  'pass',
  'pin',
  'secret',
  'client_secret',
  'token',
  'access_token',
  'refresh_token',
  'answer',
  'otp',
  'otpkey',
  'seed',
  'privateKey',
  'x-token',
  'pi-authorization',
  'authenticatehash',
  'applicationkey',
];

/** What the logger of every request is made with, whatever logger the process has. */
export const LOG_OPTIONS = {
  serializers: { err, req, res },
  redact: {
    paths: SECRETS.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]),
    censor: '[secret]',
  },
};

/** Lets one call a second through and tells it how many were kept back, so that an outage does not flood the log. */
export function oncePerSecond(): (say: (keptBack: number) => void) => void {
  let next = 0;
  let keptBack = 0;
  return (say) => {
    const now = performance.now();
    if (now < next) {
      keptBack++;
      return;
    }
    next = now + 1000;
    say(keptBack);
    keptBack = 0;
  };
}
