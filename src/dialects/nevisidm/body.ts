import type { FastifyRequest } from 'fastify';
import { DomainError } from '#core/errors.ts';
import { mediaType, readJson, readText } from '#http/body.ts';
import { EdgeFault } from '#http/refusals.ts';

/**
 * Reads the body of a request, a JSON object. To be called after the caller and the object are known, since their faults
 * are told first (contract 5.2). Refuses another media type with 415, and no body.
 */
export function bodyOf(request: FastifyRequest): Record<string, unknown> {
  const contentType = request.headers['content-type'];
  const bytes = request.body;
  if (!Buffer.isBuffer(bytes)) throw new DomainError('request.invalid', { detail: 'A body is needed.' });
  if (mediaType(contentType) !== 'application/json') throw new EdgeFault('media_type');
  const value = readJson(readText(bytes, contentType));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new DomainError('request.invalid', { detail: 'The body is not an object.' });
  }
  return value as Record<string, unknown>;
}
