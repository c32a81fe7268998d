/**
 * The rows of some profiles as a table: a cell for each stack and profile, stack after stack, 0 where there is no row.
 *
 *               profile 0   1   2
 *     stack 0           5   0   5        cells: 5 0 5  0 1 0
 *     stack 1           0   1   0
 */
export interface Cells {
  readonly stackCount: number;
  readonly profiles: number;
  readonly counts: Float64Array;
  /** By type of the group: undefined where no value has a rest. */
  readonly rests: readonly (Float64Array | undefined)[];
}

/** Where the rows of each profile of a chunk end, and what they are. */
export interface RowsOfChunk {
  readonly rowEnd: Int32Array;
  readonly index: Int32Array;
  readonly stackCount: number;
}

/** Makes cells of rows, in arrays that the next call uses again. */
export class CellTable {
  #counts = new Float64Array(0);
  #rests: Float64Array[] = [];

  /** The cells of the profiles `[from, to)`. */
  of(
    { rowEnd, index, stackCount }: RowsOfChunk,
    counts: Float64Array,
    rests: readonly (Float64Array | undefined)[],
    from: number,
    to: number,
  ): Cells {
    const profiles = to - from;
    const size = stackCount * profiles;
    if (this.#counts.length < size) this.#counts = new Float64Array(2 * size);
    const cells = this.#counts;
    cells.fill(0, 0, size);
    fill(cells, counts, rowEnd, index, from, to);
    const cellsOfRests = rests.map((ofType, type) => {
      if (!ofType) return undefined;
      if ((this.#rests[type]?.length ?? 0) < size) this.#rests[type] = new Float64Array(2 * size);
      const into = this.#rests[type] as Float64Array;
      into.fill(0, 0, size);
      fill(into, ofType, rowEnd, index, from, to);
      return into;
    });
    return { stackCount, profiles, counts: cells, rests: cellsOfRests };
  }
}

function fill(
  into: Float64Array,
  values: Float64Array,
  rowEnd: Int32Array,
  index: Int32Array,
  from: number,
  to: number,
): void {
  const profiles = to - from;
  let row = from === 0 ? 0 : (rowEnd[from - 1] as number);
  for (let entry = from; entry < to; entry++) {
    for (const end = rowEnd[entry] as number; row < end; row++) {
      into[(index[row] as number) * profiles + entry - from] = values[row] as number;
    }
  }
}
