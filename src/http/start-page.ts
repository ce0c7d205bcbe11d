import { createHash } from 'node:crypto';
import type { Dialect } from './dialect.ts';

const STYLE =
  'body{font:1rem/1.5 system-ui,sans-serif;max-width:42rem;margin:4rem auto;padding:0 1rem;color-scheme:light dark}' +
  'h1{font-size:1.5rem}td{padding:.2rem 1rem .2rem 0;vertical-align:top}code{font-size:.9em}';

const styleHash = createHash('sha256').update(STYLE).digest('base64');

/** No script, no other origin; the one style is allowed by its hash. */
export const START_PAGE_POLICY = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

type Line = readonly [what: string, address: string, more?: string];

const WINDOWS: Readonly<Record<Dialect['name'], Line>> = {
  myid: ['MyID Core API', '/rest.core/api', '<a href="/rest.core/swagger/index.html">documentation</a>'],
  oauth2: [
    'OAuth 2.0 and OpenID Connect',
    '/web.oauth2',
    '<a href="/web.oauth2/.well-known/openid-configuration">discovery</a>',
  ],
  privacyidea: ['privacyIDEA API', '/validate, /auth, /token …'],
  loginid: ['LoginID API', '/register, /authenticate, /tx …'],
  authx: ['AuthX public API', '/authx'],
  nevisidm: ['nevisIDM API', '/nevisidm/api'],
};

/** What a person sees who opens the server's address in a browser. */
export function startPage(mounted: Iterable<Dialect>): string {
  const rows = Array.from(mounted, ({ name }) => {
    const [what, address, more = ''] = WINDOWS[name];
    return `<tr><td>${what}</td><td><code>${address}</code></td><td>${more}</td></tr>`;
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Signet</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Signet</h1>
<p>This server keeps the credentials of an organisation: its people, what each of them may hold, and how they and their
programs sign in. It is spoken to through these APIs:</p>
<table>
${rows.join('\n')}
</table>
<p>Is it well? <a href="/readyz">Ready</a>, <a href="/healthz">alive</a>.</p>
</body>
</html>
`;
}
