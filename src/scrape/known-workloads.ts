import type { LabelSet } from '../model/labels.ts';
import { partitionKey } from '../model/series.ts';
import type { Target } from '../model/target.ts';
import { type DurationMs, day, hour, type UnixMs } from '../model/units.ts';

/** The moment a workload became known is forgotten this long after its last target was seen. */
const forgetMs: DurationMs = day;
/** Bare pods and Jobs are workloads of their own: of more than these, the ones seen longest ago are forgotten sooner. */
const maxWorkloads = 50_000;
const sweepEveryMs: DurationMs = hour;

/** When this run of ours first knew each workload: a process that started later than that counts from zero. */
export class KnownWorkloads {
  readonly #seen = new Map<string, { readonly firstMs: UnixMs; readonly lastMs: UnixMs }>();
  #sweptMs = Number.NEGATIVE_INFINITY;

  see(labels: LabelSet, nowMs: UnixMs): void {
    const key = partitionKey(labels);
    const firstMs = this.#seen.get(key)?.firstMs ?? nowMs;
    // Set anew, so that the map is in the order in which they were last seen.
    this.#seen.delete(key);
    this.#seen.set(key, { firstMs, lastMs: nowMs });
    const [oldest] = this.#seen.keys();
    if (this.#seen.size > maxWorkloads && oldest !== undefined) this.#seen.delete(oldest);
  }

  firstKnownMs(labels: LabelSet): UnixMs | undefined {
    return this.#seen.get(partitionKey(labels))?.firstMs;
  }

  /** Once an hour: notes which workloads are still there and forgets those long gone, so that names do not pile up. */
  sweep(targets: () => Iterable<Target>, nowMs: UnixMs): void {
    if (nowMs - this.#sweptMs < sweepEveryMs) return;
    this.#sweptMs = nowMs;
    for (const { labels } of targets()) this.see(labels, nowMs);
    for (const [key, { lastMs }] of this.#seen) if (nowMs - lastMs > forgetMs) this.#seen.delete(key);
  }
}
