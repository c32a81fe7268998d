/** To which group each stack of a chunk belongs, by its position in the chunk. What is in group 0 is not added up. */
export interface StackGroups {
  readonly count: number;
  readonly of: Int32Array;
}

/** What the profiles `[from, to)` of a chunk have of one type, by group of stacks. Exact at any size. */
export interface GroupSums {
  readonly from: number;
  readonly to: number;
  /** Of group `g` of a profile: at `(profile - from) * count + g`. */
  readonly sums: Float64Array | readonly bigint[];
}
