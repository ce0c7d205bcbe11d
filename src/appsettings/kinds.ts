import { findingAt, type Report } from './findings.ts';
import type { Setting } from './layers.ts';

/** What a single value may be, and what becomes of it. */
export interface Kind<T> {
  /** As the manual names it. */
  readonly name: string;
  /** Ends the sentence "'AccessTokenLifetime' takes …". */
  readonly takes: string;
  /** True where a fault must not show what was given. */
  readonly secret?: boolean;
  /** Undefined when the value does not fit. */
  parse(given: Setting, report: Report): T | undefined;
}

function words(name: string, takes: string, fits: (text: string) => boolean): Kind<string> {
  return {
    name,
    takes,
    parse: (given) => (given.kind === 'text' && fits(given.text) ? given.text : undefined),
  };
}

export const text = words('text', 'a text', (given) => given !== '');

/** An empty text is the same as none. */
export const optionalText: Kind<string | null> = {
  ...text,
  parse: (given) => (given.kind === 'text' ? given.text || null : undefined),
};

/** RFC 6749 A.1. */
export const clientId = words('text', 'printable ASCII characters', (given) => /^[\x20-\x7e]+$/.test(given));

/** RFC 6749 3.3: a space would make it two scopes. */
export const scopeName = words(
  'text',
  'a name of printable ASCII characters without spaces, quotes and backslashes',
  (given) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(given),
);

/** RFC 9110 5.1. The header's value goes into the audit, so it must not be one that holds credentials. */
export const headerName = words(
  'header name',
  'the name of an HTTP header that carries no credentials',
  (given) => {
    const credentials = /^(authorization|proxy-authorization|cookie|set-cookie|x-api-key)$/i.test(given);
    return /^[\w!#$%&'*+.^`|~-]+$/.test(given) && !credentials;
  },
);

/**
 * RFC 6749 3.1.2: absolute and without fragment; in ASCII because it goes into a header as it is. A scheme of an
 * application's own has a dot in it (RFC 8252 8.4), which leaves out `javascript:` and `localhost:5500/`.
 */
export const redirectUri = words(
  'URI',
  'an absolute URI in ASCII without a fragment, beginning with http://, https:// or a scheme with a dot in it',
  (given) => {
    const scheme = /^(https?:\/\/[^/\\]|[a-z][a-z0-9+-]*\.[a-z0-9+.-]*:)/i;
    return scheme.test(given) && /^[\x21\x24-\x7e]+$/.test(given) && URL.canParse(given);
  },
);

/** Quoted or not. */
export const flag: Kind<boolean> = {
  name: 'true or false',
  takes: 'true or false',
  parse: (given) => {
    if (given.kind === 'flag') return given.value;
    if (given.kind !== 'text' || !/^\s*(true|false)\s*$/i.test(given.text)) return undefined;
    return given.text.trim().toLowerCase() === 'true';
  },
};

/** Whole seconds, quoted or not; at most as many as .NET's int holds. */
export const seconds: Kind<number> = {
  name: 'seconds',
  takes: 'a whole number of seconds from 1 to 2147483647',
  parse: (given) => {
    if (given.kind !== 'number' && given.kind !== 'text') return undefined;
    const number = /^\s*\+?\d{1,20}\s*$/.test(given.text) ? Number(given.text) : 0;
    return number >= 1 && number <= 2147483647 ? number : undefined;
  },
};

export function oneOf<const Value extends string>(...values: readonly Value[]): Kind<Value> {
  const listed = values.map((value) => `\`${value}\``).join(', ');
  return {
    name: listed,
    takes: `one of ${values.map((value) => `"${value}"`).join(', ')}`,
    parse: (given) => (given.kind === 'text' ? values.find((value) => value === given.text) : undefined),
  };
}

/** base64(SHA-256(secret)). Not shown in faults: what does not fit is as a rule the secret itself. */
export const secretHash: Kind<Uint8Array> = {
  name: 'base64 of a SHA-256 hash',
  takes: 'the base64 text of a SHA-256 hash: 32 bytes, 44 characters',
  secret: true,
  parse: (given) =>
    given.kind === 'text' && /^[A-Za-z0-9+/]{43}=$/.test(given.text)
      ? Buffer.from(given.text, 'base64')
      : undefined,
};

/** One that no browser can ever send is told and kept; `matchableOrigins` leaves it out. */
export const origin: Kind<string> = {
  name: 'origin',
  takes: 'an origin such as "https://host" or "http://127.0.0.1:5500"',
  parse: (given, report) => {
    if (given.kind !== 'text') return undefined;
    const sent = originAsSent(given.text);
    if (sent === undefined) {
      const reason = `"${given.text.slice(0, 80)}" never matches: an origin is a scheme, a host and perhaps a port, without a slash at its end.`;
      report.notices.push(findingAt('origin.unmatched', given.at, reason));
    }
    return sent ?? given.text;
  },
};

/** The origin as browsers write it (RFC 6454 6.2): lower case, no default port. Undefined when it is not an origin. */
function originAsSent(written: string): string | undefined {
  if (!/^[a-z][a-z0-9+.-]*:\/\/[^/?#@\\\s]+$/i.test(written) || !URL.canParse(written)) return undefined;
  const { origin: sent } = new URL(written);
  return sent === 'null' ? written.toLowerCase() : sent;
}

export function matchableOrigins(entries: Iterable<string>): ReadonlySet<string> {
  return new Set([...entries].filter((entry) => originAsSent(entry) !== undefined));
}
