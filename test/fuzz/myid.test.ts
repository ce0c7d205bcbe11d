import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addGroup } from '#core/groups/groups.ts';
import { defineAttribute } from '#core/people/attributes.ts';
import { addPerson } from '#core/people/people.ts';
import { addRole } from '#core/roles/roles.ts';
import { DOCUMENTED } from '#dialects/myid/documented.ts';
import {
  type Category,
  OPERATION_NAMES,
  OPERATIONS,
  type Operation,
  type OperationName,
} from '#dialects/myid/operations.ts';
import { parametersOf, REPORTS } from '#dialects/myid/report-catalogue.ts';
import { server } from '#test/server.ts';
import { anyJson, broken, hostileText, mutated, within } from './hostile.ts';

/** Requests per operation. */
const RUNS = 40;

const on = await server();
const finance = await on.group('Finance');
const sales = await on.group('Sales');
// Enough of each that some outlive the operations that remove them.
const known = { People: [] as string[], Roles: [] as string[], Groups: [] as string[] };
for (let n = 0; n < 40; n++) {
  const person = { logonName: `target${n}`, firstName: 'T', groupId: finance };
  known.People.push((await addPerson(on.ctx, person)).id);
  known.Roles.push((await addRole(on.ctx, { name: `fuzz${n}` })).id);
  known.Groups.push((await addGroup(on.ctx, { name: `fuzz${n}`, parent: finance })).id);
}
const names: Partial<Record<Category, readonly string[]>> = {
  ...known,
  Settings: ['Password Minimum Length', 'set expiry date at request'],
  Attributes: ['custom'],
  Reports: Object.keys(REPORTS),
};

/** Bodies that would be good; most of what is sent is one of them with something put in the wrong place. */
const GOOD: Partial<Record<OperationName, () => object>> = {
  addPerson: () => newPerson(),
  editPerson: () => newPerson(),
  disablePerson: () => ({ reason: 'r' }),
  setImage: () => ({ image: { data: 'AAAA', mimetype: 'image/png' } }),
  addGroup: () => newGroup(),
  editGroup: () => newGroup(),
  moveGroup: () => ({ parent: { id: sales } }),
  addRole: () => newRole(),
  editRole: () => newRole(),
  editSetting: () => ({ value: '12' }),
  defineAttribute: () => ({
    name: unique('a'),
    label: 'L',
    type: 'text',
    maxLength: 5,
    pattern: '[a-z]*',
    choices: [],
  }),
};

let made = 0;
const unique = (start: string) => `${start}${made++}`;

const newPerson = () => ({
  logonName: unique('new'),
  name: { first: 'F', middle: 'M', last: 'L', title: 'T' },
  group: { id: finance },
  roles: [{ id: 'Cardholder', scope: 'self' }],
  account: { cn: 'c', dn: 'd', domain: 'd', ou: 'o', samAccountName: 's', sysLogonName: 's', upn: 'u' },
  contact: { emailAddress: 'a@b.example', phone: '1', further: [{ type: 'phone', value: '4', label: 'l' }] },
  employeeId: '1',
  enabled: '1',
  personal: { dateOfBirth: '1970-01-01' },
  aliases: [unique('alias')],
  externalIds: [{ source: 's', value: unique('v') }],
  custom: 1,
});
const newGroup = () => ({
  name: unique('G'),
  desc: 'd',
  ou: 'o',
  parent: { id: finance },
  rolesLimited: '0',
  roles: [{ id: 'Cardholder', defaultScope: 'self' }],
  tenant: '0',
});
const newRole = () => ({
  name: unique('R'),
  desc: 'd',
  derivedFrom: { id: 'Allow None' },
  operations: ['View Person'],
  mechanisms: ['Smart Card'],
});
await defineAttribute(on.ctx, { name: 'custom', type: 'number' });

const knownText = fc.constantFrom(...Object.values(names).flat());
const leaf = fc.oneof(
  { weight: 3, arbitrary: hostileText },
  { weight: 3, arbitrary: knownText },
  fc.double(),
  fc.maxSafeInteger(),
  fc.boolean(),
  fc.constantFrom(
    '1',
    '0',
    'Yes',
    'text',
    'choice',
    'self',
    'all',
    'division',
    'a@b.example',
    '1980-01-31',
    'AAAA',
  ),
  fc.constant(null),
);
const anything = fc.oneof(leaf, anyJson);

const bodyOf = (good: (() => object) | undefined) =>
  fc.oneof(
    {
      weight: 8,
      arbitrary: (good ? mutated(good, anything) : anything).map((value) => JSON.stringify(value) ?? ''),
    },
    { weight: 2, arbitrary: broken },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );

const headers = fc.record(
  {
    'content-type': fc.constantFrom(
      'application/json',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'text/plain; charset=utf-16',
      'application/json; charset=klingon',
      'nonsense',
      '',
    ),
    accept: fc.constantFrom('image/jpeg', '*/*', 'text/html', ',,,'),
    'x-api-version': fc.constantFrom('1', ' 1 ', '1', '1.0', '', '1', '1', '1', 'x', '2'),
    client_identifier: fc.string({ unit: fc.constantFrom('a', ' ', 'é', '\t', '"'), maxLength: 400 }),
    'accept-encoding': fc.constantFrom('gzip', 'x'),
    origin: fc.constantFrom('null', 'http://evil.example'),
  },
  { requiredKeys: [] },
);
const bearer = fc.oneof(
  { weight: 12, arbitrary: fc.constant(on.bearer('operator').authorization) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'Bearer',
      'Bearer x',
      'Basic eDp5',
      `Bearer ${'a.'.repeat(500)}`,
      'bearer a b',
    ),
  },
);

function addressOf(operation: Operation): fc.Arbitrary<string> {
  const parts = operation.path.split(/(\{\w+\})/).map((part) => {
    if (!part.startsWith('{')) return fc.constant(part);
    const field = part === '{imageField}' ? ['photo', 'PHOTO'] : (names[operation.category] ?? ['x']);
    return fc
      .oneof({ weight: 6, arbitrary: fc.constantFrom(...field) }, { weight: 1, arbitrary: hostileText })
      .map((text) => encode(text) || 'x');
  });
  return fc.tuple(...parts).map((filled) => `/rest.core/api${filled.join('')}`);
}

/** Percent-encodes what can be; a lone half of a character cannot. */
const encode = (text: string): string => encodeURIComponent(text.toWellFormed());

function queryOf(names: readonly string[]): fc.Arbitrary<string> {
  const name = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...names, 'confirm', 'q', 'page', 'after') },
    hostileText.map(encode),
  );
  const value = fc.oneof(
    { weight: 4, arbitrary: leaf.map((v) => encode(String(v))) },
    fc.constantFrom('%', '%zz', '%00', '%ff', '1', 'true'),
  );
  return fc
    .array(fc.tuple(name, value), { maxLength: 4 })
    .map((pairs) => pairs.map((pair) => pair.join('=')).join('&'));
}

const statuses = new Map<number, number>();

const removing = (name: OperationName) => Number(OPERATIONS[name].method === 'DELETE');

// What removes comes last, so that there is something for the others.
for (const name of OPERATION_NAMES.toSorted((a, b) => removing(a) - removing(b))) {
  const operation: Operation = OPERATIONS[name];
  const { query = [] } = DOCUMENTED[name];
  const inReports = name === 'readReport' ? Object.values(REPORTS).flatMap(parametersOf) : [];
  const parameters = [...query, ...inReports].map((parameter) => parameter.name);

  test(`${operation.method} ${operation.path} meets hostile input with a clear answer`, async () => {
    const request = fc.record({
      address: addressOf(operation),
      query: queryOf(parameters),
      headers,
      authorization: bearer,
      body: bodyOf(GOOD[name]),
    });
    await fc.assert(
      fc.asyncProperty(request, async ({ address, query, headers, authorization, body }) => {
        const url = query ? `${address}?${query}` : address;
        const sent = { ...headers, authorization };
        const asked = on.app.inject({
          method: operation.method,
          url,
          headers: sent,
          ...(body !== undefined && { payload: body }),
        });
        const answer = await within(asked);
        statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1);
        judge(answer.statusCode, String(answer.headers['content-type'] ?? ''), answer.body);
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
  });
}

test('the caller was known and heard throughout', async () => {
  const answer = await on.app.inject({ url: '/rest.core/api/People', headers: on.bearer('operator') });
  assert.equal(answer.statusCode, 200);
  for (const status of [200, 400, 401, 404]) {
    assert.ok((statuses.get(status) ?? 0) > 20, `${status}: ${[...statuses].join(' ')}`);
  }
  assert.ok(!Object.hasOwn(Object.prototype, 'isAdmin'));
});

/** Every answer is a success, an error of the API, a problem document or the empty 401; none tells of the inside. */
function judge(status: number, type: string, body: string): void {
  assert.ok(status < 500, `${status} ${body}`);
  if (status === 200) return;
  assert.doesNotMatch(body, /\n\s+at |node_modules|\.ts:\d|postgres|syntax error|undefined/i);
  if (status === 401) {
    assert.equal(body, '');
  } else if (type.startsWith('application/problem+json')) {
    assert.equal(JSON.parse(body).status, status);
  } else {
    assert.match(JSON.parse(body).code, /^WS\d{5}$/);
  }
}
