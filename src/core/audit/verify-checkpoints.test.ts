import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { suite, test } from 'node:test';
import type { Sql } from '#core/context.ts';
import { contextFor } from '#test/audit.ts';
import { eventAt, faultAfter, raw, rechain, smallAudit } from '#test/audit-tampering.ts';
import { testDatabase } from '#test/database.ts';
import { readAuditJwk, signCheckpoint, thumbprint } from './chain.ts';
import { currentCheckpoint } from './export.ts';
import { readCheckpointDocument } from './read-export.ts';
import type { VerifyOptions } from './verdict.ts';

const { db } = await testDatabase();
const { services, kept } = await smallAudit(db);
const ctx = contextFor(services);
const fault = (tamper: (sql: Sql) => PromiseLike<unknown>, options: VerifyOptions = {}) =>
  faultAfter(db, services, tamper, options);

suite('the tail of the chain', () => {
  const cutTo = (length: number) => async (sql: Sql) => {
    await sql`delete from audit_event where id in (select event_id from audit_seal where sequence > ${length})`;
    await sql`delete from audit_seal where sequence > ${length}`;
  };
  const headAt = (length: number) => async (sql: Sql) => {
    await cutTo(length)(sql);
    await sql`
      update audit_head h set sequence = s.sequence, hash = s.hash from audit_seal s where s.sequence = ${length}`;
  };

  test('is missed when it is deleted', async () => {
    assert.deepEqual(await fault(cutTo(38)), { kind: 'tail_missing', sequence: 39, eventId: null });
  });

  test('is missed, by the checkpoints, when the head is set back as well', async () => {
    assert.deepEqual(await fault(headAt(38)), { kind: 'tail_missing', sequence: 39, eventId: null });
  });

  test('is missed, by a checkpoint kept elsewhere, when those in the database are deleted too', async () => {
    const cut = async (sql: Sql) => {
      await headAt(15)(sql);
      await sql`delete from audit_checkpoint where sequence > 15`;
    };
    assert.equal((await fault(cut))?.kind, undefined);
    assert.deepEqual(await fault(cut, { checkpoint: kept }), {
      kind: 'tail_missing',
      sequence: 16,
      eventId: null,
    });
  });

  test('is not what the head says when the head is changed', async () => {
    const found = await fault((sql) => sql`update audit_head set hash = sha256('x')`);
    assert.deepEqual(found, { kind: 'head_altered', sequence: 42, eventId: null });
    const set = await fault((sql) => sql`update audit_head set sequence = 41`);
    assert.deepEqual(set, { kind: 'head_altered', sequence: 42, eventId: null });
  });
});

suite('a chain that was made anew', () => {
  const rewrite = async (sql: Sql) => {
    await sql`update audit_event set actor_name = 'someone else' where id = ${await eventAt(sql, 25)}`;
    await rechain(sql, 25);
  };

  test('is told by the checkpoint behind the change, with the part in which it is', async () => {
    assert.deepEqual(await fault(rewrite), { kind: 'rewritten', sequence: 21, eventId: null });
  });

  test('is told by a checkpoint kept elsewhere, when those in the database are deleted', async () => {
    const found = await fault(
      async (sql) => {
        await sql`update audit_event set actor_name = 'x' where id = ${await eventAt(sql, 5)}`;
        await rechain(sql, 1);
        await sql`delete from audit_checkpoint`;
      },
      { checkpoint: kept },
    );
    assert.deepEqual(found, { kind: 'rewritten', sequence: 1, eventId: null });
  });

  test('behind the last checkpoint cannot be told from the true one, which is why those are frequent', async () => {
    assert.equal(
      await fault(async (sql) => {
        await sql`update audit_event set actor_name = 'x' where id = ${await eventAt(sql, 41)}`;
        await rechain(sql, 41);
      }),
      null,
    );
  });
});

suite('a checkpoint is found forged when', () => {
  test('it is moved to the hash of a chain made anew', async () => {
    const found = await fault(async (sql) => {
      await sql`update audit_event set actor_name = 'x' where id = ${await eventAt(sql, 25)}`;
      await rechain(sql, 25);
      await sql`update audit_checkpoint c set hash = s.hash from audit_seal s where s.sequence = 40 and c.sequence = 40`;
    });
    assert.deepEqual(found, { kind: 'checkpoint_forged', sequence: 40, eventId: null });
  });

  for (const at of ["at + interval '1 day'", "'infinity'"]) {
    test(`its time is set to ${at}`, async () => {
      const found = await fault((sql) =>
        raw(sql, `update audit_checkpoint set at = ${at} where sequence = 40`),
      );
      assert.deepEqual(found, { kind: 'checkpoint_forged', sequence: 40, eventId: null });
    });
  }

  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const jwk = readAuditJwk(publicKey.export({ format: 'jwk' }));
  const kid = jwk ? thumbprint(jwk) : '';
  const signAnew = async (sql: Sql) => {
    const [row] = await sql<{ hash: Buffer }>`select hash from audit_seal where sequence = 40`;
    const c = signCheckpoint(
      { sequence: 40, hash: row?.hash as Buffer, at: '2026-01-01T00:00:00.000Z', kid },
      privateKey,
    );
    await sql`update audit_checkpoint set at = ${c.at}::timestamptz, kid = ${kid}, signature = ${c.signature} where sequence = 40`;
  };

  test('it is signed with a key that is not there', async () => {
    assert.deepEqual(await fault(signAnew), { kind: 'checkpoint_forged', sequence: 40, eventId: null });
  });

  test('it is signed with a key that was put there without the master key', async () => {
    const found = await fault(async (sql) => {
      await sql`
        insert into audit_key (kid, public_jwk, sealed_private, created_at, retired_at)
        select ${kid}, ${sql.json(jwk)}, sealed_private, now(), now() from audit_key`;
      await signAnew(sql);
    });
    assert.deepEqual(found, { kind: 'key_forged', sequence: null, eventId: null });
  });

  test('its key is none that is trusted', async () => {
    const found = await fault(async () => {}, { trustedKeys: [kid] });
    assert.equal(found?.kind, 'checkpoint_forged');
  });
});

suite('a checkpoint from elsewhere is refused when', () => {
  const document = async () => ({ ...((await currentCheckpoint(ctx)) as object) }) as Record<string, unknown>;
  test('it is no JSON, is changed, or is signed by another key than it names', async () => {
    const good = await document();
    const bad = ['', '[]', 'null', '{}', '{"sequence":1}'];
    for (const change of [
      { sequence: 1 },
      { kid: 'x' },
      { jwk: null },
      { jwk: {} },
      { signature: 'AAAA' },
      { hash: 'zz' },
    ]) {
      bad.push(JSON.stringify({ ...good, ...change }));
    }
    for (const text of bad)
      assert.throws(() => readCheckpointDocument(text), { code: 'audit.checkpoint_invalid' });
    assert.equal(readCheckpointDocument(JSON.stringify(good)).sequence, good.sequence);
  });
});
