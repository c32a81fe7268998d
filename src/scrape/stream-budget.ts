import type { TransportName } from '../model/target.ts';
import { TokenBucket } from '../model/token-bucket.ts';
import { type DurationMs, second, type UnixMs } from '../model/units.ts';
import { Admission } from './admission.ts';
import { FetchError } from './transports/transport.ts';

/** What a transport through the API server may use of it. */
export interface StreamLimits {
  /** In use at once, in all and to pods of one node. */
  readonly streams: number;
  readonly streamsPerNode: number;
  /** New ones a second to pods of one node; so many may come at once after a quiet while. */
  readonly perSecond: number;
}

/** The bounds that a budget has, as `flameherd_transport_refused_total{bound}` counts when one is hit. */
export const streamBounds = ['streams', 'streams_per_node', 'per_second'] as const;
export type StreamBound = (typeof streamBounds)[number];

export interface StreamNumbers {
  readonly transport: TransportName;
  readonly limits: StreamLimits;
  readonly inUse: number;
  readonly waiting: number;
  readonly opened: number;
  /** Fetches given up because a bound was hit for longer than `maxWaitMs`. */
  readonly refused: Readonly<Record<StreamBound, number>>;
}

/** How long a fetch waits for its place, and for its turn to open a stream: a few scrapes' time, well within one interval. */
export const maxWaitMs: DurationMs = 5 * second;

const keyOfBound: Readonly<Record<StreamBound, keyof StreamLimits>> = {
  streams: 'streams',
  streams_per_node: 'streamsPerNode',
  per_second: 'perSecond',
};

/**
 * The load that one transport may put on the control plane: streams in use, in all and per node, and new ones per node and
 * second. Who finds no place waits a little, first come, first served, and is then refused with the name of the bound.
 */
export class StreamBudget {
  readonly #transport: TransportName;
  /** The section of the configuration, to name in errors. */
  readonly #section: string;
  readonly #limits: StreamLimits;
  readonly #now: () => UnixMs;
  readonly #waitMs: DurationMs;
  readonly #admission: Admission;
  readonly #buckets = new Map<string, TokenBucket>();
  readonly #refused: Record<StreamBound, number> = { streams: 0, streams_per_node: 0, per_second: 0 };
  #opened = 0;

  constructor(
    transport: TransportName,
    section: string,
    limits: StreamLimits,
    now: () => UnixMs = Date.now,
    waitMs: DurationMs = maxWaitMs,
  ) {
    this.#waitMs = waitMs;
    this.#transport = transport;
    this.#section = section;
    this.#limits = limits;
    this.#now = now;
    const { streams, streamsPerNode } = limits;
    this.#admission = new Admission({
      windows: streams,
      snapshots: 0,
      perNode: streamsPerNode,
      bytes: Number.MAX_VALUE,
    });
  }

  /** A place for one fetch; give it back by disposing of it. Throws `FetchError`: `budget`, or `aborted`. */
  async enter(node: string, signal: AbortSignal): Promise<Disposable> {
    const patience = AbortSignal.timeout(this.#waitMs);
    const permit = await this.#admission.enter(
      { lane: 'windows', node, bytes: 0 },
      AbortSignal.any([signal, patience]),
    );
    if (permit) return { [Symbol.dispose]: () => permit.release() };
    if (signal.aborted) throw new FetchError('aborted', 'the scrape was called off');
    throw this.#refuse(this.#admission.inFlight >= this.#limits.streams ? 'streams' : 'streams_per_node', node);
  }

  /** Waits for the turn to open a stream. Throws as `enter` does. */
  async open(node: string, signal: AbortSignal): Promise<void> {
    const nowMs = this.#now();
    const atMs = this.#bucketOf(node, nowMs).takeWithin(nowMs, this.#waitMs);
    if (atMs === undefined) throw this.#refuse('per_second', node);
    if (atMs > nowMs) await pause(atMs - nowMs, signal);
    this.#opened++;
  }

  numbers(): StreamNumbers {
    const { inFlight, waiting } = this.#admission;
    return {
      transport: this.#transport,
      limits: this.#limits,
      inUse: inFlight,
      waiting,
      opened: this.#opened,
      refused: { ...this.#refused },
    };
  }

  /** A node without a bucket has a full one, so full ones are forgotten when another is made. */
  #bucketOf(node: string, nowMs: UnixMs): TokenBucket {
    const found = this.#buckets.get(node);
    if (found) return found;
    for (const [name, bucket] of this.#buckets) if (bucket.isFull(nowMs)) this.#buckets.delete(name);
    const { perSecond } = this.#limits;
    const made = new TokenBucket({ perSecond, burst: Math.max(1, 2 * perSecond) });
    this.#buckets.set(node, made);
    return made;
  }

  #refuse(bound: StreamBound, node: string): FetchError {
    this.#refused[bound]++;
    const key = keyOfBound[bound];
    const limit = this.#limits[key];
    const where = bound === 'streams' ? '' : ` to pods on ${node || 'an unknown node'}`;
    const what = bound === 'per_second' ? `${limit} new streams a second are` : `${limit} streams at once are`;
    return new FetchError(
      'budget',
      `no ${this.#transport} stream became free within ${this.#waitMs / second} s: ${what} allowed${where} (${this.#section}.${key})`,
    );
  }
}

/** Throws `FetchError('aborted')` when the signal aborts first. */
function pause(ms: DurationMs, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(new FetchError('aborted', 'the scrape was called off'));
    };
    if (signal.aborted) return reject(new FetchError('aborted', 'the scrape was called off'));
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    return signal.addEventListener('abort', onAbort, { once: true });
  });
}
