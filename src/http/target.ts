import { type Owner, ownerOf } from './segments.ts';

/** What a request is for: its path in clear, and whose it is. */
export interface Target {
  /** As sent, without the query, at most 200 characters: for answers and logs. */
  readonly path: string;
  /** Percent-decoded, in lower case, without a slash at the end: for looking up. */
  readonly canonical: string;
  /** Undefined for a path that nobody owns. */
  readonly owner: Owner | undefined;
  /** Of an endpoint that is known and has no route: what is logged in place of the path. */
  readonly pattern?: string;
  /** Why no resource can have this address: an empty or dotted segment, a NUL, a bad percent-encoding. */
  readonly fault: string | undefined;
}

const SHOWN = 200;
/** Scheme and authority of the absolute form, which a server must take too (RFC 9112 3.2.2). */
const ABSOLUTE = /^https?:\/\/[^/?#]*/i;

/** Reads a request target. Never throws, whatever was sent. */
export function readTarget(url: string): Target {
  const start = url.startsWith('/') ? 0 : (ABSOLUTE.exec(url)?.[0].length ?? 0);
  const query = url.indexOf('?', start);
  const sent = url.slice(start, query === -1 ? undefined : query) || '/';
  const segments = sent.split('/').slice(1);
  if (segments.at(-1) === '') segments.pop(); // a slash at the end is the same resource
  let fault = url.includes('%00') ? 'The address holds a NUL character.' : undefined;
  for (const [i, segment] of segments.entries()) {
    const decoded = segment.includes('%') ? decode(segment) : segment;
    if (decoded === undefined) fault ??= 'The address has a malformed percent-encoding.';
    // An encoded dot is the same as a bare one (RFC 3986 6.2.2.2).
    if (decoded === '.' || decoded === '..') fault ??= 'The address has a dotted segment.';
    if (decoded === '') fault ??= 'The address has an empty segment.';
    segments[i] = (decoded ?? segment).toLowerCase();
  }
  return {
    path: sent.length > SHOWN ? `${sent.slice(0, SHOWN)}…` : sent,
    canonical: `/${segments.join('/')}`,
    owner: ownerOf(segments.filter((segment) => segment !== '')),
    fault,
  };
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
