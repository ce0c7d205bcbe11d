/** A JWS in compact serialisation (RFC 7515 3.1), taken apart and not yet believed. */
export interface CompactJws {
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Readonly<Record<string, unknown>>;
  /** What the signature is over. */
  readonly signingInput: Buffer;
  readonly signature: Buffer;
}

/** Characters; more is no token of ours. */
const LONGEST = 16_384;
const FORM = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** Takes a signed JWT apart; undefined for what is none. Decodes strictly, so that a token has one spelling only. */
export function parseCompact(token: string): CompactJws | undefined {
  if (token.length > LONGEST || !FORM.test(token)) return undefined;
  const afterHeader = token.indexOf('.');
  const afterPayload = token.lastIndexOf('.');
  const header = readPart(token.slice(0, afterHeader));
  const payload = readPart(token.slice(afterHeader + 1, afterPayload));
  const signature = decode(token.slice(afterPayload + 1));
  if (!header || !payload || !signature) return undefined;
  return { header, payload, signingInput: Buffer.from(token.slice(0, afterPayload), 'latin1'), signature };
}

function readPart(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(decode(text)?.toString('utf8') ?? '');
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function decode(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
}
