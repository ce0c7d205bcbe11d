import assert from 'node:assert/strict';
import type { Database } from '#adapters/postgres.ts';
import { type AuditRecord, type Checkpoint, canonical, chainHash, START_HASH } from '#core/audit/chain.ts';
import { currentCheckpoint, type ExportOptions, exportAudit } from '#core/audit/export.ts';
import { liveHistory } from '#core/audit/history.ts';
import { signingKey } from '#core/audit/keys.ts';
import { readCheckpointDocument } from '#core/audit/read-export.ts';
import { findSettled } from '#core/audit/seal-store.ts';
import { sealAll } from '#core/audit/sealer.ts';
import type { Fault, VerifyOptions } from '#core/audit/verdict.ts';
import { verifyHistory } from '#core/audit/verify.ts';
import type { Context, Services, Sql } from '#core/context.ts';
import { auditServices, contextFor, unprotect, writeEvents } from './audit.ts';

/**
 * An audit of 42 sealed events, signed at 20 and at 40, and of one that is not sealed. `kept` is the checkpoint at 20.
 */
export async function smallAudit(db: Database): Promise<{ services: Services; kept: Checkpoint }> {
  const services = auditServices(db);
  await signingKey(services); // making it is the first event
  await writeEvents(db.sql, 19);
  await sealUpTo(db, services, 20);
  const kept = readCheckpointDocument(JSON.stringify(await currentCheckpoint(contextFor(services))));
  await writeEvents(db.sql, 20);
  await sealUpTo(db, services, 40);
  await writeEvents(db.sql, 2);
  const vault = { ...services.vault, unseal: () => assert.fail('nothing is signed now') };
  await sealUpTo(db, { ...services, vault }, 42);
  await writeEvents(db.sql, 1);
  return { services, kept };
}

async function sealUpTo(db: Database, services: Services, sequence: number): Promise<void> {
  for (const deadline = Date.now() + 30_000; ; ) {
    await sealAll(services).catch(() => {});
    const [head] = await db.sql<{ sequence: number }>`select sequence from audit_head`;
    if (head?.sequence === sequence) return;
    assert.ok(Date.now() < deadline, `the events up to ${sequence} were not sealed in time`);
  }
}

export async function eventAt(sql: Sql, sequence: number): Promise<number> {
  const [row] = await sql<{ id: number }>`select event_id as id from audit_seal where sequence = ${sequence}`;
  return row?.id ?? 0;
}

/**
 * The first fault that is found after somebody with every right in the database has been at it, null when there is
 * none. All is undone afterwards.
 */
export async function faultAfter(
  db: Database,
  services: Services,
  tamper: (sql: Sql) => PromiseLike<unknown>,
  options: VerifyOptions = {},
): Promise<Omit<Fault, 'message'> | null> {
  const undo = new Error('undo');
  let found: Fault | null = null;
  const work = db.begin(async (sql) => {
    await unprotect(sql);
    await tamper(sql);
    const verdict = await verifyHistory(liveHistory(services, sql), options);
    found = verdict.fault;
    assert.equal(verdict.ok, found === null);
    throw undo;
  });
  await assert.rejects(work, undo);
  if (!found) return null;
  const { message, ...rest } = found as Fault;
  assert.match(message, /\w/);
  return rest;
}

/** Makes the chain anew from a place on, as somebody would who knows how it is made. */
export async function rechain(sql: Sql, from: number): Promise<void> {
  const rows = await sql<{ sequence: number; eventId: number; hash: Buffer }>`
    select sequence, event_id, hash from audit_seal where sequence >= ${from - 1} order by sequence`;
  await sql`update audit_head set settled = '0', event_id = 0`;
  const events = new Map<number, AuditRecord>();
  for (const { txid: _, isSealed: __, ...event } of await findSettled(sql)) {
    events.set(event.id as number, event as AuditRecord);
  }
  let hash = from === 1 ? START_HASH : (rows.shift()?.hash as Buffer);
  for (const { sequence, eventId } of rows) {
    hash = chainHash(hash, canonical(events.get(eventId) as AuditRecord));
    await sql`update audit_seal set hash = ${hash} where sequence = ${sequence}`;
  }
  await sql`update audit_head set hash = ${hash}`;
}

/** An export, line by line. */
export async function exportLines(ctx: Context, options: ExportOptions = {}): Promise<string[]> {
  let text = '';
  await exportAudit(ctx, async (part) => (text += part), options);
  return text.trimEnd().split('\n');
}

export async function* inPieces(lines: readonly string[], size = 1_000): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(`${lines.join('\n')}\n`);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export const isEvent = (line: string) => line.startsWith('{"sequence"');

/** Runs SQL that is put together as text. */
export const raw = (sql: Sql, text: string) => sql(Object.assign([text], { raw: [text] }));
