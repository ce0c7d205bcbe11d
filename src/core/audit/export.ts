import type { Context, Sql } from '#core/context.ts';
import { record } from './audit.ts';
import { type AuditKeyJwk, type AuditRecord, type Checkpoint, canonical, START_HASH } from './chain.ts';
import { type AuditItem, keysOf, type Period, pages, sealedEvents } from './history.ts';
import * as store from './history-store.ts';
import { findKeys, findLastCheckpoint } from './seal-store.ts';
import { sealAll } from './sealer.ts';
import { authorizeAudit } from './search.ts';

export const EXPORT_FORMAT = 'signet-audit-1';

export interface ExportOptions extends Period {
  onProgress?: (done: number, total: number) => void;
}

export interface Exported {
  /** Events of the chain, those that only the proof needs included. */
  events: number;
  /** Newest events, which no checkpoint vouches for yet. */
  unsealed: number;
}

/**
 * Exports the audit as JSON Lines, in one snapshot and in the order of the chain, with all that is needed to verify it
 * elsewhere. `write` is awaited, so a slow reader slows the export down instead of filling the memory. Of a period the
 * export also has the events up to the next checkpoint, which the proof needs, marked `"proofOnly":true`.
 */
export async function exportAudit(
  ctx: Context,
  write: (text: string) => Promise<unknown>,
  options: ExportOptions = {},
): Promise<Exported> {
  authorizeAudit(ctx.actor);
  await record(ctx, {
    operation: 'audit.exported',
    target: { kind: 'server', id: 'audit' },
    details: said(options),
  });
  await sealAll(ctx.services);
  let isStarted = false;
  return ctx.services.begin(async (sql) => {
    if (isStarted) throw new Error('the export was cut off by the database');
    isStarted = true;
    await store.beginSnapshot(sql);
    return writeLines(exportItems(ctx, sql, options), write, options);
  });
}

const said = ({ after, before }: Period) => ({ after: after?.toISOString(), before: before?.toISOString() });

async function* exportItems(ctx: Context, sql: Sql, period: Period): AsyncGenerator<AuditItem> {
  const part = await store.findPart(sql, period);
  const signed = part.signedThrough;
  const from = Math.min((part.first ?? signed + 1) - 1, signed);
  const through = part.last === null ? from : signed;
  const hash = (await store.findHashAt(sql, from)) ?? START_HASH;
  yield { kind: 'start', sequence: from, hash, through };
  for await (const key of keysOf(ctx.services, sql)) if (key.isOurs) yield key;
  let end = hash;
  let sequence = from;
  for await (const item of sealedEvents(sql, { from, through }, period)) {
    yield item;
    if (item.kind === 'event') ({ hash: end, sequence } = item);
  }
  let unsealed = 0;
  for await (const event of unsigned(sql, part.lastSigned, period)) {
    yield { kind: 'unsealed', record: event };
    unsealed++;
  }
  yield { kind: 'end', sequence, hash: end, unsealed, overlooked: null };
}

/** Events that were sealed after the last checkpoint, and those that are not sealed. */
async function* unsigned(sql: Sql, signed: number, period: Period): AsyncGenerator<AuditRecord> {
  for await (const item of sealedEvents(sql, { from: signed, through: Number.MAX_SAFE_INTEGER }, period)) {
    if (item.kind === 'event' && item.record && !item.isOutside) yield item.record;
  }
  const rows = pages((last: (AuditRecord & { txid: string }) | undefined) =>
    store.findUnsealed(sql, last, period),
  );
  for await (const { txid: _, ...event } of rows) yield event as AuditRecord;
}

const CHUNK = 65_536;

async function writeLines(
  items: AsyncIterable<AuditItem>,
  write: (text: string) => Promise<unknown>,
  options: ExportOptions,
): Promise<Exported> {
  const done: Exported = { events: 0, unsealed: 0 };
  let total = 0;
  let chunk = '';
  for await (const item of items) {
    chunk += `${lineOf(item, options)}\n`;
    if (item.kind === 'start') total = item.through - item.sequence;
    if (item.kind === 'event') done.events++;
    if (item.kind === 'unsealed') done.unsealed++;
    if (chunk.length < CHUNK) continue;
    await write(chunk);
    chunk = '';
    options.onProgress?.(done.events, total);
  }
  await write(chunk);
  options.onProgress?.(done.events, total);
  return done;
}

function lineOf(item: AuditItem, period: Period): string {
  switch (item.kind) {
    case 'start': {
      const { sequence, through } = item;
      return JSON.stringify({
        format: EXPORT_FORMAT,
        sequence,
        hash: item.hash.toString('hex'),
        through,
        ...said(period),
      });
    }
    case 'key':
      return JSON.stringify({ key: { kid: item.kid, jwk: item.jwk } });
    case 'event': {
      const { sequence, eventId, record: event } = item;
      const proofOnly = item.isOutside ? ',"proofOnly":true' : '';
      return `{"sequence":${sequence},"hash":"${item.hash.toString('hex')}","id":${eventId}${proofOnly},"event":${event ? canonical(event) : null}}`;
    }
    case 'checkpoint':
      return JSON.stringify({ checkpoint: checkpointDocument(item.checkpoint) });
    case 'unsealed':
      return `{"unsealed":${canonical(item.record)}}`;
    case 'end':
      return JSON.stringify({
        end: { sequence: item.sequence, hash: item.hash.toString('hex'), unsealed: item.unsealed },
      });
    case 'malformed':
      throw new Error(item.message);
  }
}

/** A checkpoint as it is written down: the members that are signed, and the signature in base64url. */
export function checkpointDocument(c: Checkpoint) {
  return {
    format: 'signet-audit-checkpoint-1',
    sequence: c.sequence,
    hash: c.hash.toString('hex'),
    at: c.at,
    kid: c.kid,
    signature: c.signature.toString('base64url'),
  };
}

export type CheckpointDocument = ReturnType<typeof checkpointDocument> & { jwk: AuditKeyJwk };

/** The newest checkpoint, after sealing what there is: kept elsewhere, it proves later that nothing before it is gone. */
export async function currentCheckpoint(ctx: Context): Promise<CheckpointDocument | undefined> {
  authorizeAudit(ctx.actor);
  await sealAll(ctx.services);
  const checkpoint = await findLastCheckpoint(ctx.sql);
  if (!checkpoint) return undefined;
  const key = (await findKeys(ctx.sql)).find(({ kid }) => kid === checkpoint.kid);
  return key && { ...checkpointDocument(checkpoint), jwk: key.publicJwk };
}
