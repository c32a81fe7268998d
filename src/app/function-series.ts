import { type Workload, type WorkloadNumbers, workloadKey } from '../model/growth.ts';
import { hour, minute, type UnixMs } from '../model/units.ts';
import { lasting } from '../observe/metrics-text.ts';
import { fairShare } from './function-shares.ts';
import { labelsOf } from './verdict-metrics.ts';
import {
  type FunctionOptions,
  type FunctionPart,
  type NamedFunction,
  WorkloadFunctions,
} from './workload-functions.ts';

/** A workload gives back what it has over its share after so long, so that one which comes and goes moves nobody. */
export const patienceMs = 10 * minute;

const usual: FunctionOptions = { stayMs: hour, lead: 1.25 };

/** Long names, as of templates, are cut: `function_id` tells them apart. */
export const maxNameLength = 200;

export interface FunctionSample {
  readonly labels: Readonly<
    Record<'namespace' | 'workload_kind' | 'workload' | 'container' | 'function_id' | 'function', string>
  >;
  readonly value: number;
}

/**
 * The series of functions on the page: never more than `maxSeries`, shared fairly over the workloads, each of which keeps its
 * largest. What is told once stays for as long as it can, since a counter that comes and goes has no rate.
 */
export class FunctionSeries {
  #maxSeries: number;
  readonly #workloads = new Map<
    string,
    { readonly labels: ReturnType<typeof labelsOf>; readonly of: WorkloadFunctions }
  >();
  readonly #keys = new WeakMap<Workload, string>();
  readonly #labels = new WeakMap<NamedFunction, FunctionSample['labels']>();
  #dropped = 0;

  constructor(maxSeries: number) {
    this.#maxSeries = maxSeries;
  }

  /** From the next update on. */
  setMaxSeries(maxSeries: number): void {
    this.#maxSeries = maxSeries;
  }

  /** Series that were left out, each once when it was. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes over the numbers of now; a workload that has none is gone. */
  update(all: readonly WorkloadNumbers[], nowMs: UnixMs): void {
    const gone = new Set(this.#workloads.keys());
    for (const numbers of all) {
      const key = this.#keyOf(numbers.workload);
      gone.delete(key);
      const known = this.#workloads.get(key) ?? {
        labels: labelsOf(numbers.workload),
        of: new WorkloadFunctions(usual),
      };
      this.#workloads.set(key, known);
      known.of.take(numbers);
    }
    for (const key of gone) this.#workloads.delete(key);
    this.#share(nowMs);
    for (const { of } of this.#workloads.values()) this.#dropped += of.settle(nowMs);
  }

  *samples(part: FunctionPart): Generator<FunctionSample> {
    for (const { labels, of } of this.#workloads.values()) {
      for (const { of: named, value } of of.told(part)) yield { labels: this.#labelsOf(named, labels), value };
    }
  }

  #labelsOf(named: NamedFunction, workload: ReturnType<typeof labelsOf>): FunctionSample['labels'] {
    const known = this.#labels.get(named);
    if (known) return known;
    const labels = lasting({ ...workload, function_id: named.id, function: cut(named.name) });
    this.#labels.set(named, labels);
    return labels;
  }

  #keyOf(workload: Workload): string {
    let key = this.#keys.get(workload);
    if (key === undefined) this.#keys.set(workload, (key = workloadKey(workload)));
    return key;
  }

  #share(nowMs: UnixMs): void {
    const wanting = [...this.#workloads.values()].map(({ of }) => ({ of, wanted: of.wanted }));
    const share = fairShare(
      wanting.map(({ wanted }) => wanted),
      this.#maxSeries,
    );
    const workloads = wanting.map(({ of, wanted }) => ({ of, quota: Math.min(wanted, share) }));
    for (const { of, quota } of workloads) release(of, quota, nowMs);
    let used = workloads.reduce((sum, { of }) => sum + of.used, 0);
    if (used > this.#maxSeries) {
      for (const { of, quota } of workloads) of.shrinkTo(quota);
      used = workloads.reduce((sum, { of }) => sum + of.used, 0);
    }
    for (const { of, quota } of workloads) {
      const before = of.used;
      const room = Math.min(quota - before, this.#maxSeries - used);
      of.swap(room, nowMs);
      of.grow(room - (of.used - before), nowMs);
      used += of.used - before;
    }
  }
}

function release(of: WorkloadFunctions, quota: number, nowMs: UnixMs): void {
  if (of.used <= quota) {
    of.overSinceMs = undefined;
    return;
  }
  of.overSinceMs ??= nowMs;
  if (nowMs - of.overSinceMs < patienceMs) return;
  of.shrinkTo(quota);
  of.overSinceMs = undefined;
}

function cut(name: string): string {
  return name.length <= maxNameLength ? name : `${name.slice(0, maxNameLength - 1)}…`;
}
