import type { Workload } from '../../model/growth.ts';
import { sampleWeight } from '../../model/sample-weight.ts';
import type { FloorProcess, HeapFloor, ProcessFloors } from '../../store/growth-store.ts';
import { FollowedFunctions, type SeriesBudget } from './followed-functions.ts';
import type { HeapObservation } from './observation.ts';
import type { WorkloadFunctions } from './workload-functions.ts';

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Whose floors they are. */
export interface FloorsOf {
  readonly workload: Workload;
  readonly functions: WorkloadFunctions;
}

/** The floors of one process in the bucket that is open: levels of the whole bucket, allocations since they were last saved. */
export class OpenFloors {
  isDirty = false;
  readonly #of: FloorsOf;
  readonly #process: FloorProcess;
  readonly #followed: FollowedFunctions;
  #bucket: number | undefined;
  #heap: Mutable<HeapFloor> | undefined;
  #goroutines: number | undefined;

  constructor(of: FloorsOf, process: FloorProcess, most: number, budget: SeriesBudget) {
    this.#of = of;
    this.#process = process;
    this.#followed = new FollowedFunctions(most, budget);
  }

  get bucket(): number | undefined {
    return this.#bucket;
  }

  /** Begins a bucket; what there is of the one before must have been taken. */
  open(bucket: number): void {
    this.#bucket = bucket;
    this.#heap = undefined;
    this.#goroutines = undefined;
    this.isDirty = false;
  }

  takeGoroutines(count: number): void {
    this.#goroutines = Math.min(this.#goroutines ?? Infinity, count);
    this.isDirty = true;
  }

  /** `place` says where a function is in the columns, -1 where it is not. */
  takeHeap(observed: HeapObservation, place: (number: number) => number): void {
    const isFirst = this.#heap === undefined;
    if (isFirst) this.#followed.begin(observed);
    this.#followed.take(observed, place, isFirst);
    this.#heap = leastHeap(this.#heap, observed);
    this.isDirty = true;
  }

  /** All that is known of the bucket, to be saved. */
  floors(): ProcessFloors | undefined {
    if (this.#bucket === undefined) return undefined;
    return {
      workload: this.#of.workload,
      process: this.#process,
      bucket: this.#bucket,
      heap: this.#heap && { ...this.#heap },
      goroutines: this.#goroutines,
      functions: this.#heap ? this.#followed.floors(this.#of.functions) : [],
    };
  }

  /** What `floors` answered is stored. */
  saved(): void {
    this.isDirty = false;
    this.#followed.saved();
    if (!this.#heap) return;
    this.#heap.allocBytes = 0;
    this.#heap.allocMs = 0;
  }

  /** Follows nothing any more. */
  end(): void {
    this.#followed.end();
  }

  renumber(numbers: Uint16Array): void {
    this.#followed.renumber(numbers);
  }

  markUsed(isUsed: Uint8Array): void {
    this.#followed.markUsed(isUsed);
  }
}

/** The lesser of two heaps with what belongs to it, and all that was allocated. */
export function leastHeap(before: Mutable<HeapFloor> | undefined, observed: HeapObservation): Mutable<HeapFloor> {
  const { totals, period, spanMs } = observed;
  const allocBytes = (before?.allocBytes ?? 0) + Math.max(0, totals.alloc_space);
  const allocMs = (before?.allocMs ?? 0) + (observed.columns.alloc_space ? spanMs : 0);
  const bytes = Math.max(0, totals.inuse_space);
  if (before && before.bytes <= bytes) return { ...before, allocBytes, allocMs };
  return {
    bytes,
    objects: Math.max(0, totals.inuse_objects),
    period,
    weight: meanWeight(observed),
    allocBytes,
    allocMs,
  };
}

/** `Σ sampleWeight · bytes ÷ Σ bytes` over functions, in whole bytes: stored in a third of what a fraction takes. */
function meanWeight({ columns, period }: HeapObservation): number {
  const bytes = columns.inuse_space ?? [];
  let [weighted, sum] = [0, 0];
  for (let at = 0; at < bytes.length; at++) {
    const held = bytes[at] as number;
    if (!(held > 0)) continue;
    weighted += held * sampleWeight(held, columns.inuse_objects?.[at] ?? 0, period);
    sum += held;
  }
  return sum > 0 ? Math.round(weighted / sum) : period;
}
