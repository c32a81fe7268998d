import type { Frame } from '../model/frame.ts';
import { PairMap } from '../profile/pair-map.ts';

/**
 * Frames of locations by content hash, over all partitions. New stacks are mostly new ways through known code: so frames
 * need not be made of text again, and the store, which knows them as objects, need not compare theirs.
 */
export class FrameCache {
  readonly #limit: number;
  readonly #entries = new PairMap();
  #frames: (readonly Frame[])[] = [];

  /** Holds at most `limit` locations, about 300 bytes each; when full it starts anew. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get(high: number, low: number): readonly Frame[] | undefined {
    return this.#frames[this.#entries.get(high, low)];
  }

  set(high: number, low: number, frames: readonly Frame[]): void {
    if (this.#frames.length >= this.#limit) {
      this.#entries.reset(this.#limit);
      this.#frames = [];
    }
    this.#entries.set(high, low, this.#frames.push(frames) - 1);
  }
}
