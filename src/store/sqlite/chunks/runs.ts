/** Room for more runs is not kept for the next block; 20 bytes each. */
const mostKept = 1 << 18;

/**
 * The cells of a sub-block that are not 0, as runs of like ones, each in one stack. Of each stack the runs lie together, in
 * order of profiles.
 *
 *               profile 0   1   2
 *     stack 0           5   5   7        runs: 5 from 0 to 2, 7 from 2 to 3
 *     stack 1           0   1   0              1 from 1 to 2
 */
export class Runs {
  length = 0;
  stack = new Int32Array(0);
  /** Profiles `[from, to)` of the block. */
  from = new Int32Array(0);
  to = new Int32Array(0);
  count = new Float64Array(0);

  /** Forgets all, and makes room for so many, but does not keep what room a very large block took. */
  start(most: number): void {
    this.length = 0;
    const room = this.stack.length;
    if (room >= most && (room <= mostKept || most > mostKept)) return;
    const size = most > mostKept ? most : Math.min(mostKept, 2 * most);
    [this.stack, this.from, this.to] = [new Int32Array(size), new Int32Array(size), new Int32Array(size)];
    this.count = new Float64Array(size);
  }
}
