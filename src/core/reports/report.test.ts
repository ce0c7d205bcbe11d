import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { systemActor } from '#core/roles/actor.ts';
import { auditServices, contextFor, reader, writeEvents } from '#test/audit.ts';
import { testDatabase } from '#test/database.ts';
import { listReports, readReport, reportNamed } from './reports.ts';

const { db } = await testDatabase();
const services = auditServices(db);
const newReader = (more = {}) => contextFor(services, reader('session', more));
await writeEvents(db.sql, 3);

suite('a report is refused when', () => {
  for (const page of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER]) {
    test(`page ${page} is asked for`, async () => {
      const refusal = { code: 'report.page_invalid', field: 'page' };
      await assert.rejects(readReport(newReader(), 'audit', { page }), refusal);
    });
  }

  for (const orderBy of ['nonsense', '--at', '-', 'at desc', 'message', '__proto__']) {
    test(`it is to be ordered by ${orderBy}`, async () => {
      const refusal = { code: 'report.order_unknown', field: 'orderBy' };
      await assert.rejects(readReport(newReader(), 'audit', { orderBy }), refusal);
    });
  }

  test('MYID-S27 the reader has not its permission, or is nobody, or of another tenant', async () => {
    const forbidden = { code: 'actor.forbidden' };
    const without = newReader({ permissions: new Map([['report.people', 'all']]) });
    await assert.rejects(readReport(without, 'audit'), forbidden);
    await assert.rejects(
      readReport(newReader({ permissions: new Map([['report.audit', 'none']]) }), 'audit'),
      forbidden,
    );
    await assert.rejects(readReport(newReader({ inRootTenant: false }), 'audit'), forbidden);
    const nobody = contextFor(services, { ...systemActor(''), kind: 'nobody' });
    await assert.rejects(readReport(nobody, 'audit'), { code: 'actor.unauthenticated' });
  });

  test('it is not known', () => {
    assert.equal(reportNamed('audit'), 'audit');
    for (const id of ['290015', '', 'constructor'])
      assert.throws(() => reportNamed(id), { code: 'report.not_found' });
  });
});

test('scope does not cut the audit report: whoever may read it reads all of it', async () => {
  const own = newReader({ permissions: new Map([['report.audit', 'self']]) });
  assert.equal((await readReport(own, 'audit')).rows.length, 3);
});

test('the reports listed are those that the actor may read', () => {
  const ids = (permissions: Map<string, string>) =>
    listReports(newReader({ permissions })).map((report) => report.id);
  assert.deepEqual(ids(new Map([['report.people', 'self']])), ['people']);
  assert.deepEqual(ids(new Map()), []);
  assert.deepEqual(
    listReports(contextFor(services)).map((report) => report.id),
    ['audit', 'people'],
  );
});
