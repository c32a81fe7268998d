import type { GrowthVerdict, Workload } from '../../model/growth.ts';
import type { ProcessFloors } from '../../store/growth-store.ts';
import { Allocations } from './allocations.ts';
import { ClockLevels } from './clock-levels.ts';
import type { CreateDetector, Detector, DetectorSettings, StepOptions } from './contract.ts';
import { type Found, foundAgain, type Growers, notFound, type Shown } from './finding.ts';
import { judgeGoroutines } from './goroutines.ts';
import { judgeHeap } from './heap.ts';
import { Recurrences } from './likely.ts';
import { type Memory, processMemory, readMemory, recallProcess } from './memory.ts';
import {
  bucketsPerHalf,
  carry,
  goneAfter,
  goroutineAgeShare,
  goroutineFloors,
  maxProcesses,
  steadyOptions,
} from './options.ts';
import { Plateaus } from './plateaus.ts';
import { FollowedProcess } from './process.ts';
import { shownGoroutines, shownHeap } from './shown.ts';
import { type Judged, signalVerdicts } from './verdict.ts';

/**
 * The detector of a workload. A step takes the floors of a bucket into the rings of their processes, lets those that ended teach
 * what they held, judges every series, and folds what is shown into what is found.
 */
class WorkloadDetector implements Detector {
  readonly workload: Workload;
  readonly #settings: DetectorSettings;
  #processes = new Map<string, FollowedProcess>();
  #plateaus = new Plateaus();
  #recurrences = new Recurrences();
  readonly #clock = new ClockLevels();
  readonly #allocations = new Allocations();
  #found: { heap?: Found | undefined; goroutines?: Found | undefined; allocations?: Found | undefined } = {};
  #bucket = -1;

  constructor(workload: Workload, settings: DetectorSettings) {
    this.workload = workload;
    this.#settings = settings;
  }

  get series(): number {
    let n = 0;
    for (const { functions } of this.#processes.values()) n += functions.size + 1;
    return n;
  }

  step(
    bucket: number,
    floors: readonly ProcessFloors[],
    { minAge = this.#settings.minAge }: StepOptions = {},
  ): GrowthVerdict {
    this.#take(bucket, floors);
    for (const process of this.#endOld(bucket)) {
      const age = process.age(process.seen, this.#settings.bucketMs);
      this.#plateaus.learnAtEnd(process, age);
      this.#recurrences.ended(process, age);
    }
    const processes = [...this.#processes.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    const judged = this.#judge(bucket, processes, minAge);
    this.#plateaus.prune(bucket);
    this.#recurrences.prune(bucket);
    this.#clock.prune(bucket);
    const { bucketMs } = this.#settings;
    return {
      workload: this.workload,
      atMs: (bucket + 1) * bucketMs,
      signals: signalVerdicts(judged),
      processes: new Set(floors.map(({ process }) => process.id)).size,
    };
  }

  /** Floors of a bucket without judging: how history comes back. */
  refill(bucket: number, floors: readonly ProcessFloors[]): void {
    this.#take(bucket, floors);
    this.#endOld(bucket);
  }

  recall({ processes, plateaus, doubts, died, found }: Memory, bucket: number): void {
    this.#bucket = Math.max(this.#bucket, bucket);
    const remembered = new Map(processes.map((process) => [process.id, process]));
    for (const [id, process] of this.#processes) {
      const memory = remembered.get(id);
      if (memory) recallProcess(process, memory);
      else this.#processes.delete(id);
    }
    this.#plateaus = new Plateaus(plateaus);
    this.#recurrences = new Recurrences(died);
    this.#clock.recall(doubts);
    this.#found = found;
  }

  memory(): string {
    const processes = [...this.#processes.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    const memory: Memory = {
      format: 1,
      processes: processes.map(processMemory),
      plateaus: this.#plateaus.entries(),
      doubts: this.#clock.entries(),
      died: this.#recurrences.entries(),
      found: this.#found as Memory['found'],
    };
    return JSON.stringify(memory);
  }

  /** The same processes whatever their order, and no more than can be judged in time. */
  #take(bucket: number, floors: readonly ProcessFloors[]): void {
    if (!Number.isSafeInteger(bucket) || bucket <= this.#bucket) {
      throw new RangeError(`buckets come in order: got ${bucket} after ${this.#bucket}`);
    }
    const before = this.#bucket;
    if (before >= 0 && Math.floor(before / bucketsPerHalf) < Math.floor(bucket / bucketsPerHalf)) {
      this.#clock.take(before, this.#processes.values());
    }
    this.#bucket = bucket;
    const byId = new Map(floors.map((one) => [one.process.id, one]));
    const chosen = [...byId.values()]
      .sort((a, b) => (a.process.id < b.process.id ? -1 : 1))
      .slice(0, maxProcesses)
      .map((one) => ({ ...one, bucket }));
    for (const one of chosen) {
      let process = this.#processes.get(one.process.id);
      if (!process) this.#processes.set(one.process.id, (process = new FollowedProcess(one.process, bucket)));
      process.take(one);
    }
    this.#allocations.take(
      bucket,
      chosen,
      ({ process: { id } }) => this.#processes.get(id)?.age(bucket, this.#settings.bucketMs) ?? 0,
    );
  }

  /** Ends processes that were not seen for an hour, or in whose slot another one was seen now. Oldest first. */
  #endOld(bucket: number): FollowedProcess[] {
    const slots = new Set<string>();
    for (const { seen, slot } of this.#processes.values()) if (seen === bucket) slots.add(slot);
    const ended = [...this.#processes.values()].filter(
      ({ seen, slot }) => bucket - seen > goneAfter || (seen < bucket && slots.has(slot)),
    );
    for (const { id } of ended) this.#processes.delete(id);
    return ended.sort((a, b) => a.seen - b.seen || (a.id < b.id ? -1 : 1));
  }

  #judge(bucket: number, processes: readonly FollowedProcess[], minAge: number): Judged {
    const { bucketMs, minPeriods, minShare } = this.#settings;
    const plateaus = this.#plateaus;
    const knowledge = { plateaus, recurrences: this.#recurrences, clock: this.#clock, minPeriods, minShare };
    const goroutineAge = minAge * goroutineAgeShare;
    const isOld = (process: FollowedProcess, age: number): boolean => process.age(bucket, bucketMs) >= age;
    const heap = processes
      .filter((process) => process.heapSeen === bucket && isOld(process, minAge))
      .flatMap((process) => judgeHeap(process, process.age(bucket, bucketMs), knowledge) ?? []);
    const goroutines = processes
      .filter((process) => process.goroutinesSeen === bucket && isOld(process, goroutineAge))
      .flatMap((process) => judgeGoroutines(process, process.age(bucket, bucketMs), plateaus) ?? []);
    const isHeapJudged = (process: FollowedProcess): boolean =>
      process.heapSeen === bucket &&
      isOld(process, minAge) &&
      process.rings.known(process.whole.row) >= steadyOptions.least;
    const isCountJudged = (process: FollowedProcess): boolean =>
      process.goroutinesSeen === bucket && process.rings.known(process.goroutines.row) >= goroutineFloors;
    const before = this.#found;
    this.#found = {
      heap: this.#fold(before.heap, shownHeap(heap, bucketMs), bucket, minAge, isHeapJudged),
      goroutines: this.#fold(before.goroutines, shownGoroutines(goroutines, bucketMs), bucket, minAge, isCountJudged),
      allocations: this.#foldAllocations(bucket, processes),
    };
    for (const process of processes) process.forgetFindings(!this.#found.heap, !this.#found.goroutines);
    for (const { series, growth, likely } of heap.flatMap(({ growing }) => growing)) {
      this.#clock.doubt(series.id, growth.from, bucket);
      if (likely) plateaus.forget(series.id);
    }
    if (before.heap && !this.#found.heap) {
      const { stopped } = this.#growersOf(before.heap, bucket, minAge, isHeapJudged);
      this.#clock.settle(stopped ? 'cleared' : 'condemned');
    }
    const found = this.#found;
    const allocations = this.#allocations;
    return { bucket, bucketMs, minAge, goroutineAge, knowledge, processes, allocations, found };
  }

  #fold(
    before: Found | undefined,
    shown: Shown | undefined,
    bucket: number,
    minAge: number,
    isJudged: (process: FollowedProcess) => boolean,
  ): Found | undefined {
    if (shown) return foundAgain(before, shown, bucket);
    return before && notFound(before, this.#growersOf(before, bucket, minAge, isJudged), bucket);
  }

  #foldAllocations(bucket: number, processes: readonly FollowedProcess[]): Found | undefined {
    const before = this.#found.allocations;
    const shown = this.#allocations.judge(bucket, processes);
    if (shown) {
      // The level before it is what it was when it was found: later the new rate is part of what it is compared with.
      return foundAgain(before, before ? { ...shown, baseline: before.baseline } : shown, bucket);
    }
    if (!before) return undefined;
    const gone = !processes.some(({ revision }) => revision === before.revision);
    return !gone && this.#allocations.holds(before, bucket) ? before : undefined;
  }

  /** What became of the processes that grew when a finding was last shown. */
  #growersOf(found: Found, bucket: number, minAge: number, isJudged: (process: FollowedProcess) => boolean): Growers {
    const { bucketMs } = this.#settings;
    const ofRevision = [...this.#processes.values()].filter(({ revision }) => revision === found.revision);
    const growers = ofRevision.filter(({ id }) => found.growers.includes(id));
    const isYoung = (process: FollowedProcess): boolean =>
      process.age(bucket, bucketMs) < minAge + carry / 4 && process.age(found.seen, bucketMs) <= goneAfter;
    return {
      stopped: growers.some(isJudged),
      pending: growers.length > 0 || ofRevision.some(isYoung),
      gone: ofRevision.length === 0,
    };
  }
}

export const createDetector: CreateDetector = (workload, settings, remembered) => {
  const detector = new WorkloadDetector(workload, settings);
  if (!remembered) return detector;
  const memory = readMemory(remembered.memory);
  let bucket = -1;
  let floors: ProcessFloors[] = [];
  for (const one of remembered.history) {
    if (one.bucket !== bucket && floors.length > 0) {
      detector.refill(bucket, floors);
      floors = [];
    }
    bucket = one.bucket;
    floors.push(one);
  }
  if (floors.length > 0) detector.refill(bucket, floors);
  if (memory) detector.recall(memory, remembered.bucket);
  return detector;
};
