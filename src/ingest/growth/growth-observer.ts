import { FlameherdError } from '../../model/errors.ts';
import type { DurationMs, UnixMs } from '../../model/units.ts';
import type { GrowthStore } from '../../store/growth-store.ts';
import { mostIntervals } from '../../store/standing.ts';
import type { IngestStats } from '../messages.ts';
import type { ProfileObserver } from '../pipeline.ts';
import { CpuTime } from './cpu-time.ts';
import { FloorBook } from './floor-book.ts';
import { Incarnations, type SmallState } from './incarnations.ts';
import { LiveBook } from './live-book.ts';
import type { HeldCount, LiveProcess } from './live-process.ts';
import type { LiveWorkload } from './live-workload.ts';
import type { CpuObservation, HeapObservation, ObservedProfile, ProfileObservation } from './observation.ts';
import { type GrowthIngestSettings, liveWithinMs, workloadForgottenMs } from './settings.ts';
import type { WorkloadFunctions } from './workload-functions.ts';

export interface GrowthObserverOptions {
  readonly settings: GrowthIngestSettings;
  readonly store: Pick<GrowthStore, 'saveFloors'>;
  readonly state: SmallState;
  readonly now: () => UnixMs;
}

/** How much is held, and what there was no room for since the start. */
export type GrowthObserverCounts = IngestStats['growth'];

/**
 * What is learnt of the profiles that were stored: floors for the detector, and numbers of workloads for metrics. Its memory
 * is lost with the process, on purpose: counters begin at 0 with each start (decision 0013).
 *
 *     observation ─┬─> floors of the open bucket ── save, once a minute and when asked ─> GrowthStore
 *                  └─ live? ─> last heap, goroutines;  counters by function ── tell ─> WorkloadNumbers
 */
export class GrowthObserver implements ProfileObserver {
  readonly book: LiveBook;
  readonly ownerSkip: readonly string[];
  readonly #floors: FloorBook;
  readonly #cpu: CpuTime;
  readonly #incarnations: Incarnations;
  readonly #now: () => UnixMs;
  /** Workloads whose functions were asked for in the batch at hand. */
  readonly #touched = new Set<LiveWorkload>();
  #saveFailures = 0;

  constructor({ settings, store, state, now }: GrowthObserverOptions) {
    const { bucketMs, functions, maxSeries, metricFunctions, samplesReplicas } = settings;
    this.ownerSkip = settings.ownerSkip;
    this.book = new LiveBook(metricFunctions);
    this.#floors = new FloorBook({ store, bucketMs, functions, maxSeries });
    this.#cpu = new CpuTime(now(), samplesReplicas);
    this.#incarnations = new Incarnations(state);
    this.#now = now;
  }

  get counts(): GrowthObserverCounts {
    const { book } = this;
    const { budget, lost } = this.#floors;
    return {
      workloads: book.workloadCount,
      processes: book.processCount,
      functions: book.names.size,
      series: budget.used,
      seriesLeftOut: budget.leftOut,
      profilesLeftOut: book.leftOut,
      floorsLost: lost,
      floorSaveFailures: this.#saveFailures,
    };
  }

  /** The functions of the workload that a profile is of, by number; undefined when there is no room for it. */
  readonly functionsOf = (
    partition: string,
    labels: ObservedProfile['series']['labels'],
  ): WorkloadFunctions | undefined => {
    const workload = this.book.workload(partition, labels, this.#now());
    if (workload) this.#touched.add(workload);
    else this.book.leftOut++;
    return workload?.functions;
  };

  /** A profile was stored. */
  stored(observed: ProfileObservation): void {
    const nowMs = this.#now();
    const { series, stampMs, intervalMs } = observed;
    const workload = this.book.workload(observed.partition, series.labels, nowMs);
    const process = workload && this.book.process(workload, series);
    if (!workload || !process) {
      this.book.leftOut++;
      return;
    }
    process.saw(intervalMs, nowMs);
    this.#noteReset(observed, process);
    const isLive = nowMs - stampMs <= liveWithinMs;
    if (observed.kind === 'heap' || observed.kind === 'goroutine') {
      this.#floors.take(observed, isLive ? 'live' : 'import', workload, process);
    }
    if (!isLive || observed.kind === 'reset') return;
    this.book.sawLive(process, stampMs, intervalMs);
    workload.liveMs = nowMs;
    workload.isChanged = true;
    this.#takeLive(observed, workload, process, nowMs);
  }

  /** A process has ended, as a watcher or an upload says. */
  processEnded(processId: string, endedMs: UnixMs): void {
    for (const process of this.book.named(processId)) {
      process.end(endedMs);
      process.workload.isChanged = true;
    }
  }

  /** Between batches, when nobody holds numbers of functions. Never throws what the store does. */
  endBatch(): void {
    const nowMs = this.#now();
    for (const workload of this.#touched) workload.makeRoom(nowMs);
    this.#touched.clear();
    try {
      this.#floors.relieve();
    } catch (error) {
      if (!(error instanceof FlameherdError)) throw error;
      this.#saveFailures++;
    }
  }

  /**
   * Saves floors, and forgets what is over. Answers the newest bucket of which live floors were saved since the start. Throws
   * what the store throws: nothing is lost by that, it is saved with the next call.
   */
  saveFloors(): number | undefined {
    try {
      return this.#saveFloors();
    } catch (error) {
      this.#saveFailures++;
      throw error;
    }
  }

  #saveFloors(): number | undefined {
    const nowMs = this.#now();
    for (const workload of this.book.workloads) {
      for (const process of workload.processes) {
        if (!process.isOver(nowMs)) continue;
        this.#cpu.ended(process, workload);
        this.#floors.close(process);
        this.book.remove(process);
      }
    }
    // First, so that no floor is of a process that a restart of ours would take for another.
    this.#incarnations.save();
    this.#floors.save();
    this.book.forget(nowMs);
    return this.#floors.newestBucket;
  }

  /** Whether a workload had something live within a day: what metrics tell of. */
  isLive(workload: LiveWorkload, nowMs: UnixMs): boolean {
    return workload.liveMs !== undefined && nowMs - workload.liveMs < workloadForgottenMs;
  }

  #takeLive(
    observed: Exclude<ProfileObservation, { kind: 'reset' }>,
    workload: LiveWorkload,
    process: LiveProcess,
    nowMs: UnixMs,
  ): void {
    const { stampMs, intervalMs } = observed;
    switch (observed.kind) {
      case 'heap':
        if (observed.columns.inuse_space) process.holdHeap().take(observed);
        this.#countAllocations(observed, workload, nowMs);
        break;
      case 'cpu':
        this.#countCpu(observed, workload, process, nowMs);
        break;
      case 'goroutine':
        process.goroutines = later(process.goroutines, { stampMs, intervalMs, count: observed.total });
        break;
      case 'goroutineleak':
        process.leaked = later(process.leaked, { stampMs, intervalMs, count: observed.total });
        break;
      default:
        observed satisfies never;
    }
  }

  #countAllocations(observed: HeapObservation, workload: LiveWorkload, nowMs: UnixMs): void {
    const { numbers, columns, totals } = observed;
    const share = shareOf(observed);
    if (columns.alloc_space) {
      workload.hasAlloc = true;
      workload.alloc.add(numbers, columns.alloc_space, share, workload.functions.size, nowMs);
    }
    if (columns.alloc_objects) {
      workload.allocObjectsTotal = (workload.allocObjectsTotal ?? 0) + share * Math.max(0, totals.alloc_objects);
    }
  }

  #countCpu(observed: CpuObservation, workload: LiveWorkload, process: LiveProcess, nowMs: UnixMs): void {
    const { numbers, columns, spanMs } = observed;
    if (!columns.cpu || spanMs <= 0) return;
    const spokenForMs: DurationMs = this.#cpu.spokenFor(observed, process, workload);
    workload.hasCpu = true;
    workload.cpu.add(numbers, columns.cpu, spokenForMs / spanMs, workload.functions.size, nowMs);
  }

  #noteReset({ series, stampMs, spanMs, isReset }: ProfileObservation, process: LiveProcess): void {
    // Where it is known when it started, another start is another process.
    if (series.process.startedMs !== undefined) return;
    const known = process.resetMs ?? this.#incarnations.resetOf(series);
    const isNew = isReset && stampMs - spanMs >= (known ?? 0);
    const resetMs = isNew ? stampMs : known;
    if (resetMs === process.resetMs) return;
    if (isNew) this.#incarnations.note(series, stampMs);
    this.#floors.close(process);
    process.resetMs = resetMs;
  }
}

/** Uploads of levels may come in any order. */
function later(held: HeldCount | undefined, next: HeldCount): HeldCount {
  return held && held.stampMs > next.stampMs ? held : next;
}

/** An increase over much longer than an interval, after an outage, counts as much as would have been seen: no burst. */
function shareOf({ spanMs, intervalMs }: ObservedProfile): number {
  const mostMs = mostIntervals * intervalMs;
  return spanMs > mostMs && mostMs > 0 ? mostMs / spanMs : 1;
}
