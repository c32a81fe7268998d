import type { Baseline } from '../../model/growth.ts';
import { sampleWeight } from '../../model/sample-weight.ts';
import type { UnixMs } from '../../model/units.ts';
import type { FloorProcess, FunctionFloor, HeapFloor, ProcessFloors } from '../../store/growth-store.ts';
import { forgetAfter, maxFunctions } from './options.ts';
import { FloorRings } from './rings.ts';

/** One series of a process: the whole heap, a function, or the count of goroutines. */
export class Series {
  readonly id: string;
  readonly name: string;
  /** Its row in the rings. */
  readonly row: number;
  /** Bytes that one sample stands for. */
  weight: number;
  /** The newest bucket in which it was among the floors, and its floor then. */
  present = -1;
  floor = 0;
  /** Evaluations in a row in which it had the shape. */
  steady = 0;
  envelope = 0;
  week = 0;
  /** The newest bucket in which it was seen growing; -1: never. */
  lastHit = -1;
  /** Whether it was found growing, and growing to a level that is new. */
  grew = false;
  /** While a finding of it is open: what it had to grow by when it was found, and what it was last above. */
  found: { readonly need: number; readonly baseline: Baseline } | undefined;
  /** How far it came, for the answer to `why not`: conditions met, and the rise beside what is needed. */
  stage = 0;
  closeness = 0;

  constructor(id: string, name: string, row: number, weight: number) {
    this.id = id;
    this.name = name;
    this.row = row;
    this.weight = weight;
  }
}

const usualPeriod = 524_288;

/** A process that is followed: its floors, and what was seen in them. */
export class FollowedProcess {
  readonly id: string;
  readonly slot: string;
  readonly pod: string;
  readonly revision: string;
  readonly startedMs: UnixMs | undefined;
  /** The first bucket it was seen in. */
  first: number;
  /** The newest bucket with any floor, with a heap, and with goroutines. */
  seen = -1;
  heapSeen = -1;
  goroutinesSeen = -1;
  period = usualPeriod;
  readonly rings = new FloorRings();
  readonly whole: Series;
  readonly goroutines: Series;
  readonly functions = new Map<string, Series>();
  /** What a function that is not among the floors may hold at most. */
  readonly #unseen: number;

  constructor({ id, slot, pod, revision, startedMs }: FloorProcess, bucket: number) {
    this.id = id;
    this.slot = slot;
    this.pod = pod;
    this.revision = revision;
    this.startedMs = Number.isFinite(startedMs) ? startedMs : undefined;
    this.first = bucket;
    this.whole = new Series('', '', this.rings.add(), usualPeriod);
    this.goroutines = new Series('goroutines', '', this.rings.add(), 1);
    this.#unseen = this.rings.add();
  }

  /** In buckets, at the end of one. Of a process that does not say when it started, since it was first seen. */
  age(bucket: number, bucketMs: number): number {
    const started = this.startedMs === undefined ? this.first : this.startedMs / bucketMs;
    return Math.max(0, bucket + 1 - started);
  }

  take({ bucket, heap, goroutines, functions }: ProcessFloors): void {
    this.seen = bucket;
    this.rings.advance(bucket);
    if (goroutines !== undefined && goroutines >= 0 && Number.isFinite(goroutines)) {
      this.goroutinesSeen = bucket;
      this.rings.put(this.goroutines.row, goroutines);
    }
    if (heap && isLevel(heap.bytes)) this.#takeHeap(bucket, heap, functions);
    this.#forget(bucket);
  }

  #takeHeap(bucket: number, heap: HeapFloor, functions: readonly FunctionFloor[]): void {
    this.heapSeen = bucket;
    if (isLevel(heap.period) && heap.period > 0) this.period = heap.period;
    this.whole.weight = isLevel(heap.weight) && heap.weight > 0 ? heap.weight : this.period;
    this.rings.put(this.whole.row, heap.bytes);
    const known = functions.filter(({ bytes }) => isLevel(bytes));
    const seconds = isLevel(heap.allocMs) ? heap.allocMs / 1000 : 0;
    const rateOf = (bytes: number): number => (seconds > 0 && isLevel(bytes) ? bytes / seconds : Number.NaN);
    this.rings.putRate(this.whole.row, rateOf(heap.allocBytes));
    const restRate = rateOf(Math.max(0, heap.allocBytes - sumOf(known, ({ allocBytes }) => allocBytes)));
    const rest = Math.max(0, heap.bytes - sumOf(known, ({ bytes }) => bytes));
    const unseen = known.reduce((x, { bytes }) => Math.min(x, bytes), rest);
    for (const floor of known) {
      const series = this.#seriesOf(floor);
      series.present = bucket;
      series.floor = floor.bytes;
      if (floor.bytes > 0) series.weight = sampleWeight(floor.bytes, floor.objects, this.period);
      this.rings.put(series.row, floor.bytes);
      this.rings.putRate(series.row, rateOf(floor.allocBytes));
    }
    this.rings.put(this.#unseen, unseen);
    this.rings.putRate(this.#unseen, restRate);
    for (const series of this.functions.values()) {
      if (series.present === bucket) continue;
      this.rings.put(series.row, Math.min(unseen, series.floor));
      this.rings.putRate(series.row, restRate);
    }
  }

  /** A function that comes late held before at most what was not among the floors, and no more than it holds now. */
  #seriesOf({ id, name, bytes, objects }: FunctionFloor): Series {
    const known = this.functions.get(id);
    if (known) return known;
    const row = this.rings.addLike(this.#unseen, bytes);
    const series = new Series(id, name, row, sampleWeight(bytes, objects, this.period));
    this.functions.set(id, series);
    return series;
  }

  /** Findings that are over: what grows next is found by what it needs then. */
  forgetFindings(ofHeap: boolean, ofGoroutines: boolean): void {
    if (ofGoroutines) this.goroutines.found = undefined;
    if (!ofHeap) return;
    this.whole.found = undefined;
    for (const series of this.functions.values()) series.found = undefined;
  }

  /** Functions that were absent for long; and, of too many, those absent longest. */
  #forget(bucket: number): void {
    for (const series of this.functions.values()) if (bucket - series.present > forgetAfter) this.#drop(series);
    if (this.functions.size <= maxFunctions) return;
    const newestFirst = [...this.functions.values()].sort((a, b) => b.present - a.present || (a.id < b.id ? -1 : 1));
    for (const series of newestFirst.slice(maxFunctions)) this.#drop(series);
  }

  #drop(series: Series): void {
    this.functions.delete(series.id);
    this.rings.remove(series.row);
  }
}

const isLevel = (value: number): boolean => Number.isFinite(value) && value >= 0;

function sumOf(floors: readonly FunctionFloor[], of: (floor: FunctionFloor) => number): number {
  let sum = 0;
  for (const floor of floors) {
    const value = of(floor);
    if (isLevel(value)) sum += value;
  }
  return sum;
}
