import { PairMap } from '../profile/pair-map.ts';

/**
 * What is known of locations, by content hash, over all partitions: new stacks are mostly new ways through known code. Of their
 * frames, so that these need not be made of text again, and the store, which knows them as objects, need not compare theirs.
 */
export class LocationCache<Value> {
  readonly #half: number;
  #newer = new Generation<Value>();
  /** Those that were not asked for since the newer ones began. */
  #older = new Generation<Value>();

  /** Holds at most `limit` locations; of what does not fit, the half that was used last. */
  constructor(limit: number) {
    this.#half = Math.ceil(limit / 2);
  }

  get(high: number, low: number): Value | undefined {
    const found = this.#newer.get(high, low);
    if (found) return found;
    const older = this.#older.get(high, low);
    if (older) this.set(high, low, older);
    return older;
  }

  set(high: number, low: number, value: Value): void {
    if (this.#newer.size >= this.#half) {
      const oldest = this.#older;
      this.#older = this.#newer;
      oldest.empty(this.#half);
      this.#newer = oldest;
    }
    this.#newer.set(high, low, value);
  }
}

class Generation<Value> {
  readonly #entries = new PairMap();
  #values: Value[] = [];

  get size(): number {
    return this.#values.length;
  }

  empty(expected: number): void {
    this.#entries.reset(expected);
    this.#values = [];
  }

  get(high: number, low: number): Value | undefined {
    return this.#values[this.#entries.get(high, low)];
  }

  set(high: number, low: number, value: Value): void {
    this.#entries.set(high, low, this.#values.push(value) - 1);
  }
}
