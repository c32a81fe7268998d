import type { FunctionNumbers, Workload, WorkloadNumbers } from '../../model/growth.ts';
import { functionSize, rowSize, type ToldNumbers } from './numbers-teller.ts';

/** The other end of `NumbersTeller`: keeps what was told, and makes new objects only of what changed. */
export class NumbersReader {
  readonly #workloads = new Map<number, Workload>();
  readonly #functions = new Map<number, { readonly id: string; readonly name: string }>();
  readonly #numbers = new Map<number, WorkloadNumbers>();
  #all: readonly WorkloadNumbers[] = [];

  /** All workloads; those that did not change are the same objects as before. */
  read({ workloads, functions, goneWorkloads, goneFunctions, rows }: ToldNumbers): readonly WorkloadNumbers[] {
    for (const [index, workload] of workloads) this.#workloads.set(index, workload);
    for (const [number, id, name] of functions) this.#functions.set(number, { id, name });
    for (const index of goneWorkloads) {
      this.#workloads.delete(index);
      this.#numbers.delete(index);
    }
    for (let at = 0; at < rows.length; ) at = this.#readOne(rows, at);
    for (const number of goneFunctions) this.#functions.delete(number);
    if (rows.length + goneWorkloads.length > 0) this.#all = [...this.#numbers.values()];
    return this.#all;
  }

  #readOne(rows: Float64Array, at: number): number {
    const index = rows[at] as number;
    const workload = this.#workloads.get(index);
    if (!workload) throw new Error('numbers of a workload that was not told of');
    const bytes = known(rows[at + 1]);
    const count = rows[at + 8] as number;
    const functions: FunctionNumbers[] = [];
    const first = at + rowSize;
    const end = first + functionSize * count;
    for (let from = first; from < end; from += functionSize) functions.push(this.#functionAt(rows, from));
    this.#numbers.set(index, {
      workload,
      heap:
        bytes === undefined
          ? undefined
          : { bytes, objects: rows[at + 2] as number, largestBytes: rows[at + 3] as number },
      goroutines: known(rows[at + 4]),
      goroutinesLeaked: known(rows[at + 5]),
      allocBytesTotal: known(rows[at + 6]),
      allocObjectsTotal: known(rows[at + 7]),
      functions,
    });
    return end;
  }

  #functionAt(rows: Float64Array, at: number): FunctionNumbers {
    const named = this.#functions.get(rows[at] as number);
    if (!named) throw new Error('numbers of a function that was not told of');
    return {
      id: named.id,
      name: named.name,
      inuseBytes: known(rows[at + 1]),
      allocBytesTotal: known(rows[at + 2]),
      cpuSecondsTotal: known(rows[at + 3]),
    };
  }
}

function known(value: number | undefined): number | undefined {
  return value === undefined || Number.isNaN(value) ? undefined : value;
}
