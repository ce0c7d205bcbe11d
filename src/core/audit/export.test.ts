import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { contextFor, reader, sealEverything, writeEvents } from '#test/audit.ts';
import { exportLines, inPieces, isEvent, smallAudit } from '#test/audit-tampering.ts';
import { testDatabase } from '#test/database.ts';
import { findPython } from '#test/python.ts';
import { exportAudit } from './export.ts';
import { verifyExport } from './read-export.ts';
import { sealAll } from './sealer.ts';
import type { VerifyOptions } from './verdict.ts';

const { db } = await testDatabase();
const { services, kept } = await smallAudit(db);
const ctx = contextFor(services);
const good = await exportLines(ctx);

async function fault(lines: readonly string[], options?: VerifyOptions) {
  const { ok, fault: found } = await verifyExport(inPieces(lines), options);
  assert.equal(ok, found === null);
  return found && { kind: found.kind, sequence: found.sequence };
}

suite('an export', () => {
  test('is good as it was written, in pieces of any size, without a database', async () => {
    for (const size of [1, 7, 4_096, 1e6]) {
      const verdict = await verifyExport(inPieces(good, size));
      assert.equal(verdict.fault, null);
      assert.equal(verdict.events, good.filter(isEvent).length);
      assert.equal(verdict.signedThrough, verdict.through);
    }
  });

  test('leads to a checkpoint that was kept, and was signed by the key that is trusted', async () => {
    assert.equal(await fault(good, { checkpoint: kept, trustedKeys: [kept.kid] }), null);
  });

  test('holds every event there was, the telling of the export itself included', async () => {
    const lines = await exportLines(ctx);
    const ids = lines.flatMap((line) => {
      const { event, unsealed } = JSON.parse(line);
      return event?.id ?? unsealed?.id ?? [];
    });
    const stored = await db.sql<{ id: number }>`select id from audit_event order by id`;
    assert.deepEqual(
      ids.toSorted((a: number, b: number) => a - b),
      stored.map((row) => row.id),
    );
    assert.ok(lines.some((line) => line.includes('audit.exported')));
  });

  test('is written no faster than it is taken', async () => {
    await writeEvents(db.sql, 1_000, 'a long text '.repeat(50));
    let underway = 0;
    let writes = 0;
    await exportAudit(ctx, async () => {
      assert.equal(++underway, 1);
      await new Promise(setImmediate);
      underway--;
      writes++;
    });
    assert.ok(writes > 5);
  });

  test('is refused to whoever may not read the audit, and none is told of', async () => {
    const told = async () =>
      (await db.sql`select id from audit_event where operation = 'audit.exported'`).length;
    const before = await told();
    const nobody = contextFor(services, reader('s', { permissions: new Map() }));
    await assert.rejects(
      exportAudit(nobody, async () => assert.fail('something was written')),
      { code: 'actor.forbidden' },
    );
    assert.equal(await told(), before);
  });
});

suite('an export of a period', () => {
  test('has the events of the period, and proves them by itself', async () => {
    await writeEvents(db.sql, 5, 'old', 86_400);
    await writeEvents(db.sql, 5, 'new');
    await sealEverything(services, () => sealAll(services));
    const day = Date.now() - 86_400_000;
    const lines = await exportLines(ctx, { after: new Date(day - 60_000), before: new Date(day + 60_000) });
    const events = lines
      .slice(1)
      .filter(isEvent)
      .map((line) => JSON.parse(line));
    const asked = events.filter((line) => !line.proofOnly);
    assert.deepEqual(
      asked.map((line) => line.event.message),
      [1, 2, 3, 4, 5].map((n) => `old ${n}`),
    );
    assert.ok(asked[0].sequence > 1);
    assert.equal(await fault(lines), null);
    assert.deepEqual(await fault(lines.filter((line) => !line.includes('"old 3"'))), {
      kind: 'missing',
      sequence: asked[2].sequence,
    });
  });

  test('in which nothing happened is empty and good', async () => {
    const lines = await exportLines(ctx, { before: new Date('2001-01-01') });
    assert.equal(lines.slice(1).filter(isEvent).length, 0);
    assert.equal(await fault(lines), null);
  });
});

const python = findPython();

test('the chain of an export is checked by the program in docs/audit.md', (t) => {
  assert.ok(python, 'this test needs python3');
  const [, program = ''] = /```python\n(.*?)```/s.exec(readFileSync('docs/audit.md', 'utf8')) ?? [];
  const folder = mkdtempSync(join(tmpdir(), 'signet-audit-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const check = (lines: readonly string[]) => {
    writeFileSync(join(folder, 'export.jsonl'), `${lines.join('\n')}\n`);
    return spawnSync(python, ['-c', program, join(folder, 'export.jsonl')], { encoding: 'utf8' });
  };
  const { sequence, hash } = JSON.parse(good.at(-1) as string).end;
  assert.equal(check(good).stdout, `good up to ${sequence}, ${hash}\n`);
  const altered = good.map((line) => line.replace('"e 7"', '"e 8"'));
  assert.notDeepEqual(altered, good);
  assert.match(check(altered).stderr, /^event \d+ is not what was sealed at \d+\n$/);
});
