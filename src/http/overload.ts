import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { FastifyReply } from 'fastify';
import { DomainError } from '#core/errors.ts';

export interface LoadLimits {
  /** Requests under way at once; above it a request is refused with 503. */
  readonly requestsUnderWay: number;
  /** Milliseconds that the event loop may be late on average over half a second, and the half before it. */
  readonly eventLoopDelay: number;
  /** Milliseconds after which a request that is still without an answer is given a 503. */
  readonly handlerTimeout: number;
}

const SAMPLE = 500;
const RESOLUTION = 20;

/** Counts the requests under way, and says when there are too many. One per server; close it. */
export class Load {
  readonly #limits: LoadLimits;
  readonly #underWay = new Map<FastifyReply, number>();
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION });
  readonly #sampler: NodeJS.Timeout;
  #late = 0;
  #lateBefore = 0;

  constructor(limits: LoadLimits) {
    this.#limits = limits;
    this.#delay.enable();
    this.#sampler = setInterval(() => this.#sample(), SAMPLE);
    this.#sampler.unref();
  }

  get underWay(): number {
    return this.#underWay.size;
  }

  /** Refuses with `server.busy` unless it is for a probe, or counts the request until `leave`. */
  enter(reply: FastifyReply, probe: boolean): void {
    const full = this.#underWay.size >= this.#limits.requestsUnderWay;
    if (!probe && (full || this.#isLate())) throw new DomainError('server.busy');
    this.#underWay.set(reply, performance.now());
  }

  /** One stall, as of a machine that was put to sleep, is over when it is noticed. */
  #isLate(): boolean {
    return Math.min(this.#late, this.#lateBefore) > this.#limits.eventLoopDelay;
  }

  leave(reply: FastifyReply): void {
    this.#underWay.delete(reply);
  }

  /** Makes the answers that are still to come the last ones on their connections. */
  drain(): void {
    for (const { raw } of this.#underWay.keys()) raw.shouldKeepAlive = false;
  }

  close(): void {
    clearInterval(this.#sampler);
    this.#delay.disable();
  }

  #sample(): void {
    const mean = this.#delay.mean / 1e6 - RESOLUTION;
    this.#lateBefore = this.#late;
    this.#late = Number.isNaN(mean) ? 0 : mean;
    this.#delay.reset();
    // The map keeps the order of arrival, so the first that is young enough ends the search.
    const oldest = performance.now() - this.#limits.handlerTimeout;
    for (const [reply, since] of this.#underWay) {
      if (since > oldest) break;
      this.#underWay.delete(reply);
      // An answer that has begun is left to end; a long download is no fault.
      if (!reply.sent && !reply.raw.headersSent) reply.send(new DomainError('server.busy'));
    }
  }
}
