import type { Workload } from '../../model/growth.ts';
import type { UnixMs } from '../../model/units.ts';
import type { OwnerFunction } from './function-names.ts';
import type { GrowthObserver } from './growth-observer.ts';
import type { LiveWorkload } from './live-workload.ts';

/**
 * Numbers of workloads on their way to another thread: names once, and numbers of those that changed in one array, which is
 * handed over. `NumbersReader` makes `WorkloadNumbers` of them.
 */
export interface ToldNumbers {
  readonly workloads: readonly (readonly [index: number, workload: Workload])[];
  readonly functions: readonly (readonly [number: number, id: string, name: string])[];
  readonly goneWorkloads: readonly number[];
  readonly goneFunctions: readonly number[];
  /**
   * For each workload: index; heap bytes, objects, largest; goroutines; leaked; allocated bytes, objects; how many functions; then
   * for each of these: number, bytes in use, allocated bytes, CPU seconds. NaN is what is not known.
   */
  readonly rows: Float64Array<ArrayBuffer>;
}

export const rowSize = 9;
export const functionSize = 4;
/** Calls after which names that are of no use are looked for. */
const forgetEvery = 64;

/** Tells one reader, which has all that was told before. */
export class NumbersTeller {
  readonly #observer: GrowthObserver;
  readonly #now: () => UnixMs;
  readonly #told = new Set<number>();
  readonly #numbers = new Map<OwnerFunction, number>();
  readonly #toldOf = new Map<number, readonly OwnerFunction[]>();
  #lastNumber = 0;
  #calls = 0;
  #rows = new Float64Array(1024);
  #size = 0;
  #sums = new Float64Array(64);

  constructor(observer: GrowthObserver, now: () => UnixMs) {
    this.#observer = observer;
    this.#now = now;
  }

  tell(): ToldNumbers {
    const nowMs = this.#now();
    const workloads: [number, Workload][] = [];
    const functions: [number, string, string][] = [];
    const live = new Set<number>();
    this.#size = 0;
    for (const workload of this.#observer.book.workloads) {
      if (!this.#observer.isLive(workload, nowMs)) continue;
      live.add(workload.index);
      const isNew = !this.#told.has(workload.index);
      if (isNew) workloads.push([workload.index, workload.workload]);
      if (isNew || workload.isChanged || nowMs >= workload.changesMs) this.#tellOne(workload, nowMs, functions);
      this.#told.add(workload.index);
    }
    const goneWorkloads = [...this.#told].filter((index) => !live.has(index));
    for (const index of goneWorkloads) {
      this.#told.delete(index);
      this.#toldOf.delete(index);
    }
    const goneFunctions = ++this.#calls % forgetEvery === 0 ? this.#forgetFunctions() : [];
    return { workloads, functions, goneWorkloads, goneFunctions, rows: this.#rows.slice(0, this.#size) };
  }

  #tellOne(workload: LiveWorkload, nowMs: UnixMs, named: [number, string, string][]): void {
    if (this.#sums.length < workload.functions.size) this.#sums = new Float64Array(2 * workload.functions.size);
    const begin = this.#size;
    this.#size += rowSize;
    const told: OwnerFunction[] = [];
    const totals = workload.tell(nowMs, this.#sums, (number, { inuseBytes, allocBytesTotal, cpuSecondsTotal }) => {
      const of = workload.functions.at(number);
      told.push(of);
      this.#put([this.#numberOf(of, named), inuseBytes, allocBytesTotal, cpuSecondsTotal], this.#size);
      this.#size += functionSize;
    });
    const { heap, goroutines, goroutinesLeaked, allocBytesTotal, allocObjectsTotal } = totals;
    const { bytes, objects, largestBytes } = heap ?? {};
    const all = [bytes, objects, largestBytes, goroutines, goroutinesLeaked, allocBytesTotal, allocObjectsTotal];
    this.#put([workload.index, ...all, told.length], begin);
    this.#toldOf.set(workload.index, told);
  }

  #put(numbers: readonly (number | undefined)[], at: number): void {
    if (at + numbers.length > this.#rows.length) {
      const rows = new Float64Array(2 * (at + numbers.length));
      rows.set(this.#rows);
      this.#rows = rows;
    }
    for (let index = 0; index < numbers.length; index++) this.#rows[at + index] = numbers[index] ?? Number.NaN;
  }

  #numberOf(of: OwnerFunction, named: [number, string, string][]): number {
    let number = this.#numbers.get(of);
    if (number === undefined) {
      number = ++this.#lastNumber;
      this.#numbers.set(of, number);
      named.push([number, of.id, of.name]);
    }
    return number;
  }

  /** Functions that no workload is told of with any more. */
  #forgetFunctions(): number[] {
    const used = new Set<OwnerFunction>();
    for (const told of this.#toldOf.values()) for (const of of told) used.add(of);
    const gone = [...this.#numbers].filter(([of]) => !used.has(of));
    for (const [of] of gone) this.#numbers.delete(of);
    return gone.map(([, number]) => number);
  }
}
