import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { defineAttribute, removeAttribute } from '#core/people/attributes.ts';
import { addRole, removeRole } from '#core/roles/roles.ts';
import { restCoreSettings, server } from '#test/server.ts';
import { WS } from './codes.ts';
import { OPERATIONS } from './operations.ts';

const on = await server();
type Options = Parameters<typeof restCoreSettings>[0];

interface Operation {
  operationId: string;
  tags: string[];
  description: string;
  responses: Record<string, { description: string }>;
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: {
    schemas: Record<string, { properties: object; required?: string[] }>;
    securitySchemes?: object;
  };
  servers: { url: string }[];
  info: { description: string };
}

const ask = (path: string, headers: Record<string, string> = {}) =>
  on.app.inject({ url: `/rest.core/swagger${path}`, headers });

async function document(options: Options = {}): Promise<Document> {
  on.settings.restCore = restCoreSettings(options);
  const answer = await ask('/v1/swagger.json');
  assert.equal(answer.statusCode, 200);
  return answer.json();
}

function operationAt({ paths }: Document, method: string, path: string): Operation {
  const operation = paths[path]?.[method];
  assert.ok(operation, `${method} ${path} is not documented`);
  return operation;
}

const membersOf = ({ components }: Document, schema: string) =>
  Object.keys(components.schemas[schema]?.properties ?? {});

const operations = ({ paths }: Document) =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
  );

test('the document is OpenAPI, whatever the options', async () => {
  const on = { documentErrorCodes: true, showPermissions: true, allowTestFromDocumentation: true };
  const off = { documentMIReports: false, orderAlphabetically: false };
  for (const options of [{}, on, off]) {
    const { valid, errors } = await new Validator().validate({ ...(await document(options)) });
    assert.ok(valid, JSON.stringify(errors, null, 1));
  }
});

test('every operation of the API is in it, under the address it is served at', async () => {
  const documented = operations(await document()).map(
    ({ method, path }) => `${method.toUpperCase()} ${path}`,
  );
  const served = Object.values(OPERATIONS)
    .map(({ method, path }) => `${method} /api${path}`)
    .filter((row) => row !== 'GET /api/Reports/{reportId}');
  assert.deepEqual(
    served.filter((row) => !documented.includes(row)),
    [],
  );
  for (const row of documented) {
    const [method, path = ''] = row.split(' ');
    const url = `/rest.core${path.replaceAll(/\{\w+\}/g, 'x')}`;
    const answer = await on.app.inject({ method: method as 'GET', url });
    assert.equal(answer.statusCode, 401, `${row} is not served`);
  }
});

test('its server is where the caller sees this one', async () => {
  on.settings.restCore = restCoreSettings();
  const headers = { host: 'id.example.com', 'x-forwarded-proto': 'https' };
  const { servers } = (await ask('/v1/swagger.json', headers)).json();
  assert.deepEqual(servers, [{ url: 'https://id.example.com/rest.core' }]);
});

test('a custom attribute is in it from the moment it is defined', async () => {
  assert.ok(!membersOf(await document(), 'Person').includes('costCentre'));
  await defineAttribute(on.ctx, { name: 'costCentre', type: 'text', required: true, maxLength: 6 });
  const after = await document();
  assert.ok(membersOf(after, 'Person').includes('costCentre'));
  assert.ok(after.components.schemas.NewPerson?.required?.includes('costCentre'));
  await removeAttribute(on.ctx, 'costCentre');
  assert.ok(!membersOf(await document(), 'Person').includes('costCentre'));
});

test('MYID-C9 without GenerateDocumentation nothing of it can be reached', async () => {
  on.settings.restCore = restCoreSettings({ generateDocumentation: false });
  for (const path of [
    '',
    '/',
    '/index.html',
    '/v1/swagger.json',
    '/oauth2-redirect.html',
    '/swagger-ui-bundle.js',
  ]) {
    assert.equal((await ask(path)).statusCode, 404, path);
  }
  on.settings.restCore = restCoreSettings();
  assert.equal((await ask('/index.html')).statusCode, 200);
});

const TEN = [
  'Add Person',
  'Edit Person',
  'View Person',
  'Edit PIV Applicant',
  'Request Card',
  'Request Replacement Card',
  'Approve Person',
  'Unapprove Person',
  'Initial PIV Enrollment',
  'Update PIV Applicant',
];
const TWENTY =
  'Operator,Personnel,Registrar,SecurityGroupC,Startup User,Help Desk,PIV Applicant Editor,Sponsor,Adjudicator,Issuer,Manager,PasswordUser,Security Chief,Security Officer,SecurityGroupB,Signatory,System,Applicant,Cardholder,SecurityGroupA';

/** The row of operation 100109 in the table of permissions. */
async function imageRow(): Promise<string[][]> {
  const shown = await document({ showPermissions: true });
  const { description } = operationAt(shown, 'get', '/api/People/{id}/images/{imageField}');
  assert.match(description, /\| Operation ID \| Granted By \| Available To \|/);
  const [, op = '', granted = '', available = ''] = /\| (\d+) \| (.*) \| (.*) \|$/.exec(description) ?? [];
  return [[op], granted.split('<br>'), available.split('<br>')];
}

test('MYID-C10 ShowPermissions tells of operation 100109 its ten options and the twenty roles', async () => {
  const [op, granted, available] = await imageRow();
  assert.deepEqual(op, ['100109']);
  assert.deepEqual(granted?.toSorted(), TEN.toSorted());
  assert.deepEqual(available?.toSorted(), TWENTY.split(',').toSorted());
});

test('MYID-C10 a role of the site is told at once, and what its name holds is only text', async () => {
  const role = await addRole(on.ctx, { name: '<b>|External`', operations: ['View Person'] });
  const [, , available] = await imageRow();
  assert.ok(available?.includes('&#60;b&#62;&#124;External&#96;'));
  await removeRole(on.ctx, role.id);
});

test('MYID-C10 without ShowPermissions there is no table', async () => {
  assert.ok(operations(await document()).every(({ description }) => !description.includes('Granted By')));
});

test('an operation that asks for no option has no table', async () => {
  const { description } = operationAt(await document({ showPermissions: true }), 'get', '/api/Attributes');
  assert.ok(!description.includes('Granted By'));
});

test('MYID-C11 AllowTestFromDocumentation gives both flows and says how to sign in', async () => {
  const { components, info } = await document({ allowTestFromDocumentation: true });
  const scopes = { 'myid.rest.basic': 'Scope restricted access to MyID' };
  const [tokenUrl, authorizationUrl] = ['token', 'authorize'].map(
    (end) => `http://localhost:80/web.oauth2/connect/${end}`,
  );
  assert.deepEqual(components.securitySchemes, {
    oauth2: {
      type: 'oauth2',
      flows: {
        clientCredentials: { tokenUrl, scopes },
        authorizationCode: { authorizationUrl, tokenUrl, scopes },
      },
    },
  });
  assert.match(info.description, /Authorize/);
  assert.match((await ask('/swagger-initializer.js')).body, /"supportedSubmitMethods":\["get"/);
});

test('MYID-C11 without it there is neither', async () => {
  const { components, info } = await document();
  assert.equal(components.securitySchemes, undefined);
  assert.doesNotMatch(info.description, /Authorize/);
  assert.match((await ask('/swagger-initializer.js')).body, /"supportedSubmitMethods":\[\]/);
});

test('DocumentErrorCodes lists codes and messages under each status', async () => {
  const of = async (documentErrorCodes: boolean) =>
    operationAt(await document({ documentErrorCodes }), 'post', '/api/People').responses[400]?.description ??
    '';
  assert.equal(await of(false), 'Bad Request');
  const listed = await of(true);
  assert.ok(listed.includes(`\`WS30004\` ${WS.WS30004.message}`));
  assert.ok(listed.includes("`WS30015` Validation problem, the value for '{0}', is mandatory"));
});

test('DocumentMIReports decides whether the reports are in it', async () => {
  const reports = (d: Document) => Object.keys(d.paths).filter((path) => /^\/api\/Reports\/\d+$/.test(path));
  assert.deepEqual(reports(await document()), ['/api/Reports/190503', '/api/Reports/290015']);
  assert.deepEqual(reports(await document({ documentMIReports: false })), []);
});

test('OrderAlphabetically sorts the calls within each category', async () => {
  const paths = (d: Document) => operations(d).map(({ tags, path }) => `${tags} ${path}`);
  const sorted = paths(await document());
  assert.deepEqual(sorted, sorted.toSorted());
  const unsorted = paths(await document({ orderAlphabetically: false }));
  assert.notDeepEqual(unsorted, sorted);
  assert.deepEqual(unsorted.toSorted(), sorted);
});

test('the page loads nothing from elsewhere and holds no script of its own', async () => {
  const page = await ask('/Index.HTML');
  assert.equal(page.statusCode, 200);
  assert.match(String(page.headers['content-type']), /^text\/html/);
  assert.match(String(page.headers['content-security-policy']), /default-src 'none'; script-src 'self';/);
  assert.doesNotMatch(String(page.headers['content-security-policy']), /unsafe|https?:/);
  assert.doesNotMatch(page.body, /https?:|<script>|onload=/);
  for (const [, file] of page.body.matchAll(/(?:src|href)="([\w.-]+)"/g)) {
    assert.equal((await ask(`/${file}`)).statusCode, 200, file);
  }
});

test('the page that a sign-in returns to is served with its script', async () => {
  const page = await ask('/oauth2-redirect.html');
  assert.equal(page.statusCode, 200);
  assert.match(page.body, /<script src="oauth2-redirect.js">/);
  assert.equal((await ask('/oauth2-redirect.js')).statusCode, 200);
});

test('the files are sent packed, and not again when they have not changed', async () => {
  const packed = await ask('/swagger-ui.css', { 'accept-encoding': 'gzip, br' });
  assert.equal(packed.headers['content-encoding'], 'gzip');
  const again = await ask('/swagger-ui.css', { 'if-none-match': String(packed.headers.etag) });
  assert.equal(again.statusCode, 304);
});

test('the address without a page leads to it', async () => {
  for (const path of ['', '/']) {
    const { statusCode, headers } = await ask(path);
    assert.deepEqual(
      [statusCode, headers.location],
      [302, 'http://localhost:80/rest.core/swagger/index.html'],
    );
  }
});
