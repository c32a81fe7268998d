import type { Frame } from '../model/frame.ts';
import { PairMap } from '../profile/pair-map.ts';

/**
 * Frames of locations by content hash, over all partitions. New stacks are mostly new ways through known code: so frames
 * need not be made of text again, and the store, which knows them as objects, need not compare theirs.
 */
export class FrameCache {
  readonly #half: number;
  #newer = new Generation();
  /** Those that were not asked for since the newer ones began. */
  #older = new Generation();

  /** Holds at most `limit` locations, about 500 bytes each; of what does not fit, the half that was used last. */
  constructor(limit: number) {
    this.#half = Math.ceil(limit / 2);
  }

  get(high: number, low: number): readonly Frame[] | undefined {
    const found = this.#newer.get(high, low);
    if (found) return found;
    const older = this.#older.get(high, low);
    if (older) this.set(high, low, older);
    return older;
  }

  set(high: number, low: number, frames: readonly Frame[]): void {
    if (this.#newer.size >= this.#half) {
      const oldest = this.#older;
      this.#older = this.#newer;
      oldest.empty(this.#half);
      this.#newer = oldest;
    }
    this.#newer.set(high, low, frames);
  }
}

class Generation {
  readonly #entries = new PairMap();
  #frames: (readonly Frame[])[] = [];

  get size(): number {
    return this.#frames.length;
  }

  empty(expected: number): void {
    this.#entries.reset(expected);
    this.#frames = [];
  }

  get(high: number, low: number): readonly Frame[] | undefined {
    return this.#frames[this.#entries.get(high, low)];
  }

  set(high: number, low: number, frames: readonly Frame[]): void {
    this.#entries.set(high, low, this.#frames.push(frames) - 1);
  }
}
