const keptRows = 1 << 15;

/**
 * Columns that last for one profile. Fresh ones for each would be half of what the collector of garbage has to look after,
 * and touching new memory costs more than filling old with zeros.
 */
export class ColumnArena {
  readonly #columns: Float64Array[] = [];
  readonly #ints: Int32Array[] = [];
  #lent = 0;
  #lentInts = 0;

  /** What was lent goes back. */
  reset(): void {
    this.#lent = 0;
    this.#lentInts = 0;
  }

  /** A column of zeros; the caller's until `reset`. */
  take(rows: number): Float64Array {
    const at = this.#lent++;
    const kept = this.#columns[at];
    if (kept && kept.length >= rows) return kept.subarray(0, rows).fill(0);
    const column = new Float64Array(2 * rows);
    // A giant is let go of, so that it does not hold its memory for ever.
    if (rows <= keptRows) this.#columns[at] = column;
    return column.subarray(0, rows);
  }

  /** The same with whole numbers. */
  takeInts(rows: number): Int32Array {
    const at = this.#lentInts++;
    const kept = this.#ints[at];
    if (kept && kept.length >= rows) return kept.subarray(0, rows).fill(0);
    const column = new Int32Array(2 * rows);
    if (rows <= keptRows) this.#ints[at] = column;
    return column.subarray(0, rows);
  }
}
