import { DomainError } from '#core/errors.ts';
import {
  type AuditKeyJwk,
  type AuditRecord,
  type Checkpoint,
  isSignedBy,
  publicKeyOf,
  readAuditJwk,
  thumbprint,
} from './chain.ts';
import { EXPORT_FORMAT } from './export.ts';
import type { AuditItem } from './history.ts';
import type { Verdict, VerifyOptions } from './verdict.ts';
import { verifyHistory } from './verify.ts';

/** Longer lines are no export's: an event holds no more than a request could bring. */
const LONGEST_LINE = 64 * 1024 * 1024;

/** Checks an export, without any database: see `verifyAudit`. Every event of the chain must be vouched for. */
export function verifyExport(
  chunks: AsyncIterable<Uint8Array>,
  options: VerifyOptions = {},
): Promise<Verdict> {
  return verifyHistory(readExport(chunks), { ...options, mustBeSigned: true });
}

/** The items of an export, of which not a byte is trusted. */
export async function* readExport(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<AuditItem> {
  let number = 0;
  for await (const line of linesOf(chunks)) {
    number++;
    const item = itemOf(line, number === 1);
    if (item) yield item;
    else return yield { kind: 'malformed', message: `Line ${number} is not a line of an audit export.` };
  }
}

async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8');
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
    if (rest.length > LONGEST_LINE) break;
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}

type Json = Readonly<Record<string, unknown>>;

function itemOf(line: string, isFirst: boolean): AuditItem | undefined {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isObject(json)) return undefined;
  if (isFirst) return startOf(json);
  if ('event' in json) return eventOf(json);
  if (isObject(json.checkpoint)) {
    const checkpoint = readCheckpoint(json.checkpoint);
    return checkpoint && { kind: 'checkpoint', checkpoint };
  }
  if (isObject(json.key)) {
    const { kid, jwk } = json.key;
    return typeof kid === 'string' ? { kind: 'key', kid, jwk: jwk as AuditKeyJwk, isOurs: null } : undefined;
  }
  if (isObject(json.unsealed)) {
    return isRecord(json.unsealed) ? { kind: 'unsealed', record: json.unsealed } : undefined;
  }
  return isObject(json.end) ? endOf(json.end) : undefined;
}

function startOf({ format, sequence, hash, through }: Json): AuditItem | undefined {
  if (format !== EXPORT_FORMAT || !isPlace(sequence) || !isHash(hash) || !isPlace(through)) return undefined;
  return { kind: 'start', sequence, hash: Buffer.from(hash, 'hex'), through };
}

function eventOf({ sequence, hash, id, event, proofOnly }: Json): AuditItem | undefined {
  if (!isPlace(sequence) || !isHash(hash) || !isPlace(id)) return undefined;
  if (event !== null && !isRecord(event)) return undefined;
  return {
    kind: 'event',
    sequence,
    eventId: id,
    hash: Buffer.from(hash, 'hex'),
    record: event,
    isOutside: proofOnly === true,
  };
}

function endOf({ sequence, hash, unsealed }: Json): AuditItem | undefined {
  if (!isPlace(sequence) || !isHash(hash) || !isPlace(unsealed)) return undefined;
  return { kind: 'end', sequence, hash: Buffer.from(hash, 'hex'), unsealed, overlooked: null };
}

function readCheckpoint({ sequence, hash, at, kid, signature }: Json): Checkpoint | undefined {
  if (!isPlace(sequence) || !isHash(hash)) return undefined;
  if (typeof at !== 'string' || typeof kid !== 'string' || typeof signature !== 'string') return undefined;
  return {
    sequence,
    hash: Buffer.from(hash, 'hex'),
    at,
    kid,
    signature: Buffer.from(signature, 'base64url'),
  };
}

/**
 * Reads a checkpoint that was kept elsewhere, with its key: what `currentCheckpoint` gave. Refuses
 * `audit.checkpoint_invalid` when it is none, or its signature is not good.
 */
export function readCheckpointDocument(text: string): Checkpoint {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new DomainError('audit.checkpoint_invalid', { cause });
  }
  const checkpoint = isObject(json) ? readCheckpoint(json) : undefined;
  const jwk = isObject(json) ? readAuditJwk(json.jwk) : undefined;
  if (
    !checkpoint ||
    !jwk ||
    thumbprint(jwk) !== checkpoint.kid ||
    !isSignedBy(checkpoint, publicKeyOf(jwk))
  ) {
    throw new DomainError('audit.checkpoint_invalid');
  }
  return checkpoint;
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isPlace = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isHash = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const isRecord = (value: unknown): value is AuditRecord =>
  isObject(value) &&
  isPlace(value.id) &&
  Object.values(value).every((member) => typeof member === 'string' || Number.isSafeInteger(member));
