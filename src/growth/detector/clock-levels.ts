import { bucketsPerHalf, doubtFor, halvesPerDay, longFloors, maxFunctions } from './options.ts';
import type { FollowedProcess } from './process.ts';

/** What a workload held at each time of the last days: for processes too young to have a yesterday of their own. */

interface Doubt {
  /** Buckets. */
  readonly from: number;
  readonly to: number;
  /** `cleared`: the growth stopped by itself, so that its levels were in health after all. */
  readonly state: 'open' | 'cleared' | 'condemned';
}

interface Levels {
  /** By half-hour: the most that one process held all through it. NaN for a gap. */
  readonly held: Float32Array;
  half: number;
}

/**
 * The highest half-hour floor of any process, by function ('' is the whole heap), over 60 h. A level that was reached by growth
 * which did not end by itself excuses nothing: a leaking revision is no baseline for the next one.
 */
export class ClockLevels {
  readonly #levels = new Map<string, Levels>();
  readonly #doubts: Map<string, Doubt>;

  constructor(doubts: Iterable<readonly [string, Doubt]> = []) {
    this.#doubts = new Map(doubts);
  }

  entries(): readonly (readonly [string, Doubt])[] {
    return [...this.#doubts].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  recall(doubts: Iterable<readonly [string, Doubt]>): void {
    this.#doubts.clear();
    for (const [id, doubt] of doubts) this.#doubts.set(id, doubt);
  }

  /** Takes the half-hour of a bucket, which is over, of all processes that were seen in it. */
  take(bucket: number, processes: Iterable<FollowedProcess>): void {
    const half = Math.floor(bucket / bucketsPerHalf);
    for (const { rings, heapSeen, whole, functions } of processes) {
      if (Math.floor(heapSeen / bucketsPerHalf) !== half || Math.floor(rings.bucket / bucketsPerHalf) !== half)
        continue;
      this.#raise(whole.id, half, rings.half(whole.row, 0));
      for (const { id, row } of functions.values()) this.#raise(id, half, rings.half(row, 0));
    }
    for (const [id, levels] of this.#levels) if (half - levels.half >= longFloors) this.#levels.delete(id);
  }

  #raise(id: string, half: number, level: number): void {
    if (level !== level) return;
    let levels = this.#levels.get(id);
    if (!levels) {
      if (this.#levels.size > maxFunctions) return;
      this.#levels.set(id, (levels = { held: new Float32Array(longFloors).fill(Number.NaN), half }));
    }
    for (let i = levels.half + 1; i <= Math.min(half, levels.half + longFloors); i++)
      levels.held[i % longFloors] = Number.NaN;
    levels.half = Math.max(levels.half, half);
    const known = levels.held[half % longFloors] ?? Number.NaN;
    if (!(known >= level)) levels.held[half % longFloors] = level;
  }

  /** The highest level at the clock time of a bucket the day before, an hour either way; NaN if nothing is known, or only growth. */
  yesterday(id: string, bucket: number): number {
    const levels = this.#levels.get(id);
    if (!levels) return Number.NaN;
    const then = Math.floor(bucket / bucketsPerHalf) - halvesPerDay;
    let highest = Number.NaN;
    for (let half = then - 2; half <= then + 2; half++) {
      if (half <= levels.half - longFloors || half > levels.half || this.#isDoubted(id, half)) continue;
      const level = levels.held[half % longFloors] ?? Number.NaN;
      if (!(level <= highest) && level === level) highest = level;
    }
    return highest;
  }

  #isDoubted(id: string, half: number): boolean {
    const doubt = this.#doubts.get(id);
    if (!doubt || doubt.state === 'cleared') return false;
    return half >= Math.floor(doubt.from / bucketsPerHalf) && half <= Math.floor(doubt.to / bucketsPerHalf);
  }

  /** A function grows, since `from`: what it holds meanwhile is in doubt. */
  doubt(id: string, from: number, bucket: number): void {
    const known = this.#doubts.get(id);
    const isSame = known && bucket - known.to <= doubtFor;
    this.#doubts.set(id, { from: isSame ? Math.min(known.from, from) : from, to: bucket, state: 'open' });
  }

  /** Nothing grows any more: it stopped, or its processes ended. */
  settle(state: 'cleared' | 'condemned'): void {
    for (const [id, doubt] of this.#doubts) if (doubt.state === 'open') this.#doubts.set(id, { ...doubt, state });
  }

  prune(bucket: number): void {
    for (const [id, { to }] of this.#doubts) if (bucket - to > longFloors * bucketsPerHalf) this.#doubts.delete(id);
  }
}
