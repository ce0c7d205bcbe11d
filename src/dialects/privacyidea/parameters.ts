import type { FastifyRequest } from 'fastify';
import { DomainError } from '#core/errors.ts';
import { mediaType, readForm, readText, safe } from '#http/body.ts';

/** What a body holds; one source of parameters among four. */
interface Body {
  readonly json: Readonly<Record<string, unknown>>;
  readonly form: Readonly<Record<string, string>>;
  /** Uploaded files by the name of their field. */
  readonly files: Readonly<Record<string, Buffer>>;
}

const NOTHING: Body = { json: {}, form: {}, files: {} };

/**
 * All parameters of a request, whichever way they came: path over JSON over query over form, and of a repeated name the
 * first (contract 1.5). Without prototype, so any name is only a name.
 */
export function parameters(request: FastifyRequest): Record<string, unknown> {
  const { json, form } = (request.body as Body | undefined) ?? NOTHING;
  const query: Record<string, unknown> = Object.create(null);
  for (const [name, value] of Object.entries(request.query as Record<string, unknown>)) {
    query[name] = Array.isArray(value) ? value[0] : value;
  }
  return Object.assign(Object.create(null), form, query, json, request.params);
}

/** The files that a request uploads. */
export const files = (request: FastifyRequest): Body['files'] =>
  (request.body as Body | undefined)?.files ?? {};

/** Multipart by its content type; an object in JSON, whatever the type says; else a form. */
export async function readBody(request: FastifyRequest, bytes: Buffer): Promise<Body> {
  const contentType = request.headers['content-type'];
  const type = mediaType(contentType);
  if (type === 'multipart/form-data') return readMultipart(contentType as string, bytes);
  const text = readText(bytes, contentType);
  const json = readObject(text);
  if (json) return { ...NOTHING, json };
  // What is neither is not looked at, as the original does.
  return type === 'application/x-www-form-urlencoded' || type === ''
    ? { ...NOTHING, form: readForm(text) }
    : NOTHING;
}

function readObject(text: string): Record<string, unknown> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (safe(value) as Record<string, unknown>)
    : undefined;
}

/** Node reads multipart itself; that what is sent is no such thing is all that can go wrong. */
async function readMultipart(contentType: string, bytes: Buffer): Promise<Body> {
  const form: Record<string, unknown> = Object.create(null);
  const uploads: Record<string, Buffer> = Object.create(null);
  const headers = { 'content-type': contentType };
  const parts = await new Response(bytes as Buffer<ArrayBuffer>, { headers }).formData().catch(() => {
    throw new DomainError('request.invalid', { detail: 'The multipart body is not well formed.' });
  });
  for (const [name, value] of parts) {
    if (typeof value === 'string') form[name] ??= value;
    else uploads[name] ??= Buffer.from(await value.arrayBuffer());
  }
  safe(form);
  return { json: {}, form: form as Body['form'], files: uploads };
}
