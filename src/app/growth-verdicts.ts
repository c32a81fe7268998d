import type { WorkloadFilter } from '../growth/contract.ts';
import { isChosen } from '../growth/filter.ts';
import { type GrowthVerdict, workloadKey } from '../model/growth.ts';
import type { DurationMs, UnixMs } from '../model/units.ts';

/** How long those stay that are not judged any more: a day at the usual bucket. */
const keepBuckets = 144;

/** The last verdict of each workload, as it was stored or as it came. */
export class VerdictBook {
  readonly #verdicts = new Map<string, GrowthVerdict>();
  readonly #keepMs: DurationMs;
  /** The end of the last bucket that any of them tells of. */
  newestMs: UnixMs | undefined;

  constructor(bucketMs: DurationMs) {
    this.#keepMs = keepBuckets * bucketMs;
  }

  get size(): number {
    return this.#verdicts.size;
  }

  put(verdicts: Iterable<GrowthVerdict>): void {
    for (const verdict of verdicts) {
      this.#verdicts.set(workloadKey(verdict.workload), verdict);
      this.newestMs = Math.max(this.newestMs ?? 0, verdict.atMs);
    }
  }

  /** Those that are not judged, and of whom nothing came for long, are forgotten: else each Job would stay. */
  forget(nowMs: UnixMs): void {
    for (const [key, { skipped, atMs }] of this.#verdicts) {
      if (skipped !== undefined && atMs + this.#keepMs <= nowMs) this.#verdicts.delete(key);
    }
  }

  /** The name behind the id of a function that a verdict of these namespaces tells of. */
  functionName(id: string, namespaces: ReadonlySet<string>): string | undefined {
    const functions = this.all({ namespaces }).flatMap(({ signals }) => signals.flatMap((signal) => signal.functions));
    return functions.find((each) => each.id === id)?.name;
  }

  all(filter: WorkloadFilter): readonly GrowthVerdict[] {
    return [...this.#verdicts.values()].filter(({ workload }) => isChosen(workload, filter));
  }
}
