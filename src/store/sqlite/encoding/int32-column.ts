/** Int32 values that only grow in number. A view of `array` taken earlier keeps its first values for good. */
export class Int32Column {
  #array = new Int32Array(256);
  #size = 0;

  constructor(...first: readonly number[]) {
    for (const value of first) this.push(value);
  }

  get size(): number {
    return this.#size;
  }

  /** Longer than `size`; replaced by a copy when it grows. */
  get array(): Int32Array {
    return this.#array;
  }

  at(index: number): number {
    return this.#array[index] ?? 0;
  }

  push(value: number): number {
    if (this.#size === this.#array.length) {
      const larger = new Int32Array(2 * this.#size);
      larger.set(this.#array);
      this.#array = larger;
    }
    this.#array[this.#size] = value;
    return this.#size++;
  }
}
