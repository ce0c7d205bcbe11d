import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { contextFor, sealEverything } from '#test/audit.ts';
import { exportLines, inPieces, isEvent, smallAudit } from '#test/audit-tampering.ts';
import { testDatabase } from '#test/database.ts';
import {
  type AuditKeyJwk,
  canonical,
  chainHash,
  readAuditJwk,
  START_HASH,
  signCheckpoint,
  thumbprint,
} from './chain.ts';
import { checkpointDocument } from './export.ts';
import { verifyExport } from './read-export.ts';
import { sealAll } from './sealer.ts';
import type { VerifyOptions } from './verdict.ts';

const { db } = await testDatabase();
const { services, kept } = await smallAudit(db);
const ctx = contextFor(services);
await sealEverything(services, () => sealAll(services));

const verify = (lines: readonly string[], options?: VerifyOptions) => verifyExport(inPieces(lines), options);
async function fault(lines: readonly string[], options?: VerifyOptions) {
  const { ok, fault: found } = await verify(lines, options);
  assert.equal(ok, found === null);
  return found && { kind: found.kind, sequence: found.sequence };
}

interface Line {
  sequence: number;
  hash: string;
  event: Record<string, string | number>;
}

const good = await exportLines(ctx);
const lineOf = (sequence: number) => good.findIndex((line) => line.startsWith(`{"sequence":${sequence},`));
/** The export with the line of this place in the chain changed; several lines, or none, may take its place. */
const changed = (sequence: number, change: (line: Line) => Line[]) =>
  good.toSpliced(
    lineOf(sequence),
    1,
    ...change(JSON.parse(good[lineOf(sequence)] as string)).map((l) => JSON.stringify(l)),
  );

suite('of an export that was tampered with, the first bad row is named', () => {
  test('when an event was edited', async () => {
    const lines = changed(10, (line) => [{ ...line, event: { ...line.event, actorName: 'someone else' } }]);
    assert.deepEqual(await fault(lines), { kind: 'altered', sequence: 10 });
  });

  test('when something was added to an event', async () => {
    const lines = changed(10, (line) => [{ ...line, event: { ...line.event, more: '' } }]);
    assert.deepEqual(await fault(lines), { kind: 'altered', sequence: 10 });
  });

  test('when a line in the middle was taken out', async () => {
    assert.deepEqual(await fault(changed(10, () => [])), { kind: 'missing', sequence: 10 });
  });

  test('when lines change places', async () => {
    const [one, other] = [lineOf(10), lineOf(14)];
    const lines = good.with(one, good[other] as string).with(other, good[one] as string);
    assert.deepEqual(await fault(lines), { kind: 'moved', sequence: 10 });
  });

  test('when the chain forks', async () => {
    const lines = changed(10, (line) => {
      const event = { ...line.event, message: 'another' };
      const before = Buffer.from(JSON.parse(good[lineOf(9)] as string).hash, 'hex');
      return [line, { ...line, event, hash: chainHash(before, canonical(event)).toString('hex') }];
    });
    assert.deepEqual(await fault(lines), { kind: 'forked', sequence: 10 });
  });

  test('when the tail was cut off', async () => {
    const from = lineOf(30);
    assert.deepEqual(await fault(good.slice(0, from)), { kind: 'truncated', sequence: 30 });
    assert.deepEqual(await fault([...good.slice(0, from), good.at(-1) as string]), {
      kind: 'tail_missing',
      sequence: 30,
    });
  });

  test('when the tail was cut off and the end made to fit, by what no checkpoint vouches for', async () => {
    const from = lineOf(30);
    const hash = JSON.parse(good[from - 1] as string).hash;
    const end = JSON.stringify({ end: { sequence: 29, hash, unsealed: 0 } });
    assert.deepEqual(await fault([...good.slice(0, from), end]), { kind: 'unsigned', sequence: 21 });
  });

  test('when the tail was cut off at a checkpoint, by a later one kept elsewhere', async () => {
    const first = good.findIndex((line) =>
      line.includes(`"checkpoint":{"format":"signet-audit-checkpoint-1","sequence":20,`),
    );
    const hash = JSON.parse(good[lineOf(20)] as string).hash;
    const lines = [...good.slice(0, first + 1), JSON.stringify({ end: { sequence: 20, hash, unsealed: 0 } })];
    assert.equal(await fault(lines, { checkpoint: kept }), null);
    const last = good.findLast((line) => line.startsWith('{"checkpoint"')) as string;
    const { checkpoint } = JSON.parse(last);
    const later = {
      ...checkpoint,
      hash: Buffer.from(checkpoint.hash, 'hex'),
      signature: Buffer.from(checkpoint.signature, 'base64url'),
    };
    assert.deepEqual(await fault(lines, { checkpoint: later }), { kind: 'tail_missing', sequence: 21 });
  });

  test('when a checkpoint was changed, or there is none', async () => {
    const at = good.findIndex((line) => line.startsWith('{"checkpoint"'));
    const { checkpoint } = JSON.parse(good[at] as string);
    const other = JSON.stringify({
      checkpoint: { ...checkpoint, signature: Buffer.alloc(64).toString('base64url') },
    });
    assert.equal((await fault(good.with(at, other)))?.kind, 'checkpoint_forged');
    assert.deepEqual(await fault(good.filter((line) => !line.startsWith('{"checkpoint"'))), {
      kind: 'unsigned',
      sequence: 1,
    });
  });

  test('when it is no export at all', async () => {
    const texts = [
      '',
      '{}',
      'null',
      '[]',
      '"x"',
      '[[[[',
      '{"format":"signet-audit-2"}',
      '\0',
      '\ufeff',
      '{"end":{}}',
    ];
    for (const text of texts) assert.equal((await fault([text]))?.kind, 'malformed', text);
    const empty = await verifyExport((async function* () {})());
    assert.equal(empty.fault?.kind, 'truncated');
  });

  test('whichever character of the chain was changed', async () => {
    const chain = good.flatMap((line, index) => (isEvent(line) ? [index] : [])).slice(1);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...chain),
        fc.nat(),
        fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
        async (index, at, character) => {
          const line = good[index] as string;
          const place = at % line.length;
          const other = line.slice(0, place) + character + line.slice(place + 1);
          if (sameJson(line, other)) return;
          assert.equal((await verify(good.with(index, other))).ok, false);
        },
      ),
      { numRuns: 150 },
    );
  });
});

function sameJson(one: string, other: string): boolean {
  try {
    return canonicalLine(one) === canonicalLine(other);
  } catch {
    return false;
  }
}
const canonicalLine = (line: string) => {
  const { sequence, hash, id, event } = JSON.parse(line);
  return JSON.stringify([sequence, hash, id, canonical(event)]);
};

suite('an export that somebody made up, signed with a key of their own', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const jwk = readAuditJwk(publicKey.export({ format: 'jwk' })) as AuditKeyJwk;
  const kid = thumbprint(jwk);
  let hash = START_HASH;
  const events = Array.from({ length: 25 }, (_, n) => {
    const event = { id: n + 1, message: 'made up' };
    hash = chainHash(hash, canonical(event));
    return JSON.stringify({ sequence: n + 1, hash: hash.toString('hex'), id: n + 1, event });
  });
  const checkpoint = signCheckpoint({ sequence: 25, hash, at: '2026-01-01T00:00:00.000Z', kid }, privateKey);
  const madeUp = [
    JSON.stringify({ format: 'signet-audit-1', sequence: 0, hash: START_HASH.toString('hex'), through: 25 }),
    JSON.stringify({ key: { kid, jwk } }),
    ...events,
    JSON.stringify({ checkpoint: checkpointDocument(checkpoint) }),
    JSON.stringify({ end: { sequence: 25, hash: hash.toString('hex'), unsealed: 0 } }),
  ];

  test('is consistent, and shows the key to be compared', async () => {
    const verdict = await verify(madeUp);
    assert.equal(verdict.ok, true);
    assert.deepEqual(verdict.keys, [{ kid, isOurs: null }]);
  });

  test('is found out by the key that is trusted, and by a checkpoint that was kept', async () => {
    assert.deepEqual(await fault(madeUp, { trustedKeys: [kept.kid] }), {
      kind: 'checkpoint_forged',
      sequence: 25,
    });
    assert.deepEqual(await fault(madeUp, { checkpoint: kept }), { kind: 'rewritten', sequence: 1 });
  });
});
