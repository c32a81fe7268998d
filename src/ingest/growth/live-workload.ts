import type { FunctionNumbers, Workload, WorkloadNumbers } from '../../model/growth.ts';
import type { Bytes, UnixMs } from '../../model/units.ts';
import type { CpuPool } from './cpu-time.ts';
import { FunctionCounters } from './function-counters.ts';
import type { FunctionNames } from './function-names.ts';
import type { LiveProcess } from './live-process.ts';
import { hasPassed } from './passed.ts';
import { makeRoomEveryMs, maxFunctionsPerWorkload, rankEveryMs, toldAtLeastMs } from './settings.ts';
import { TopSet } from './top-set.ts';
import { otherNumber, WorkloadFunctions } from './workload-functions.ts';

/** Undefined until a profile says something; `objects` and increases likewise. */
export interface WorkloadTotals {
  readonly heap: WorkloadNumbers['heap'];
  readonly goroutines: number | undefined;
  readonly goroutinesLeaked: number | undefined;
  readonly allocBytesTotal: number | undefined;
  readonly allocObjectsTotal: number | undefined;
}

/** Receives the functions that are told of. `undefined` where a function is not among the largest of a sample type. */
export type TellFunction = (number: number, numbers: Omit<FunctionNumbers, 'id' | 'name'>) => void;

/** A workload: its processes, what it counted, and which of its functions are told of. */
export class LiveWorkload implements CpuPool {
  /** Never given to another one. */
  readonly index: number;
  readonly workload: Workload;
  readonly functions: WorkloadFunctions;
  readonly processes = new Set<LiveProcess>();
  leftMs = 0;
  readonly alloc: FunctionCounters;
  readonly cpu: FunctionCounters;
  allocObjectsTotal: number | undefined;
  hasAlloc = false;
  hasCpu = false;
  /** Something came since it was told of last. */
  isChanged = true;
  /** When what was told of it stops to be so by itself. */
  changesMs: UnixMs = Infinity;
  /** On our clock: when a profile of it came last, and a live one. */
  seenMs: UnixMs = 0;
  liveMs: UnixMs | undefined;
  readonly #inuse: TopSet;
  readonly #most: number;
  #rankedMs: UnixMs = Number.NEGATIVE_INFINITY;
  #roomMadeMs: UnixMs = Number.NEGATIVE_INFINITY;

  constructor(index: number, workload: Workload, names: FunctionNames, most: number) {
    this.index = index;
    this.workload = workload;
    this.functions = new WorkloadFunctions(names, maxFunctionsPerWorkload);
    this.#most = most;
    this.#inuse = new TopSet(most, toldAtLeastMs);
    this.alloc = new FunctionCounters(most);
    this.cpu = new FunctionCounters(most);
  }

  /** The numbers at a moment; `sums` is room for one number a function. */
  tell(nowMs: UnixMs, sums: Float64Array, tellFunction: TellFunction): WorkloadTotals {
    this.isChanged = false;
    this.changesMs = Infinity;
    const held = this.#standing(nowMs, sums);
    if (this.#most > 0) this.#tellFunctions(held.heap?.bytes, sums, nowMs, tellFunction);
    sums.fill(0, 0, this.functions.size);
    return {
      ...held,
      allocBytesTotal: this.hasAlloc ? this.alloc.total : undefined,
      allocObjectsTotal: this.allocObjectsTotal,
    };
  }

  /** Gives functions new numbers when there is no more room, once an hour at most: those that nothing refers to go. */
  makeRoom(nowMs: UnixMs): void {
    if (!this.functions.isFull || !hasPassed(makeRoomEveryMs, this.#roomMadeMs, nowMs)) return;
    this.#roomMadeMs = nowMs;
    const isUsed = new Uint8Array(this.functions.size);
    for (const process of this.processes) {
      process.heap?.markUsed(isUsed);
      for (const floors of Object.values(process.floors)) floors.markUsed(isUsed);
    }
    for (const set of [this.alloc.totals(), this.cpu.totals()]) for (const number of set.keys()) isUsed[number] = 1;
    for (const number of this.#inuse.numbers()) isUsed[number] = 1;
    const numbers = this.functions.compact((number) => isUsed[number] === 1);
    for (const process of this.processes) {
      process.heap?.renumber(numbers);
      for (const floors of Object.values(process.floors)) floors.renumber(numbers);
    }
    this.#inuse.renumber(numbers);
    this.alloc.renumber(numbers, this.functions.size);
    this.cpu.renumber(numbers, this.functions.size);
  }

  #standing(nowMs: UnixMs, sums: Float64Array): Pick<WorkloadTotals, 'heap' | 'goroutines' | 'goroutinesLeaked'> {
    let heap: { bytes: Bytes; objects: number; largestBytes: Bytes } | undefined;
    let goroutines: number | undefined;
    let goroutinesLeaked: number | undefined;
    for (const process of this.processes) {
      if (process.heap && this.#stands(process, process.heap, nowMs)) {
        const { bytes, objects } = process.heap;
        heap ??= { bytes: 0, objects: 0, largestBytes: bytes };
        heap.bytes += bytes;
        heap.objects += objects;
        heap.largestBytes = Math.max(heap.largestBytes, bytes);
        process.heap.addTo(sums);
      }
      if (process.goroutines && this.#stands(process, process.goroutines, nowMs)) {
        goroutines = (goroutines ?? 0) + process.goroutines.count;
      }
      if (process.leaked && this.#stands(process, process.leaked, nowMs)) {
        goroutinesLeaked = (goroutinesLeaked ?? 0) + process.leaked.count;
      }
    }
    return { heap, goroutines, goroutinesLeaked };
  }

  #stands(process: LiveProcess, snapshot: Parameters<LiveProcess['standsUntil']>[0], nowMs: UnixMs): boolean {
    const untilMs = process.standsUntil(snapshot);
    if (untilMs <= nowMs) return false;
    this.changesMs = Math.min(this.changesMs, untilMs);
    return true;
  }

  #tellFunctions(bytes: Bytes | undefined, sums: Float64Array, nowMs: UnixMs, tellFunction: TellFunction): void {
    const held = sums.subarray(0, this.functions.size);
    if (bytes !== undefined && hasPassed(rankEveryMs, this.#rankedMs, nowMs)) {
      this.#inuse.update(held, otherNumber + 1, nowMs);
      this.#rankedMs = nowMs;
    }
    const [alloc, cpu] = [this.alloc.totals(), this.cpu.totals()];
    let rest = bytes;
    for (const number of new Set([...this.#inuse.numbers(), ...alloc.keys(), ...cpu.keys()])) {
      const inuseBytes = bytes !== undefined && this.#inuse.has(number) ? (held[number] as number) : undefined;
      if (rest !== undefined) rest -= inuseBytes ?? 0;
      tellFunction(number, { inuseBytes, allocBytesTotal: alloc.get(number), cpuSecondsTotal: cpu.get(number) });
    }
    const allocBytesTotal = this.hasAlloc ? this.alloc.other : undefined;
    const cpuSecondsTotal = this.hasCpu ? this.cpu.other : undefined;
    if (rest === undefined && !this.hasAlloc && !this.hasCpu) return;
    tellFunction(otherNumber, { inuseBytes: rest, allocBytesTotal, cpuSecondsTotal });
  }
}
