import {
  maxRemembered,
  plateauAge,
  plateauEndAge,
  plateauEndFloors,
  plateauEndQuiet,
  plateauExcess,
  plateauFlat,
  plateauFlatNeed,
  plateauHalves,
  plateauStale,
  shortFloors,
} from './options.ts';
import type { FollowedProcess, Series } from './process.ts';
import { Window } from './rings.ts';
import { sigma } from './sampling-noise.ts';
import { least } from './statistics.ts';

/** A level that a process held in health. */
export interface Plateau {
  readonly level: number;
  readonly revision: string;
  /** The newest bucket in which something came near to it. */
  readonly bucket: number;
}

const window = new Window();

/**
 * The levels a workload is known to hold without growing, by function ('' is the whole heap): kept over processes and revisions,
 * so that a cache which fills again after a roll-out is no news.
 */
export class Plateaus {
  readonly #held: Map<string, Plateau>;

  constructor(held: Iterable<readonly [string, Plateau]> = []) {
    this.#held = new Map(held);
  }

  get(id: string): Plateau | undefined {
    return this.#held.get(id);
  }

  entries(): readonly (readonly [string, Plateau])[] {
    return [...this.#held].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  forget(id: string): void {
    this.#held.delete(id);
  }

  /** A series that was flat for half a day, in a process old enough to be full. */
  learn(process: FollowedProcess, series: Series, age: number, need: number): void {
    if (age < plateauAge || series.steady > 0 || series.envelope > 0) return;
    const { rings } = process;
    const { v, n } = rings.long(series.row, plateauHalves + 1, window);
    if (n < plateauHalves + 1) return;
    let low = Infinity;
    let high = 0;
    for (let i = 1; i < n; i++) {
      const floor = Math.min(v[i] ?? 0, v[i - 1] ?? 0);
      low = Math.min(low, floor);
      high = Math.max(high, floor);
    }
    const allowed = Math.max(plateauFlat * high, plateauFlatNeed * need) + 3 * sigma(series.weight, low, low);
    if (high - low <= allowed) this.#hold(series.id, low, process);
  }

  /** A process that ended old enough, and had not been growing: what it held at last. */
  learnAtEnd(process: FollowedProcess, ageAtEnd: number): void {
    if (ageAtEnd < plateauEndAge) return;
    for (const series of [process.whole, ...process.functions.values()]) {
      if (series.lastHit > process.seen - plateauEndQuiet) continue;
      const { v, n } = process.rings.short(series.row, shortFloors, window);
      if (n < shortFloors) continue;
      const low = least(v, n - plateauEndFloors, n);
      const high = v.subarray(n - plateauEndFloors, n).reduce((x, y) => Math.max(x, y), 0);
      if (high - low <= plateauFlat * high + 3 * sigma(series.weight, low, low)) this.#hold(series.id, low, process);
    }
  }

  #hold(id: string, level: number, process: FollowedProcess): void {
    if (!(level > 0)) return;
    const known = this.#held.get(id);
    if (!known || level > known.level) {
      this.#held.set(id, { level, revision: process.revision, bucket: process.seen });
    } else if (level * plateauExcess >= known.level) {
      this.#held.set(id, { ...known, bucket: Math.max(known.bucket, process.seen) });
    }
  }

  /** Forgets what nothing came near to for long, and of too many the oldest. */
  prune(bucket: number): void {
    for (const [id, plateau] of this.#held) if (bucket - plateau.bucket > plateauStale) this.#held.delete(id);
    if (this.#held.size <= maxRemembered) return;
    const newestFirst = this.entries().toSorted(([, a], [, b]) => b.bucket - a.bucket);
    for (const [id] of newestFirst.slice(maxRemembered)) this.#held.delete(id);
  }
}
