/** A sum that is a double for as long as that is exact; what would pass that is added up apart. */
export interface ExactSum {
  sum: number;
  wide: bigint;
}

export function addTimes(into: ExactSum, value: number | bigint, times: number): void {
  if (typeof value === 'number') {
    const sum = into.sum + value * times;
    if (Number.isSafeInteger(value * times) && Number.isSafeInteger(sum)) {
      into.sum = sum;
      return;
    }
  }
  into.wide += BigInt(value) * BigInt(times);
}

export function exactOf({ sum, wide }: ExactSum): bigint {
  return wide === 0n ? BigInt(sum) : BigInt(sum) + wide;
}

/** Such sums by number from 0; as many as are added to. */
export class ExactSums {
  #sums: Float64Array = new Float64Array(0);
  #wide: Map<number, bigint> | undefined;

  /** `grows` is told by how many bytes it is about to grow. */
  addTimes(at: number, value: number | bigint, times: number, grows: (bytes: number) => void): void {
    if (at >= this.#sums.length) {
      const longer = new Float64Array(Math.max(8, at + 1, 2 * this.#sums.length));
      grows(8 * (longer.length - this.#sums.length));
      longer.set(this.#sums);
      this.#sums = longer;
    }
    if (typeof value === 'number') {
      const sum = (this.#sums[at] as number) + value * times;
      if (Number.isSafeInteger(value * times) && Number.isSafeInteger(sum)) {
        this.#sums[at] = sum;
        return;
      }
    }
    this.#wide ??= new Map();
    this.#wide.set(at, (this.#wide.get(at) ?? 0n) + BigInt(value) * BigInt(times));
  }

  at(at: number): bigint {
    return BigInt(this.#sums[at] ?? 0) + (this.#wide?.get(at) ?? 0n);
  }
}
