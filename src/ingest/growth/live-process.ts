import { labelValue } from '../../model/labels.ts';
import type { DurationMs, UnixMs } from '../../model/units.ts';
import type { FloorOrigin, FloorProcess } from '../../store/growth-store.ts';
import { mostIntervals, standingOf } from '../../store/standing.ts';
import { HeldHeap } from './held-heap.ts';
import type { LiveWorkload } from './live-workload.ts';
import type { ObservedProfile } from './observation.ts';
import type { OpenFloors } from './process-floors.ts';
import { endedProcessKeptMs, processForgottenMs } from './settings.ts';

/** A count and since when it stands. */
export interface HeldCount {
  readonly stampMs: UnixMs;
  readonly intervalMs: DurationMs;
  readonly count: number;
}

/** One process and the last profiles of it: some 900 bytes, besides its functions. */
export class LiveProcess {
  readonly workload: LiveWorkload;
  readonly id: string;
  readonly slot: string;
  /** Told apart from the others of its container by the port that is asked, if there are several. */
  readonly port: string;
  readonly pod: string;
  readonly revision: string;
  readonly startedMs: UnixMs | undefined;
  /** The stamp of the first live profile of any kind. */
  firstMs: UnixMs | undefined;
  /** Until when it is taken to be there, unless something ends it. */
  aliveUntilMs: UnixMs = Number.NEGATIVE_INFINITY;
  endMs: UnixMs | undefined;
  heap: HeldHeap | undefined;
  goroutines: HeldCount | undefined;
  leaked: HeldCount | undefined;
  /** Up to when its CPU time is counted, and whether by profiles of its own. */
  cpuUntilMs: UnixMs | undefined;
  hasOwnCpu = false;
  /** When it began anew under the same identity. */
  resetMs: UnixMs | undefined;
  readonly floors: Partial<Record<FloorOrigin, OpenFloors>> = {};
  /** On our clock: when a profile of it came last. */
  #seenMs: UnixMs = 0;
  #intervalMs: DurationMs = 0;

  constructor(workload: LiveWorkload, { process, labels }: ObservedProfile['series']) {
    this.workload = workload;
    this.id = process.id;
    this.slot = process.slot;
    this.startedMs = process.startedMs;
    this.port = labelValue(labels, 'port');
    this.pod = labelValue(labels, 'pod');
    this.revision = labelValue(labels, 'revision');
  }

  /** As its floors are kept: what began anew in place is another process in the same slot. */
  get floorProcess(): FloorProcess {
    const { pod, revision, slot, resetMs } = this;
    const id = [this.id, this.port && `:${this.port}`, resetMs === undefined ? '' : `#${resetMs}`].join('');
    return { id, slot, pod, revision, startedMs: this.startedMs ?? resetMs };
  }

  sawLive(stampMs: UnixMs, intervalMs: DurationMs): void {
    this.firstMs = Math.min(this.firstMs ?? Infinity, stampMs);
    this.aliveUntilMs = Math.max(this.aliveUntilMs, stampMs + mostIntervals * intervalMs);
  }

  saw(intervalMs: DurationMs, nowMs: UnixMs): void {
    this.#seenMs = nowMs;
    this.#intervalMs = intervalMs;
  }

  holdHeap(): HeldHeap {
    this.heap ??= new HeldHeap();
    return this.heap;
  }

  /** It is over by then at the latest. */
  end(endMs: UnixMs): void {
    this.endMs = Math.min(this.endMs ?? Infinity, endMs);
  }

  /** When a snapshot stops to stand: a last one stands as long as if a next one were late. */
  standsUntil({ stampMs, intervalMs }: { readonly stampMs: UnixMs; readonly intervalMs: DurationMs }): UnixMs {
    const { endMs } = this;
    return 1000 * standingOf({ stampMs, intervalMs, endMs, nextMs: undefined, patience: mostIntervals - 1 }).to;
  }

  /** Whether nothing of it is of use any more. */
  isOver(nowMs: UnixMs): boolean {
    if (this.endMs !== undefined && nowMs - Math.max(this.endMs, this.#seenMs) > endedProcessKeptMs) return true;
    return nowMs - this.#seenMs > Math.max(processForgottenMs, 3 * this.#intervalMs);
  }
}
