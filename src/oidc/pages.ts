import { createHash } from 'node:crypto';
import type { Answer } from '#http/dialect.ts';

const STYLE =
  'body{font:1rem/1.5 system-ui,sans-serif;max-width:28rem;margin:4rem auto;padding:0 1rem;color-scheme:light dark}' +
  'h1{font-size:1.4rem}';

const styleHash = createHash('sha256').update(STYLE).digest('base64');

/** No script, no other origin; the one style is allowed by its hash. */
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const escaped = (text: string) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** A page for whoever signs in. */
export function page(heading: string, paragraphs: readonly string[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>MyID Authentication</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escaped(heading)}</h1>
${paragraphs.map((text) => `<p>${escaped(text)}</p>`).join('\n')}
</body>
</html>
`;
}

export const pageAnswer = (status: number, heading: string, ...paragraphs: string[]): Answer =>
  pageOf(status, page(heading, paragraphs));

export const pageOf = (status: number, body: string): Answer => ({
  status,
  body,
  type: 'text/html; charset=utf-8',
  headers: { 'content-security-policy': PAGE_POLICY },
});

/** What every request gets while the configuration is broken (contract 3.2); scripts look for this text. */
export const BROKEN: Answer = pageAnswer(
  500,
  'HTTP Error 500.30 - ANCM In-Process Start Failure',
  'The service could not start with its configuration files. The log says which file is at fault, and where.',
);
