import type { Answer } from './dialect.ts';

const TITLE = 'HTTP Error 500.30 - ANCM In-Process Start Failure';

/**
 * What every path of a service says that has no configuration it could work with: its files were broken when it was to
 * start. Monitoring of such services looks for this text.
 */
export const BROKEN_SERVICE: Answer = {
  status: 500,
  type: 'text/html; charset=utf-8',
  body: `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${TITLE}</title></head>
<body>
<h1>${TITLE}</h1>
<p>The service could not be started with its configuration files. The log names the file, the line and the byte;
<code>signet check-config</code> shows the same.</p>
</body>
</html>
`,
};
