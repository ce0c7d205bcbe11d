import type { FastifyRequest } from 'fastify';
import { DomainError } from '#core/errors.ts';
import { mediaType, readJson, readText } from '#http/body.ts';
import { EdgeFault } from '#http/refusals.ts';
import { refusal } from './errors.ts';

/**
 * Reads the body of a request, a JSON object. To be called by the handler: a service token is spent also when the body
 * then turns out to be bad (contract part 3). Without a content type it is taken for JSON.
 */
export function bodyOf(request: FastifyRequest): Record<string, unknown> {
  const contentType = request.headers['content-type'];
  const bytes = request.body;
  if (!Buffer.isBuffer(bytes)) throw refusal(400, 'missing_body', 'The request needs a body');
  if (contentType !== undefined && mediaType(contentType) !== 'application/json')
    throw new EdgeFault('media_type');
  const value = readJson(readText(bytes, contentType));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new DomainError('request.invalid', { detail: 'The body is not an object.' });
  }
  return value as Record<string, unknown>;
}
