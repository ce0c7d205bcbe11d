import type { Services, Sql } from '#core/context.ts';
import { type AuditRecord, type Checkpoint, canonical, chainHash, signCheckpoint } from './chain.ts';
import { signingKey } from './keys.ts';
import * as store from './seal-store.ts';

/** A checkpoint is signed after so many events, or so long after the last one when there are new events. */
const SIGN_AFTER = { events: 1_000, milliseconds: 60_000 };

export interface SealerOptions {
  /** Milliseconds between two looks for new events; default 1 s. */
  interval?: number;
  /** Sealing is tried again at the next look. */
  onError: (error: unknown) => void;
  /** Each checkpoint that this process signs: what is kept elsewhere proves the tail of the chain. */
  onCheckpoint?: (checkpoint: Checkpoint) => void;
}

/** Chains the events of all processes; run in each of them, one at a time does the work. */
export interface Sealer {
  /** Seals what can be sealed now and gives how many events that were; 0 when another process is at it. */
  runOnce(): Promise<number>;
  start(): void;
  /** Ends after a last round and a last checkpoint. */
  stop(): Promise<void>;
}

export function createSealer(services: Services, options: SealerOptions): Sealer {
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> | undefined;
  let isStopped = false;

  async function runOnce(): Promise<number> {
    let sealed = 0;
    let canSign = true;
    for (;;) {
      const standing = await store.findStanding(services.sql);
      if (canSign && isDue(standing, services.now())) canSign = await trySign(standing);
      if (!standing.isBehind || isStopped) return sealed;
      const more = await sealBatch(services, store.tryLockSealing);
      if (more === 0) return sealed;
      sealed += more;
    }
  }

  /** Sealing goes on without signatures, for as long as the key is not to be had. */
  async function trySign(standing: store.Standing): Promise<boolean> {
    try {
      await sign(services, standing, options.onCheckpoint);
      return true;
    } catch (error) {
      options.onError(error);
      return false;
    }
  }

  async function look(): Promise<void> {
    await runOnce().catch(options.onError);
    if (!isStopped) timer = setTimeout(next, options.interval ?? 1_000).unref();
  }

  function next(): void {
    round = look();
  }

  /** A backlog that takes longer than some batches is left to others, and to the next start. */
  async function finish(): Promise<void> {
    for (let batch = 0; batch < 10; batch++) {
      if ((await sealBatch(services, store.tryLockSealing)) < store.BATCH) break;
    }
    await sign(services, await store.findStanding(services.sql), options.onCheckpoint);
  }

  return {
    runOnce,
    start() {
      if (!round) next();
    },
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await round;
      await finish().catch(options.onError);
    },
  };
}

/** Seals everything that can be, waiting for another process that is at it, and signs where the chain ends then. */
export async function sealAll(services: Services, onCheckpoint?: (c: Checkpoint) => void): Promise<void> {
  for (let more = 1; more > 0; ) more = await sealBatch(services, store.lockSealing);
  await sign(services, await store.findStanding(services.sql), onCheckpoint);
}

function isDue({ sequence, signedSequence, signedAt }: store.Standing, now: Date): boolean {
  const unsigned = sequence - (signedSequence ?? 0);
  if (unsigned >= SIGN_AFTER.events) return true;
  return unsigned > 0 && now.getTime() - (signedAt?.getTime() ?? 0) >= SIGN_AFTER.milliseconds;
}

async function sign(
  services: Services,
  standing: store.Standing,
  told?: (c: Checkpoint) => void,
): Promise<void> {
  const { sequence, hash, signedSequence } = standing;
  if (sequence === (signedSequence ?? 0)) return;
  const { kid, privateKey } = await signingKey(services);
  const checkpoint = signCheckpoint({ sequence, hash, at: services.now().toISOString(), kid }, privateKey);
  if (await store.insertCheckpoint(services.sql, checkpoint)) told?.(checkpoint);
}

/** Gives how many events it went through. */
async function sealBatch(services: Services, lock: (sql: Sql) => Promise<unknown>): Promise<number> {
  return services.begin(async (sql) => {
    if ((await lock(sql)) === false) return 0;
    const head = await store.findHead(sql);
    if (head.isRestored) {
      const restored = await store.findRestored(sql);
      if (restored.length > 0) return append(sql, head, restored, null);
      await store.adoptRestored(sql);
    }
    const settled = await store.findSettled(sql);
    const events = settled.filter((event) => !event.isSealed);
    await append(
      sql,
      head,
      events.map(({ txid: _, isSealed: __, ...event }) => event as AuditRecord),
      cursorAfter(settled, head.xmin),
    );
    return settled.length;
  });
}

/** Where the next batch begins: behind the last event, or, when there were no more, at the first open transaction. */
function cursorAfter(found: readonly { id: number; txid: string }[], xmin: string) {
  const last = found.at(-1);
  const isFull = found.length === store.BATCH;
  if (last && (isFull || BigInt(last.txid) >= BigInt(xmin))) return { txid: last.txid, eventId: last.id };
  return { txid: xmin, eventId: 0 };
}

function append(sql: Sql, head: store.Head, events: readonly AuditRecord[], settled: store.Batch['settled']) {
  let previous = head.hash;
  const hashes = events.map((event) => {
    previous = chainHash(previous, canonical(event));
    return previous;
  });
  return store.appendSeals(sql, { head, eventIds: events.map((event) => event.id), hashes, settled });
}
