import type { RestCoreSettings } from '#appsettings/rest-core-settings.ts';

/** Nothing from elsewhere, no script in the page; Swagger UI carries its pictures as data and sets styles itself. */
export const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export const INDEX_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>MyID Core API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="swagger-ui-bundle.js"></script>
<script src="swagger-initializer.js"></script>
</body>
</html>
`;

/** The script that opens the document. Addresses are found from the page's own, so that it works behind any proxy. */
export function initializer({
  allowTestFromDocumentation: testable,
}: RestCoreSettings['swaggerApiDocumentation']): string {
  const options = {
    dom_id: '#swagger-ui',
    deepLinking: true,
    layout: 'BaseLayout',
    validatorUrl: null,
    supportedSubmitMethods: testable ? ['get', 'post', 'patch', 'delete'] : [],
  };
  return `const here = new URL('.', window.location.href);
const ui = SwaggerUIBundle({
  ...${JSON.stringify(options)},
  url: new URL('v1/swagger.json', here).href,
  oauth2RedirectUrl: new URL('oauth2-redirect.html', here).href,
});
ui.initOAuth({
  scopes: 'myid.rest.basic',
  usePkceWithAuthorizationCodeGrant: true,
});
`;
}
