import type { KeyObject } from 'node:crypto';
import type { Context } from '#core/context.ts';
import {
  type Checkpoint,
  canonical,
  chainHash,
  isSignedBy,
  publicKeyOf,
  readAuditJwk,
  START_HASH,
  thumbprint,
} from './chain.ts';
import { type AuditItem, liveHistory } from './history.ts';
import { beginSnapshot } from './history-store.ts';
import { authorizeAudit } from './search.ts';
import type { Fault, Verdict, VerifyOptions } from './verdict.ts';

/**
 * Checks the whole audit in the database: every event against the chain, the chain against its checkpoints, the
 * checkpoints against keys that only the holder of the master key can have made. Stops at the first bad row. Reads in
 * one snapshot, beside everything else that goes on.
 */
export async function verifyAudit(ctx: Context, options: VerifyOptions = {}): Promise<Verdict> {
  authorizeAudit(ctx.actor);
  return ctx.services.begin(async (sql) => {
    await beginSnapshot(sql);
    return verifyHistory(liveHistory(ctx.services, sql), options);
  });
}

interface Progress extends VerifyOptions {
  verdict: Verdict;
  hash: Buffer;
  total: number;
  publicKeys: Map<string, KeyObject>;
  /** A checkpoint for a place that the chain has not come to. */
  ahead: Checkpoint | undefined;
  isEnded: boolean;
}

/** Checks a history, wherever it comes from, in constant memory. `mustBeSigned`: to its last event. */
export async function verifyHistory(
  items: AsyncIterable<AuditItem>,
  options: VerifyOptions & { mustBeSigned?: boolean } = {},
): Promise<Verdict> {
  const p: Progress = {
    ...options,
    hash: START_HASH,
    total: 0,
    publicKeys: new Map(),
    ahead: undefined,
    isEnded: false,
    verdict: {
      ok: true,
      events: 0,
      through: 0,
      hash: '',
      checkpoints: 0,
      signedThrough: null,
      keys: [],
      unsealed: 0,
      fault: null,
    },
  };
  const stream = items[Symbol.asyncIterator]();
  let fault: Fault | undefined;
  try {
    while (!fault) {
      const next = await stream.next();
      if (next.done) break;
      fault = check(p, next.value);
      if (fault && next.value.kind === 'event') fault = await explain(p, next.value, fault, stream);
    }
    fault ??= atEnd(p, options.mustBeSigned ?? false);
  } finally {
    await stream.return?.(undefined);
  }
  return { ...p.verdict, hash: p.hash.toString('hex'), ok: !fault, fault: fault ?? null };
}

function check(p: Progress, item: AuditItem): Fault | undefined {
  switch (item.kind) {
    case 'start':
      p.verdict.through = item.sequence;
      p.hash = item.hash;
      p.total = item.through - item.sequence;
      return againstGiven(p);
    case 'key':
      return checkKey(p, item);
    case 'event':
      return checkEvent(p, item);
    case 'checkpoint':
      return checkCheckpoint(p, item.checkpoint);
    case 'unsealed':
      p.verdict.unsealed++;
      return undefined;
    case 'end':
      return checkEnd(p, item);
    case 'malformed':
      return { kind: 'malformed', sequence: p.verdict.through + 1, eventId: null, message: item.message };
  }
}

function checkKey(p: Progress, { kid, jwk, isOurs }: AuditItem & { kind: 'key' }): Fault | undefined {
  const known = readAuditJwk(jwk);
  const forged = { kind: 'key_forged', sequence: null, eventId: null } as const;
  if (!known || thumbprint(known) !== kid || isOurs === false) {
    return { ...forged, message: `The key ${kid} was not made by this installation.` };
  }
  try {
    p.publicKeys.set(kid, publicKeyOf(known));
  } catch {
    return { ...forged, message: `The key ${kid} is no Ed25519 key.` };
  }
  p.verdict.keys.push({ kid, isOurs });
  return undefined;
}

function checkEvent(p: Progress, e: AuditItem & { kind: 'event' }): Fault | undefined {
  const at = { sequence: e.sequence, eventId: e.eventId };
  const expected = p.verdict.through + 1;
  if (e.sequence < expected) {
    return { ...at, kind: 'forked', message: `The chain has a second event at ${e.sequence}.` };
  }
  if (e.sequence > expected) {
    const gap = expected === e.sequence - 1 ? `${expected}` : `${expected} to ${e.sequence - 1}`;
    return {
      kind: 'missing',
      sequence: expected,
      eventId: null,
      message: `The chain has no event at ${gap}.`,
    };
  }
  if (!e.record) return { ...at, kind: 'missing', message: `Event ${e.eventId} was deleted.` };
  const hash = chainHash(p.hash, canonical(e.record));
  if (e.record.id !== e.eventId || !hash.equals(e.hash)) {
    return {
      ...at,
      kind: 'altered',
      message: `Event ${e.eventId}, or the hash beside it, is not what was sealed at ${e.sequence}.`,
    };
  }
  p.hash = hash;
  p.verdict.through = e.sequence;
  p.verdict.events++;
  if (p.verdict.events % 1_000 === 0) p.onProgress?.(p.verdict.events, p.total);
  return againstGiven(p);
}

function checkCheckpoint(p: Progress, c: Checkpoint): Fault | undefined {
  const at = { sequence: c.sequence, eventId: null };
  const key = p.publicKeys.get(c.kid);
  if (!key || (p.trustedKeys && !p.trustedKeys.includes(c.kid))) {
    return {
      ...at,
      kind: 'checkpoint_forged',
      message: `The checkpoint at ${c.sequence} is signed by an unknown key, ${c.kid}.`,
    };
  }
  if (!isSignedBy(c, key)) {
    return {
      ...at,
      kind: 'checkpoint_forged',
      message: `The signature of the checkpoint at ${c.sequence} is not good.`,
    };
  }
  if (c.sequence > p.verdict.through) {
    p.ahead ??= c;
    return undefined;
  }
  if (c.sequence < p.verdict.through) {
    return { ...at, kind: 'moved', message: `The checkpoint at ${c.sequence} stands in another place.` };
  }
  const fault = against(p, c);
  if (fault) return fault;
  p.verdict.checkpoints++;
  p.verdict.signedThrough = c.sequence;
  return undefined;
}

/** Compares the chain with the checkpoint that was given from outside, when it has just come there. */
function againstGiven(p: Progress): Fault | undefined {
  return p.checkpoint?.sequence === p.verdict.through ? against(p, p.checkpoint) : undefined;
}

function against(p: Progress, c: Checkpoint): Fault | undefined {
  if (c.hash.equals(p.hash)) return undefined;
  const since = (p.verdict.signedThrough ?? 0) + 1;
  return {
    kind: 'rewritten',
    sequence: since,
    eventId: null,
    message: `The chain was made anew somewhere from ${since} to ${c.sequence}: the checkpoint at ${c.sequence} was signed for another history.`,
  };
}

function checkEnd(p: Progress, end: AuditItem & { kind: 'end' }): Fault | undefined {
  p.isEnded = true;
  p.verdict.unsealed = end.unsealed;
  const promised = Math.max(end.sequence, p.ahead?.sequence ?? 0);
  if (promised > p.verdict.through) return tailMissing(p, promised);
  if (end.sequence < p.verdict.through || !end.hash.equals(p.hash)) {
    const message = `The end of the chain is recorded as ${end.sequence}, with a hash that is not that of ${p.verdict.through}.`;
    return { kind: 'head_altered', sequence: p.verdict.through, eventId: null, message };
  }
  if (end.overlooked === null) return undefined;
  const message = `Event ${end.overlooked} is not in the chain: its row was taken out, or the event was put in later.`;
  return { kind: 'overlooked', sequence: null, eventId: end.overlooked, message };
}

function tailMissing({ verdict }: Progress, promised: number): Fault {
  const message = `The chain ends at ${verdict.through}; the events up to ${promised} were deleted.`;
  return { kind: 'tail_missing', sequence: verdict.through + 1, eventId: null, message };
}

function atEnd(p: Progress, mustBeSigned: boolean): Fault | undefined {
  const { through, signedThrough, events } = p.verdict;
  p.onProgress?.(events, p.total);
  const next = { sequence: through + 1, eventId: null };
  if (!p.isEnded)
    return {
      ...next,
      kind: 'truncated',
      message: `The export breaks off after event ${through} of the chain.`,
    };
  if (mustBeSigned && events > 0 && (signedThrough ?? 0) < through) {
    const sequence = Math.max(signedThrough ?? 0, through - events) + 1;
    return {
      kind: 'unsigned',
      sequence,
      eventId: null,
      message: `No checkpoint vouches for the events from ${sequence} on.`,
    };
  }
  if (!p.checkpoint) return undefined;
  if (p.checkpoint.sequence > through) return tailMissing(p, p.checkpoint.sequence);
  if (p.checkpoint.sequence < through - events) {
    return {
      kind: 'not_covered',
      sequence: null,
      eventId: null,
      message: `The history begins after the given checkpoint, at ${through - events + 1}.`,
    };
  }
  return undefined;
}

const LOOK_AHEAD = 1_000;

/** Looks whether what belongs in the place of a bad event stands a little farther on. */
async function explain(
  p: Progress,
  bad: AuditItem & { kind: 'event' },
  fault: Fault,
  rest: AsyncIterator<AuditItem>,
): Promise<Fault> {
  const isHere = (e: AuditItem & { kind: 'event' }) =>
    fault.kind === 'missing'
      ? e.sequence === fault.sequence && bad.sequence > e.sequence
      : e.record !== null && chainHash(p.hash, canonical(e.record)).equals(bad.hash);
  if (fault.kind !== 'missing' && fault.kind !== 'altered') return fault;
  for (let seen = 0; seen < LOOK_AHEAD; seen++) {
    const next = await rest.next();
    if (next.done) break;
    if (next.value.kind !== 'event' || !isHere(next.value)) continue;
    const { eventId } = next.value;
    return {
      kind: 'moved',
      sequence: fault.sequence,
      eventId,
      message: `Event ${eventId}, sealed at ${fault.sequence}, stands in another place.`,
    };
  }
  return fault;
}
