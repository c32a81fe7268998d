import { labelValue } from '../../model/labels.ts';
import type { DurationMs, UnixMs } from '../../model/units.ts';
import type { FloorOrigin, FloorProcess } from '../../store/growth-store.ts';
import { least } from '../../store/merge-floors.ts';
import { mostIntervals, standingOf } from '../../store/standing.ts';
import { HeldHeap } from './held-heap.ts';
import type { LiveWorkload } from './live-workload.ts';
import type { ObservedProfile } from './observation.ts';
import type { OpenFloors } from './process-floors.ts';
import { endedProcessKeptMs, processForgottenMs, processKeptAtMostMs } from './settings.ts';

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
  heap: HeldHeap | undefined;
  goroutines: HeldCount | undefined;
  leaked: HeldCount | undefined;
  /** Up to when its CPU time is counted, and whether by profiles of its own. */
  cpuUntilMs: UnixMs | undefined;
  hasOwnCpu = false;
  /** When it began anew under the same identity. */
  resetMs: UnixMs | undefined;
  readonly floors: Partial<Record<FloorOrigin, OpenFloors>> = {};
  /** When it ended, as a watcher or an upload says. */
  #toldEndMs: UnixMs | undefined;
  /** The first profile of the next process in its slot. */
  #nextMs: UnixMs | undefined;
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

  get endMs(): UnixMs | undefined {
    return least(this.#toldEndMs, this.#nextMs);
  }

  /** One that sends a profile more than an interval after the end that was told of is alive again, as the store has it. */
  sawLive(stampMs: UnixMs, intervalMs: DurationMs): void {
    if (this.#toldEndMs !== undefined && stampMs > this.#toldEndMs + intervalMs) this.#toldEndMs = undefined;
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

  /** It is told to be over by then at the latest. */
  end(endMs: UnixMs): void {
    this.#toldEndMs = least(this.#toldEndMs, endMs);
  }

  /** Another process in its slot began. */
  replaced(nextMs: UnixMs): void {
    this.#nextMs = least(this.#nextMs, nextMs);
  }

  /** When a snapshot stops to stand: a last one stands as long as if a next one were late. */
  standsUntil({ stampMs, intervalMs }: { readonly stampMs: UnixMs; readonly intervalMs: DurationMs }): UnixMs {
    const { endMs } = this;
    return 1000 * standingOf({ stampMs, intervalMs, endMs, nextMs: undefined, patience: mostIntervals - 1 }).to;
  }

  /** Whether nothing of it is of use any more. One that was imported only has floors, which are saved by then. */
  isOver(nowMs: UnixMs): boolean {
    const silentMs = nowMs - this.#seenMs;
    if (this.firstMs === undefined) return silentMs > endedProcessKeptMs;
    if (this.endMs !== undefined && nowMs - Math.max(this.endMs, this.#seenMs) > endedProcessKeptMs) return true;
    return silentMs > Math.min(processKeptAtMostMs, Math.max(processForgottenMs, 3 * this.#intervalMs));
  }
}
