import assert from 'node:assert/strict';
import { beforeEach, suite, test } from 'node:test';
import { openDatabase } from '#adapters/postgres.ts';
import type { AuditReportRow } from '#core/audit/search.ts';
import { auditServices, contextFor, reader, writeEvents } from '#test/audit.ts';
import { testDatabase } from '#test/database.ts';
import { REPORTS } from './report.ts';
import { type ReportQuery, readReport } from './reports.ts';

const { db, url } = await testDatabase();
const services = auditServices(db);
let session = 0;
/** Somebody in a session of their own. */
const newReader = (more = {}) => contextFor(services, reader(`session ${++session}`, more));

const stored = async () =>
  new Set((await db.sql<{ id: number }>`select id from audit_event`).map((row) => row.id));

/** Follows the pages from the first, until one is empty; `between` happens before each further page. */
async function readAll(
  ctx: ReturnType<typeof contextFor>,
  query: ReportQuery = {},
  between = async (_page: number) => {},
): Promise<AuditReportRow[]> {
  const rows: AuditReportRow[] = [];
  for (let page = 1; ; page++) {
    if (page > 1) await between(page);
    const found = await readReport(ctx, 'audit', { ...query, page });
    rows.push(...found.rows);
    if (found.rows.length === 0) return rows;
  }
}

const idsOf = (rows: readonly AuditReportRow[]) => rows.map((row) => row.id);

beforeEach(async () => {
  await db.sql`delete from report_reading`;
  await db.begin(async (sql) => {
    await sql`alter table audit_event disable trigger user`;
    await sql`truncate audit_event`;
    await sql`alter table audit_event enable trigger user`;
  });
  await writeEvents(db.sql, 180, 'first');
  await writeEvents(db.sql, 150, 'second', 5);
});

suite('MYID-S26 the pages of the audit together are all its rows of the first page, without repeats', () => {
  for (const orderBy of REPORTS.audit.orders.flatMap((order) => [order, `-${order}`])) {
    test(`ordered by ${orderBy}, while others write, late and early`, async () => {
      const inTime = await stored();
      // Writes before the first page and ends after it: not in the reading, wherever its rows would stand.
      const late = Promise.withResolvers<void>();
      const isWritten = Promise.withResolvers<void>();
      const slow = db.begin(async (sql) => {
        await writeEvents(sql, 40, 'late', 3);
        isWritten.resolve();
        await late.promise;
      });
      await isWritten.promise;
      const rows = await readAll(newReader(), { orderBy }, async (page) => {
        if (page === 3) {
          late.resolve();
          await slow;
        }
        await writeEvents(db.sql, 20, `page ${page}`, page % 2 === 0 ? 0 : 100);
      });
      assert.equal(idsOf(rows).length, inTime.size);
      assert.deepEqual(new Set(idsOf(rows)), inTime);
    });
  }

  test('with writers that never stop', async () => {
    const before = await stored();
    let areWriting = true;
    const writer = async (n: number) => {
      while (areWriting) {
        await db.begin(async (sql) => {
          await writeEvents(sql, 1 + n, 'more', n);
          await new Promise((resolve) => setTimeout(resolve, n));
          await writeEvents(sql, 1, 'more', 6);
        });
      }
    };
    const writers = [1, 2, 3].map(writer);
    const ctx = newReader();
    const first = await readReport(ctx, 'audit');
    const afterFirst = await stored();
    await writeEvents(db.sql, 1, 'certainly too late');
    const rows = [...first.rows];
    for (let page = 2; ; page++) {
      const found = await readReport(ctx, 'audit', { page });
      if (found.rows.length === 0) break;
      rows.push(...found.rows);
    }
    areWriting = false;
    await Promise.all(writers);

    const ids = new Set(idsOf(rows));
    assert.equal(ids.size, rows.length);
    for (const id of before) assert.ok(ids.has(id), `event ${id} was there before and is not in the report`);
    for (const id of ids) assert.ok(afterFirst.has(id), `event ${id} came later and is in the report`);
  });

  test('in the order that was asked for', async () => {
    const byTime = await readAll(newReader());
    assert.deepEqual(
      byTime.map((row) => row.at.getTime()),
      byTime.map((row) => row.at.getTime()).toSorted((a, b) => b - a),
    );
    const byName = await readAll(newReader(), { orderBy: 'targetName' });
    const names = byName.map((row) => row.targetName ?? '');
    assert.deepEqual(names, names.toSorted());
    const backwards = await readAll(newReader(), { orderBy: '-targetName' });
    assert.deepEqual(idsOf(backwards), idsOf(byName).toReversed());
  });
});

suite('a page of a reading', () => {
  test('has 50 rows, and says whether another follows', async () => {
    const ctx = newReader();
    const sizes = [];
    for (let page = 1; page <= 8; page++) {
      const { rows, hasNext, orderBy } = await readReport(ctx, 'audit', { page });
      sizes.push([rows.length, hasNext]);
      assert.equal(orderBy, '-at');
    }
    assert.deepEqual(sizes, [...Array(6).fill([50, true]), [30, false], [0, false]]);
  });

  test('that is filled exactly is the last', async () => {
    await writeEvents(db.sql, 50, 'to come', -1_000);
    const criteria = { after: new Date(Date.now() + 500_000).toISOString() };
    const ctx = newReader();
    const { rows, hasNext } = await readReport(ctx, 'audit', { criteria });
    assert.deepEqual([rows.length, hasNext], [50, false]);
    assert.deepEqual((await readReport(ctx, 'audit', { criteria, page: 2 })).rows, []);
  });

  test('is the same when it is asked for again, or out of order, or from another process', async () => {
    const ctx = newReader();
    const inOrder: number[][] = [];
    for (let page = 1; page <= 7; page++)
      inOrder.push(idsOf((await readReport(ctx, 'audit', { page })).rows));
    await writeEvents(db.sql, 60);

    const other = openDatabase({ url });
    const elsewhere = contextFor(auditServices(other), ctx.actor);
    for (const page of [5, 2, 7, 3, 6, 4]) {
      assert.deepEqual(idsOf((await readReport(elsewhere, 'audit', { page })).rows), inOrder[page - 1]);
    }
    await other.close();
  });

  test('that was never led to is found from the nearest known one', async () => {
    const all = idsOf(await readAll(newReader()));
    const ctx = newReader({ id: '3f6c5d1e-0000-4000-8000-00000000000a' });
    await readReport(ctx, 'audit', { page: 1 });
    await writeEvents(db.sql, 60);
    assert.deepEqual(idsOf((await readReport(ctx, 'audit', { page: 5 })).rows), all.slice(200, 250));
    assert.deepEqual(idsOf((await readReport(ctx, 'audit', { page: 6 })).rows), all.slice(250, 300));
    assert.deepEqual(idsOf((await readReport(ctx, 'audit', { page: 3 })).rows), all.slice(100, 150));
  });

  test('without a first page before it begins a reading itself', async () => {
    const all = idsOf(await readAll(newReader()));
    const ctx = newReader({ id: '3f6c5d1e-0000-4000-8000-00000000000b' });
    assert.deepEqual(idsOf((await readReport(ctx, 'audit', { page: 4 })).rows), all.slice(150, 200));
    await writeEvents(db.sql, 60);
    assert.deepEqual(idsOf((await readReport(ctx, 'audit', { page: 5 })).rows), all.slice(200, 250));
  });

  test('far ahead of all that is known is found as well', async () => {
    await writeEvents(db.sql, 5_000, 'many', 50);
    const ctx = newReader();
    await readReport(ctx, 'audit');
    const page = await readReport(ctx, 'audit', { page: 101 });
    const rows = await db.sql<{
      id: number;
    }>`select id from audit_event order by at desc, id desc offset 5000 limit 50`;
    assert.deepEqual(
      idsOf(page.rows),
      rows.map((row) => row.id),
    );
    assert.deepEqual((await readReport(ctx, 'audit', { page: 4_000 })).rows, []);
  });

  test('past the end is empty, however far', async () => {
    const ctx = newReader();
    await readReport(ctx, 'audit');
    for (const page of [8, 9, 1_000_000, 100_000_000_000_000, 8]) {
      assert.deepEqual((await readReport(ctx, 'audit', { page })).rows, [], `page ${page}`);
    }
    assert.equal((await readReport(ctx, 'audit', { page: 7 })).rows.length, 30);
  });

  test('asked for twice at once is answered twice alike', async () => {
    const ctx = newReader();
    await readReport(ctx, 'audit');
    const pages = await Promise.all([2, 2, 3, 3, 2].map((page) => readReport(ctx, 'audit', { page })));
    assert.deepEqual(idsOf(pages[0]?.rows ?? []), idsOf(pages[4]?.rows ?? []));
    assert.deepEqual(idsOf(pages[2]?.rows ?? []), idsOf(pages[3]?.rows ?? []));
    await Promise.all([1, 1, 1, 1].map((page) => readReport(ctx, 'audit', { page })));
  });
});

suite('a reading', () => {
  test('begins anew with its first page', async () => {
    const ctx = newReader();
    await readAll(ctx);
    await writeEvents(db.sql, 60);
    assert.equal((await readAll(ctx)).length, 390);
  });

  test('is not disturbed by another session of the same person, another order or other criteria', async () => {
    const ctx = newReader();
    const expected = idsOf(await readAll(newReader()));
    const rows = await readAll(ctx, {}, async () => {
      await writeEvents(db.sql, 30);
      await readReport(newReader(), 'audit', { page: 1 });
      await readReport(ctx, 'audit', { page: 1, orderBy: 'at' });
      await readReport(ctx, 'audit', { page: 1, criteria: { status: 'refused' } });
    });
    assert.deepEqual(idsOf(rows), expected);
  });

  test('is gone on with by the same person in another session, after signing in anew', async () => {
    const before = await stored();
    let ctx = newReader();
    const rows = (await readReport(ctx, 'audit')).rows;
    for (let page = 2; ; page++) {
      await writeEvents(db.sql, 20);
      if (page % 2 === 0) ctx = newReader();
      const found = await readReport(ctx, 'audit', { page });
      if (found.rows.length === 0) break;
      rows.push(...found.rows);
    }
    assert.equal(rows.length, before.size);
    assert.deepEqual(new Set(idsOf(rows)), before);
  });

  test('is forgotten when nobody has gone on with it for an hour', async () => {
    await readReport(newReader(), 'audit');
    const later = { ...newReader(), now: new Date(Date.now() + 61 * 60_000) };
    await readReport(later, 'audit');
    assert.equal((await db.sql`select id from report_reading`).length, 1);
  });

  test('that is begun over and over leaves little behind', async () => {
    const ctx = newReader();
    for (let i = 0; i < 20; i++) for (const page of [1, 2]) await readReport(ctx, 'audit', { page });
    const pages = await db.sql`select page from report_page`;
    assert.ok(pages.length <= 4, `${pages.length} rows`);
  });

  test('is no longer than it was for being read', async () => {
    const before = await stored();
    await readAll(newReader());
    assert.deepEqual(await stored(), before);
  });
});
