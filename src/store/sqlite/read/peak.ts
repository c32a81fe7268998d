/** Stretches of time in which snapshots stand, with their totals. */
export class StandingTotals {
  readonly #from: number[] = [];
  readonly #to: number[] = [];
  readonly #total: (number | bigint)[] = [];

  get count(): number {
    return this.#from.length;
  }

  /** Seconds `[from, to)`, never none. */
  add(from: number, to: number, total: number | bigint): void {
    this.#from.push(from);
    this.#to.push(to);
    this.#total.push(total);
  }

  isAt(index: number, second: number): boolean {
    return (this.#from[index] as number) <= second && second < (this.#to[index] as number);
  }

  /** The first second in which the totals of all that stands add up to the most; undefined when nothing stands. */
  peakSecond(): number | undefined {
    const size = this.#total.reduce<number>((sum, total) => sum + Math.abs(Number(total)), 0);
    return size < 2 ** 53
      ? this.#peak<number>(this.#total.map(Number), 0)
      : this.#peak<bigint>(this.#total.map(BigInt), 0n);
  }

  /** What begins and what ends, gone through together in order of time. */
  #peak<Total extends number | bigint>(totals: readonly Total[], zero: Total): number | undefined {
    const [begins, ends] = [this.#inOrder(this.#from), this.#inOrder(this.#to)];
    let sum = zero;
    let [standing, begun, ended] = [0, 0, 0];
    let best: { readonly second: number; readonly sum: Total } | undefined;
    while (ended < ends.length) {
      const begin = this.#from[begins[begun] ?? -1] ?? Infinity;
      const second = Math.min(begin, this.#to[ends[ended] as number] as number);
      for (; ended < ends.length && this.#to[ends[ended] as number] === second; ended++, standing--) {
        sum = minus(sum, totals[ends[ended] as number] as Total);
      }
      for (; begun < begins.length && this.#from[begins[begun] as number] === second; begun++, standing++) {
        sum = plus(sum, totals[begins[begun] as number] as Total);
      }
      if (standing > 0 && (!best || sum > best.sum)) best = { second, sum };
    }
    return best?.second;
  }

  #inOrder(seconds: readonly number[]): number[] {
    return [...seconds.keys()].sort((a, b) => (seconds[a] as number) - (seconds[b] as number));
  }
}

function plus<Total extends number | bigint>(a: Total, b: Total): Total {
  return ((a as number) + (b as number)) as Total;
}

function minus<Total extends number | bigint>(a: Total, b: Total): Total {
  return ((a as number) - (b as number)) as Total;
}
