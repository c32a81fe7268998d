import type { Amounts } from '../../../profile/amounts.ts';
import type { StackDictionary } from '../dictionary/dictionary.ts';
import type { WeightedSums } from './weighted-sums.ts';

/**
 * Exact numbers of any size as columns of doubles: one while the sizes of all add up to less than 2^53, else three, the
 * value being low + 2^24 mid + 2^48 high. Adding columns adds the numbers, so trees are added up without a bigint.
 */
export interface ExactColumns {
  readonly parts: readonly Float64Array[];
  /**
   * The size of each number, without its sign; of a sum, the sum of the sizes. To choose by, so it may be rounded. The
   * very column of the numbers where none is negative and one column is enough.
   */
  readonly weight: Float64Array;
}

const exact = 2 ** 53;
const midUnit = 2 ** 24;
const highUnit = 2 ** 48;

export function exactColumns(size: number, wide: boolean): ExactColumns {
  const parts = Array.from({ length: wide ? 3 : 1 }, () => new Float64Array(size));
  return { parts, weight: wide ? new Float64Array(size) : (parts[0] as Float64Array) };
}

export function isWide({ parts }: ExactColumns): boolean {
  return parts.length > 1;
}

/** All columns, each once. */
export function columnsOf({ parts, weight }: ExactColumns): readonly Float64Array[] {
  return parts.length === 1 ? parts : [...parts, weight];
}

/** The sizes of some sums, added up; and whether one column is enough for them, of which none is negative then. */
export function sizeOf(sums: readonly WeightedSums[]): { readonly size: number; readonly fitsOneColumn: boolean } {
  let size = 0;
  let isPlain = true;
  for (const one of sums) {
    const { doubles } = one;
    if (doubles) {
      for (let id = 0; id < doubles.length; id++) size += doubles[id] as number;
    } else {
      isPlain = false;
      for (let id = 0; id < one.size; id++) size += Math.abs(Number(one.at(id)));
    }
  }
  return { size, fitsOneColumn: isPlain && size < exact };
}

/** Adds the sum of each stack to the node that it ends in. */
export function addStacks(
  into: ExactColumns,
  sums: WeightedSums,
  { stackLeaf }: StackDictionary,
  nodeOf: Int32Array,
): void {
  const leaf = stackLeaf.array;
  const count = Math.min(sums.size, stackLeaf.size);
  const { doubles } = sums;
  if (into.parts.length === 1 && doubles) {
    const [column] = into.parts as [Float64Array];
    for (let id = 0; id < count; id++) {
      const sum = doubles[id] as number;
      if (sum !== 0) add(column, nodeOf[leaf[id] as number] as number, sum);
    }
    return;
  }
  for (let id = 0; id < count; id++) {
    if (!sums.isZero(id)) addWide(into, nodeOf[leaf[id] as number] as number, sums.at(id));
  }
}

/** Some of the numbers, for others to read: doubles where one column is enough, else bigints. */
export function amountsOf({ parts }: Pick<ExactColumns, 'parts'>, size: number): Amounts {
  const [low, mid, high] = parts as [Float64Array, Float64Array | undefined, Float64Array | undefined];
  if (!mid || !high) return low.slice(0, size);
  return Array.from(
    { length: size },
    (_, at) => BigInt(low[at] as number) + (BigInt(mid[at] as number) << 24n) + (BigInt(high[at] as number) << 48n),
  );
}

function addWide({ parts, weight }: ExactColumns, at: number, value: number | bigint): void {
  const [low, mid, high] = parts as [Float64Array, Float64Array, Float64Array];
  add(weight, at, Math.abs(Number(value)));
  if (typeof value === 'bigint') {
    add(low, at, Number(BigInt.asUintN(24, value)));
    add(mid, at, Number(BigInt.asUintN(24, value >> 24n)));
    add(high, at, Number(value >> 48n));
    return;
  }
  const units = Math.floor(value / highUnit);
  const rest = value - units * highUnit;
  const midUnits = Math.floor(rest / midUnit);
  add(low, at, rest - midUnits * midUnit);
  add(mid, at, midUnits);
  add(high, at, units);
}

function add(column: Float64Array, at: number, value: number): void {
  column[at] = (column[at] as number) + value;
}
