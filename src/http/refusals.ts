import { DomainError } from '#core/errors.ts';
import type { Answer, Dialect, Refusal, RefusalKind } from './dialect.ts';

/** What is known of the request when something is refused. */
export type RequestFacts = Pick<Refusal, 'method' | 'path' | 'requestId'>;

/** The statuses of HTTP for each kind; a dialect may use others. */
const STATUS: Record<RefusalKind, number> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  out_of_scope: 404,
  conflict: 409,
  stale: 409,
  throttled: 429,
  too_large: 413,
  unavailable: 503,
  no_route: 404,
  method: 405,
  media_type: 415,
  malformed: 400,
  internal: 500,
};

const MESSAGE = {
  no_route: 'There is nothing at this address.',
  method: 'This address does not take this method.',
  media_type: 'A body of this type is not read here.',
  malformed: 'The request is not proper HTTP.',
  internal: 'Something went wrong on our side.',
} as const;

type EdgeKind = keyof typeof MESSAGE;

/** Thrown where the edge refuses by itself; the message is shown to the caller. */
export class EdgeFault extends Error {
  override readonly name = 'EdgeFault';
  readonly kind: EdgeKind;
  readonly status: number;

  constructor(kind: EdgeKind, said: { status?: number; message?: string } = {}) {
    super(said.message ?? MESSAGE[kind]);
    this.kind = kind;
    this.status = said.status ?? STATUS[kind];
  }
}

/** What Fastify and its plug-ins throw carries one of these. */
interface Thrown {
  readonly statusCode?: unknown;
  readonly code?: unknown;
  readonly validation?: readonly {
    instancePath: string;
    message?: string;
    params: Record<string, unknown>;
  }[];
}

/** Makes a refusal of whatever was thrown. What cannot be told to a caller becomes `internal`. */
export function toRefusal(error: unknown, facts: RequestFacts): Refusal {
  if (error instanceof DomainError) return ofCore(error, facts);
  if (error instanceof EdgeFault) return ofEdge(error, facts);
  const { statusCode, code, validation } = (error ?? {}) as Thrown;
  if (validation) return ofCore(new DomainError('request.invalid', faultAt(validation)), facts);
  if (code === 'FST_ERR_HANDLER_TIMEOUT') return ofCore(new DomainError('server.busy'), facts);
  switch (statusCode) {
    case 413:
      return ofCore(new DomainError('request.too_large'), facts);
    case 415:
      return ofEdge(new EdgeFault('media_type'), facts);
    case 404:
      return ofEdge(new EdgeFault('no_route'), facts);
    case 405:
      return ofEdge(new EdgeFault('method'), facts);
  }
  const theirs = typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500;
  return theirs
    ? ofCore(new DomainError('request.invalid'), facts)
    : ofEdge(new EdgeFault('internal'), facts);
}

function ofEdge({ kind, message, status }: EdgeFault, facts: RequestFacts): Refusal {
  return { kind, message, status, ...facts };
}

function ofCore(error: DomainError, facts: RequestFacts): Refusal {
  const { kind, code, message, field, detail } = error;
  return { kind, code, message, field, detail, status: STATUS[kind], ...facts };
}

/** The first fault a schema found, as a dotted name: `/name/first` is `name.first`. */
function faultAt(validation: NonNullable<Thrown['validation']>): { field?: string; detail?: string } {
  const [first] = validation;
  if (!first) return {};
  const missing = first.params.missingProperty;
  const parts = first.instancePath.split('/').slice(1);
  if (typeof missing === 'string') parts.push(missing);
  return {
    ...(parts.length > 0 && { field: parts.join('.') }),
    ...(first.message && { detail: first.message }),
  };
}

/** Words a refusal in a dialect's voice, by its exact word where it has one. */
export function word(dialect: Pick<Dialect, 'voice' | 'words'>, refusal: Refusal): Answer {
  const exact = refusal.code && dialect.words?.[refusal.code];
  return (exact ?? dialect.voice[refusal.kind])(refusal);
}
