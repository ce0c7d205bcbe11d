import { STATUS_CODES } from 'node:http';
import type { RestCoreSettings } from '#appsettings/rest-core-settings.ts';
import type { AttributeDefinition } from '#core/people/attributes.ts';
import { grantedBy, type Permission } from '#core/roles/permissions.ts';
import type { Role } from '#core/roles/roles.ts';
import { type Code, WS, type WsCode } from './codes.ts';
import { DOCUMENTED, type Documented } from './documented.ts';
import { OPERATION_NAMES, OPERATIONS, type Operation } from './operations.ts';
import { parametersOf, REPORTS, type WireReport } from './report-catalogue.ts';
import { ref, type Schema, schemas } from './schemas.ts';

/** What the documentation is made of beside the table of operations: the live system, as callers see it. */
export interface LiveSystem {
  publicUrl: string;
  attributes: readonly AttributeDefinition[];
  /** For the permissions; read only where they are shown. */
  roles: readonly Role[];
}

type Options = RestCoreSettings['swaggerApiDocumentation'];
type Row = Operation & Documented;

const SCOPE = { 'myid.rest.basic': 'Scope restricted access to MyID' };

/** The OpenAPI document of the API as it is now: its routes, and the custom attributes of its people. */
export function openapi(options: Options, system: LiveSystem): object {
  const rows = rowsOf(options);
  const { allowTestFromDocumentation: testable } = options;
  return {
    openapi: '3.0.3',
    info: {
      title: 'MyID Core API',
      version: 'v1',
      description: testable ? `${ABOUT}\n\n${HOW_TO_TEST}` : ABOUT,
    },
    servers: [{ url: `${system.publicUrl}/rest.core` }],
    tags: [...new Set(rows.map(({ category }) => category))].map((name) => ({ name })),
    paths: paths(rows, options, system),
    components: {
      schemas: schemas(system.attributes),
      ...(testable && { securitySchemes: { oauth2: oauth2(system.publicUrl) } }),
    },
    ...(testable && { security: [{ oauth2: Object.keys(SCOPE) }] }),
  };
}

const ABOUT =
  'People, groups and what belongs to them. Every call needs an access token of the authentication service ' +
  '`/web.oauth2` in the header `Authorization: Bearer`, and finds what the roles of its bearer allow, as far as their scope reaches.';

const HOW_TO_TEST =
  'To try calls from this page, choose **Authorize**. As a program (clientCredentials): the client id and its secret. ' +
  'As yourself (authorizationCode): the client id `myid.operatorclient`, or one of your own; ' +
  'this page’s `oauth2-redirect.html` must be among its `RedirectUris`. Tick the scope `myid.rest.basic`.';

/** One scheme with two flows: a page shows them as `oauth2 (OAuth2, clientCredentials)` and `… authorizationCode)`. */
function oauth2(publicUrl: string): object {
  const tokenUrl = `${publicUrl}/web.oauth2/connect/token`;
  const authorizationUrl = `${publicUrl}/web.oauth2/connect/authorize`;
  return {
    type: 'oauth2',
    flows: {
      clientCredentials: { tokenUrl, scopes: SCOPE },
      authorizationCode: { authorizationUrl, tokenUrl, scopes: SCOPE },
    },
  };
}

/** The operations to show, in order. Each report stands as an operation of its own. */
function rowsOf({ documentMIReports, orderAlphabetically }: Options): Row[] {
  const rows = OPERATION_NAMES.flatMap((name): Row[] => {
    const row = { ...OPERATIONS[name], ...DOCUMENTED[name] };
    if (name !== 'readReport') return [row];
    return documentMIReports ? Object.entries(REPORTS).map(([id, report]) => ofReport(row, id, report)) : [];
  });
  if (!orderAlphabetically) return rows;
  const by = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  return rows.toSorted((a, b) => by(a.category, b.category) || by(a.path, b.path) || by(a.method, b.method));
}

const ofReport = (row: Row, id: string, report: WireReport): Row => ({
  ...row,
  op: id,
  desc: report.name,
  path: row.path.replace('{reportId}', id),
  permission: report.permission,
  query: parametersOf(report),
});

function paths(rows: readonly Row[], options: Options, system: LiveSystem): object {
  const out: Record<string, Record<string, object>> = {};
  for (const row of rows) {
    const path = `/api${row.path}`;
    out[path] ??= {};
    out[path][row.method.toLowerCase()] = operation(row, options, system);
  }
  return out;
}

function operation(row: Row, options: Options, { roles }: LiveSystem): object {
  const inPath = [...row.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema:
      name === 'id' && row.category !== 'Roles' ? { type: 'string', format: 'uuid' } : { type: 'string' },
  }));
  const inQuery = (row.query ?? []).map((parameter) => ({ in: 'query', ...parameter }));
  const parameters = [...inPath, ...inQuery];
  const table =
    options.showPermissions && row.permission !== null ? `\n\n${access(row, row.permission, roles)}` : '';
  return {
    tags: [row.category],
    summary: row.desc,
    description: `${row.desc}.${table}`,
    operationId: row.op,
    ...(parameters.length > 0 && { parameters }),
    ...(row.body && {
      requestBody: { required: true, content: { 'application/json': { schema: row.body } } },
    }),
    responses: { 200: { description: 'OK', content: answered(row.answer) }, ...refused(row, options) },
  };
}

const BINARY: Schema = { type: 'string', format: 'binary' };

function answered(answer: Documented['answer']): object {
  if (answer !== 'image') return { 'application/json': { schema: answer } };
  return Object.fromEntries(
    ['image/jpeg', 'image/png', 'image/gif'].map((type) => [type, { schema: BINARY }]),
  );
}

/** Who may call it: the options that grant it, and the roles that have one of them (contract 4.5). */
function access({ op }: Row, permission: Permission, roles: readonly Role[]): string {
  const options = grantedBy(permission);
  const having = roles.filter((role) => options.some((option) => role.operations.includes(option)));
  const lines = (names: readonly string[]) => names.map(escaped).join('<br>');
  const [granted, available] = [lines(options), lines(having.map((role) => role.name))];
  return `| Operation ID | Granted By | Available To |\n| --- | --- | --- |\n| ${op} | ${granted} | ${available} |`;
}

/** A name in a table of Markdown: what means something there or in HTML is made to mean only itself. */
const escaped = (name: string): string =>
  name.replace(/[\n\r]/g, ' ').replace(/[&<>|\\`*_[\]{}()#+!~-]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** The statuses it can refuse with; with `documentErrorCodes` the codes and messages under each. */
function refused(row: Row, { documentErrorCodes }: Options): Record<string, object> {
  const codes = new Set<WsCode>(row.codes);
  if (row.path.includes('{id}') || row.body || row.query) codes.add('WS30001');
  if (row.permission !== null) codes.add('WS50000');
  const byStatus = new Map<number, WsCode[]>([[401, []]]);
  for (const code of codes) {
    const { status } = WS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const statuses = [...byStatus].sort(([a], [b]) => a - b);
  return Object.fromEntries(
    statuses.map(([status, of]) => [status, refusal(status, of, documentErrorCodes)]),
  );
}

function refusal(status: number, codes: readonly WsCode[], listed: boolean): object {
  const reason = STATUS_CODES[status] ?? 'Error';
  const list = codes.toSorted().map((code) => `* \`${code}\` ${messageOf(WS[code])}`);
  const description = listed && list.length > 0 ? `${reason}\n\n${list.join('\n')}` : reason;
  if (codes.length === 0) return { description };
  return { description, content: { 'application/json': { schema: ref('Error') } } };
}

const messageOf = ({ message }: Code): string => (typeof message === 'string' ? message : message('{0}'));
