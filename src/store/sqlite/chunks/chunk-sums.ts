import type { ValueColumn } from '../../../profile/profile.ts';
import type { StoredType } from '../../profile-store.ts';
import { WeightedSums } from '../read/weighted-sums.ts';
import type { Chunk, ChunkProfile } from './chunk.ts';
import type { ChunkColumns } from './chunk-columns.ts';
import { narrowed, type Sums } from './sum-column.ts';

/** By sample type: the sums over a chunk, of gauges the value times the seconds it stands. */
export function sumsOfRows(
  columns: ChunkColumns,
  types: readonly StoredType[],
  profiles: readonly ChunkProfile[],
): Sums[] {
  const standing = Float64Array.from(profiles, ({ standingSeconds }) => standingSeconds);
  const ones = new Float64Array(profiles.length).fill(1);
  return types.map(({ temporality }, type) => weightedSums(columns, type, temporality === 'gauge' ? standing : ones));
}

function weightedSums(columns: ChunkColumns, type: number, weights: Float64Array): Sums {
  const column = columns.values[type] as ValueColumn;
  return (
    (column instanceof Float64Array ? plainSums(columns, column, weights) : undefined) ??
    wideSums(columns, column, weights)
  );
}

/** Undefined when a sum is negative or may pass 2^53. */
function plainSums(columns: ChunkColumns, column: Float64Array, weights: Float64Array): Float64Array | undefined {
  const sums = new Float64Array(columns.stackCount);
  let row = 0;
  for (const [entry, weight] of weights.entries()) {
    for (const end = columns.rowEnd[entry] as number; row < end; row++) {
      const value = column[row] as number;
      if (value < 0) return undefined;
      const at = columns.index[row] as number;
      sums[at] = (sums[at] as number) + value * weight;
    }
  }
  return sums.every((sum) => sum <= Number.MAX_SAFE_INTEGER) ? sums : undefined;
}

function wideSums(columns: ChunkColumns, column: ValueColumn, weights: Float64Array): Sums {
  const sums = Array.from({ length: columns.stackCount }, () => 0n);
  let row = 0;
  for (const [entry, weight] of weights.entries()) {
    for (const end = columns.rowEnd[entry] as number; row < end; row++) {
      const at = columns.index[row] as number;
      sums[at] = (sums[at] as bigint) + BigInt(column[row] as number | bigint) * BigInt(weight);
    }
  }
  return narrowed(sums);
}

/** The same of some types of a stored chunk, from its single profiles, with weights of their own. */
export function sumsOfDetail(
  chunk: Chunk & { readonly stacks: Int32Array },
  types: readonly number[],
  weights: Float64Array,
): Sums[] {
  const { stacks } = chunk;
  const sums = types.map(() => new WeightedSums((stacks.at(-1) ?? 0) + 1));
  chunk.addDetail(types.map((type, at) => ({ type, weights, into: sums[at] as WeightedSums })));
  return sums.map((sum) => narrowed(Array.from(stacks, (id) => sum.at(id))));
}
