import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Origin } from '#core/context.ts';
import type { Dialect } from './dialect.ts';
import { clientIp, publicUrlOf } from './forwarded.ts';
import type { Owner } from './segments.ts';
import type { Target } from './target.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** What is mounted. */
    dialects: Map<Owner, Dialect>;
  }
  interface FastifyRequest {
    target: Target;
    /** Who calls, for the audit. Not the header of this name, which is `headers.origin`. */
    origin: Origin;
    /** This server as the caller sees it, without a slash at the end; every absolute URL starts with it. */
    readonly publicUrl: string;
  }
}

export interface FactsOptions {
  /** Checked, without a slash at the end. */
  publicUrl: string | undefined;
  /** The name of the header by which a program tells which machine it runs on. */
  clientIdentifierHeader: () => string;
}

/** Gives every request what an operation must know of where it came from. */
export function decorateFacts(app: FastifyInstance, options: FactsOptions): void {
  app.decorateRequest('target', null as unknown as Target);
  app.decorateRequest('origin', {
    getter(this: FastifyRequest): Origin {
      return {
        window: this.target.owner ?? 'signet',
        requestId: this.id,
        ip: clientIp(this),
        clientIdentifier: identifier(this.headers[options.clientIdentifierHeader().toLowerCase()]),
      };
    },
  });
  app.decorateRequest('publicUrl', {
    getter(this: FastifyRequest): string {
      return publicUrlOf(this, options.publicUrl) ?? app.listeningOrigin;
    },
  });
}

/** At most 255 characters, none of them a control character; null when nothing is left. */
function identifier(sent: string | string[] | undefined): string | null {
  const text = Array.isArray(sent) ? sent[0] : sent;
  return (
    text
      ?.replace(/\p{Cc}/gu, '')
      .trim()
      .slice(0, 255) || null
  );
}
