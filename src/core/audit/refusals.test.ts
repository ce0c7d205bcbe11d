import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Context } from '#core/context.ts';
import { DomainError, type ErrorCode } from '#core/errors.ts';
import { NOBODY } from '#core/roles/actor.ts';
import { core } from '#test/actors.ts';
import { testDatabase } from '#test/database.ts';
import { createRefusals, type Refusals } from './audit.ts';

const { db } = await testDatabase();
const site = await core(db);

interface Row {
  refusal: string;
  count: number;
  actorName: string;
  ip: string | null;
  clientIdentifier: string | null;
  details: Record<string, unknown>;
}

/** What is written while the work is done. */
async function written(work: (refusals: Refusals) => Promise<unknown>): Promise<Row[]> {
  const [{ last } = { last: 0 }] = await db.sql<{
    last: number;
  }>`select coalesce(max(id), 0) as last from audit_event`;
  const faults: unknown[] = [];
  await work(createRefusals((error) => faults.push(error)));
  assert.deepEqual(faults, []);
  return db.sql<Row>`
    select refusal, count, actor_name, ip, client_identifier, details from audit_event
    where id > ${last} and operation = 'access.refused' and outcome = 'refused' order by id`;
}

const forbidden = new DomainError('actor.forbidden');
const from = (ip: string | null, more: Partial<Context> = {}): Context => {
  const ctx = site.ctx;
  return { ...ctx, ...more, origin: { ...ctx.origin, ip } };
};
const told = (rows: readonly Row[]) => rows.map((row) => [row.refusal, row.count]);
const HOUR = 3_600_000;

suite('refusals', () => {
  test('are written: the first at once, equal ones counted until a minute is over', async () => {
    const rows = await written(async (refusals) => {
      for (let i = 0; i < 100; i++) await refusals.tell(from('192.0.2.1'), forbidden);
      site.clock.time += 59_999;
      await refusals.tell(from('192.0.2.1'), forbidden);
      site.clock.time += 1;
      await refusals.tell(from('192.0.2.1'), forbidden);
    });
    assert.deepEqual(told(rows), [
      ['actor.forbidden', 1],
      ['actor.forbidden', 1],
      ['actor.forbidden', 100],
    ]);
  });

  test('are all written, however many come at once', async () => {
    const rows = await written(async (refusals) => {
      await Promise.all(Array.from({ length: 200 }, () => refusals.tell(from('192.0.2.1'), forbidden)));
      site.clock.time += HOUR;
      await Promise.all(Array.from({ length: 200 }, () => refusals.tell(from('192.0.2.1'), forbidden)));
      await Promise.all([refusals.flush(), refusals.flush()]);
    });
    assert.deepEqual(
      told(rows).toSorted(),
      [1, 1, 199, 199].map((count) => ['actor.forbidden', count]),
    );
  });

  test('are told apart by who, from where, what and about what', async () => {
    const nobody = { ...site.ctx, actor: NOBODY };
    const rows = await written(async (refusals) => {
      await refusals.tell(from('192.0.2.1'), forbidden);
      await refusals.tell(from('192.0.2.2'), forbidden);
      await refusals.tell(from(null), forbidden);
      await refusals.tell(nobody, forbidden);
      await refusals.tell(from('192.0.2.1'), new DomainError('actor.out_of_scope'));
      await refusals.tell(
        from('192.0.2.1'),
        new DomainError('person.value_invalid', { field: 'name.first' }),
      );
      await refusals.tell(from('192.0.2.1'), new DomainError('person.value_invalid', { field: 'name.last' }));
      await refusals.tell(from('192.0.2.1'), forbidden);
      await refusals.flush(new Date(site.clock.time));
    });
    assert.equal(rows.length, 7);
    assert.deepEqual(rows.at(-1)?.details, { field: 'name.last' });
  });

  test('from all addresses of one network with IPv6 are equal', async () => {
    const rows = await written(async (refusals) => {
      for (const ip of [
        '2001:db8:1:2::1',
        '2001:db8:1:2:3:4:5:6',
        '2001:db8:1:2:ffff::',
        '2001:db8:1:3::1',
        '::1',
        '::2',
        '::ffff:192.0.2.1',
      ])
        await refusals.tell(from(ip), forbidden);
      await refusals.flush();
    });
    assert.deepEqual(
      rows.map((row) => [row.ip, row.count]),
      [
        ['2001:db8:1:2::1', 1],
        ['2001:db8:1:3::1', 1],
        ['::1', 1],
        ['2001:db8:1:2:ffff::', 2],
        ['::ffff:192.0.2.1', 2],
      ],
    );
  });

  test('that were counted are written when they are flushed, once', async () => {
    const rows = await written(async (refusals) => {
      for (let i = 0; i < 5; i++) await refusals.tell(from('192.0.2.1'), forbidden);
      await refusals.flush(new Date(site.clock.time));
      await refusals.flush(new Date(site.clock.time + 60_000));
      await refusals.flush();
    });
    assert.deepEqual(told(rows), [
      ['actor.forbidden', 1],
      ['actor.forbidden', 4],
    ]);
  });

  test('that nobody decided on are not written', async () => {
    const rows = await written(async (refusals) => {
      for (const code of [
        'storage.unavailable',
        'storage.full',
        'server.busy',
        'request.too_large',
      ] satisfies ErrorCode[])
        await refusals.tell(site.ctx, new DomainError(code));
    });
    assert.deepEqual(rows, []);
  });

  test('are written whatever was sent along', async () => {
    const ctx = site.ctx;
    const hostile = {
      ...ctx,
      origin: { ...ctx.origin, clientIdentifier: `a\0b\ud800${'x'.repeat(10_000)}` },
    };
    const [row] = await written((refusals) => refusals.tell(hostile, forbidden));
    assert.equal(row?.clientIdentifier, `a\ufffdb\ufffd${'x'.repeat(496)}`);
  });

  test('that cannot be written disturb nobody, and are reported', async () => {
    const faults: unknown[] = [];
    const refusals = createRefusals((error) => faults.push(error));
    const broken = {
      ...site.ctx,
      services: { ...site.services, sql: (() => Promise.reject(new Error('away'))) as never },
    };
    await refusals.tell(broken, forbidden);
    assert.equal(faults.length, 1);
  });

  test('of very many kinds are not all remembered: what was counted is written to make room', async () => {
    const refusals = createRefusals((error) => assert.fail(String(error)), 10);
    const rows = await written(async () => {
      const tell = (n: number) => refusals.tell(from(`192.0.2.${n}`), forbidden);
      for (let n = 0; n < 10; n++) await tell(n);
      await tell(0);
      await tell(10);
      await tell(0);
      await refusals.flush();
    });
    assert.equal(rows.length, 13);
    assert.equal(
      rows.reduce((sum, row) => sum + row.count, 0),
      13,
    );
  });
});
