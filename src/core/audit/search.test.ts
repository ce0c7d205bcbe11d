import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Actor } from '#core/roles/actor.ts';
import { auditServices, contextFor, reader } from '#test/audit.ts';
import { testDatabase } from '#test/database.ts';
import { record } from './audit.ts';
import type { NewEvent } from './event.ts';
import { findEvents } from './search.ts';

const { db } = await testDatabase();
const services = auditServices(db);
const ctx = contextFor(services, reader('session'));

const ZOE = '00000000-0000-4000-8000-0000000000aa';
const TARGET = '00000000-0000-4000-8000-0000000000bb';
const by = (more: Partial<Actor>, minute: number, ip: string | null = null) => ({
  ...contextFor(services, reader('other', { sessionId: null, ...more })),
  origin: { window: 'myid', requestId: 'r', ip, clientIdentifier: 'PC-42' },
  now: new Date(Date.UTC(2026, 2, 1, 10, minute)),
});
const events: [ReturnType<typeof by>, NewEvent][] = [
  [
    by({ id: ZOE, name: 'zoë.müller' }, 1, '10.0.0.1'),
    { operation: 'person.added', target: { kind: 'person', id: TARGET, name: 'Émile Zola' } },
  ],
  [
    by({ id: ZOE, name: 'zoë.müller' }, 2, '10.0.0.2'),
    {
      operation: 'person.edited',
      target: { kind: 'person', id: TARGET, name: 'Émile Zola' },
      details: { email: { from: null, to: 'e@x' }, steps: 2 },
    },
  ],
  [by({ name: 'adam_50%' }, 3, '10.0.0.1'), { operation: 'logon.granted' }],
  [
    by({ name: 'adam_50%' }, 4),
    { operation: 'logon.refused', outcome: 'refused', refusal: 'actor.unauthenticated', count: 3 },
  ],
  [by({ name: 'eve' }, 5), { operation: 'role.granted', outcome: 'failed', message: 'broken' }],
];
for (const [context, event] of events) await record(context, event);

/** The minutes of the events that are found, the newest first. */
async function found(criteria: Record<string, string | undefined>): Promise<number[]> {
  const { events: rows } = await findEvents(ctx, criteria);
  return rows.map((row) => row.at.getUTCMinutes());
}

test('an event is found with everything that was told of it', async () => {
  const [row] = (await findEvents(ctx, { operation: 'person.edited' })).events;
  const { id, endedAt, ...rest } = row ?? assert.fail();
  assert.ok(id > 0 && endedAt instanceof Date);
  assert.deepEqual(rest, {
    operation: 'person.edited',
    title: 'Edit Person',
    operatorName: 'zoë.müller',
    operatorId: ZOE,
    operatorKind: 'person',
    targetName: 'Émile Zola',
    targetId: TARGET,
    targetKind: 'person',
    at: new Date('2026-03-01T10:02:00Z'),
    outcome: 'success',
    refusal: null,
    type: 'audit',
    message: '',
    count: 1,
    wayIn: 'myid',
    mechanism: null,
    clientId: null,
    ip: '10.0.0.2',
    clientIdentifier: 'PC-42',
    values: [
      { name: 'email', from: null, to: 'e@x' },
      { name: 'steps', from: null, to: 2 },
    ],
  });
});

suite('events are found by', () => {
  const cases: [Record<string, string | undefined>, number[]][] = [
    [{}, [5, 4, 3, 2, 1]],
    [{ operator: '', status: undefined }, [5, 4, 3, 2, 1]],
    [{ operation: 'person.added' }, [1]],
    [{ operation: 'EDIT person' }, [2]],
    [{ operation: 'Logon' }, [4, 3]],
    [{ operator: 'MÜLLER' }, [2, 1]],
    [{ operator: 'z*m' }, [2, 1]],
    [{ operator: '_50%' }, [4, 3]],
    [{ operator: '%' }, [4, 3]],
    [{ person: 'émile' }, [2, 1]],
    [{ person: 'nobody' }, []],
    [{ operatorId: ZOE.toUpperCase() }, [2, 1]],
    [{ personId: TARGET }, [2, 1]],
    [{ ip: '10.0.0.1' }, [3, 1]],
    [{ ip: '10.0.0.1', operator: 'adam' }, [3]],
    [{ status: 'refused' }, [4]],
    [{ status: 'Success' }, [3, 2, 1]],
    [{ type: 'Audit' }, [4, 3, 2, 1]],
    [{ type: 'error' }, [5]],
    [{ type: 'trace' }, []],
    [{ type: 'error', status: 'success' }, []],
    [{ after: '2026-03-01T10:03:00Z' }, [5, 4, 3]],
    [{ before: '2026-03-01T10:03:00Z' }, [2, 1]],
    [{ after: '2026-03-01T11:02:00+01:00', before: '2026-03-01 10:04' }, [3, 2]],
    [{ after: '2026-03-01', before: '2026-03-02' }, [5, 4, 3, 2, 1]],
    [{ after: '2026-03-02' }, []],
  ];
  for (const [criteria, minutes] of cases) {
    test(JSON.stringify(criteria), async () => assert.deepEqual(await found(criteria), minutes));
  }

  test('their id', async () => {
    const [row] = (await findEvents(ctx, { status: 'refused' })).events;
    assert.deepEqual(await found({ id: String(row?.id) }), [4]);
    assert.deepEqual(await found({ id: '999999999999999' }), []);
  });
});

test('a search leads from page to page without repeats', async () => {
  for (let n = 0; n < 120; n++) await record(by({ name: 'pages' }, n % 7), { operation: 'image.set' });
  const ids: number[] = [];
  for (let next: Awaited<ReturnType<typeof findEvents>>['next'] = null; ; ) {
    const page = await findEvents(ctx, { operator: 'pages' }, next);
    ids.push(...page.events.map((row) => row.id));
    next = page.next;
    if (!next) break;
  }
  assert.equal(ids.length, 120);
  assert.equal(new Set(ids).size, 120);
});

suite('a search is refused for', () => {
  const cases: [string, string][] = [
    ['after', 'yesterday'],
    ['after', '2026-02-30'],
    ['before', '2026-01-01T24:00:00Z'],
    ['before', '2026-01-01T10:61:00Z'],
    ['before', '99999-01-01'],
    ['operation', 'person.burned'],
    ['operation', '__proto__'],
    ['status', 'perhaps'],
    ['type', 'constructor'],
    ['id', '-1'],
    ['id', '1.5'],
    ['id', '1e3'],
    ['personId', 'susan'],
    ['operatorId', '0'],
    ['operator', 'x'.repeat(257)],
    ['colour', 'red'],
  ];
  for (const [name, value] of cases) {
    test(`${name} ${value.slice(0, 30)}`, async () => {
      await assert.rejects(findEvents(ctx, { [name]: value }), {
        code: 'report.criterion_invalid',
        field: name,
      });
    });
  }

  test('a NUL character, which no event holds', async () => {
    await assert.rejects(findEvents(ctx, { operator: 'a\0b' }), { kind: 'invalid' });
  });

  test('whoever may not read the audit', async () => {
    const nobody = contextFor(services, reader('s', { permissions: new Map() }));
    await assert.rejects(findEvents(nobody, {}), { code: 'actor.forbidden' });
  });
});
