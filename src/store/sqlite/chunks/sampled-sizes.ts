import { odd, type StackKeys, unknown } from './scale-keys.ts';

/** Rows of what may be sampled objects and their bytes (see `sampledWorth`): both then follow from a count and a size. */
export interface SampledRows {
  readonly index: Int32Array;
  readonly rowCount: number;
  readonly stackCount: number;
  /** Objects and bytes. */
  readonly values: readonly Float64Array[];
  readonly rate: number;
  /** How far a value may be off: the difference of two has been cut twice. */
  readonly tolerance: number;
}

/**
 * By stack: the size of its objects, `odd` where there is none that fits, `unknown` where there are no objects. `hints` are
 * sizes that were found elsewhere: taken where they fit.
 */
export function sampledSizes(rows: SampledRows, hints: StackKeys | undefined): StackKeys {
  const [objects, bytes] = rows.values as [Float64Array, Float64Array];
  return Float64Array.from(largestRows(rows, objects), (row, stack) => {
    if (row < 0) return unknown;
    return sizeOf(objects[row] as number, bytes[row] as number, rows, hints?.[stack] ?? unknown) ?? odd;
  });
}

/** By stack: the row with most objects, which tells its size best; -1 where there is none. */
function largestRows({ index, rowCount, stackCount }: SampledRows, objects: Float64Array): Int32Array {
  const largest = new Int32Array(stackCount).fill(-1);
  for (let row = 0; row < rowCount; row++) {
    const count = objects[row] as number;
    if (count === 0) continue;
    const at = index[row] as number;
    const known = largest[at] as number;
    if (known < 0 || count > (objects[known] as number)) largest[at] = row;
  }
  return largest;
}

function sizeOf(objects: number, bytes: number, { rate, tolerance }: SampledRows, hint: number): number | undefined {
  if (bytes <= 0) return undefined;
  if (hint > 0) {
    const ofHint = objects * sampledShare(hint / rate);
    for (const count of [Math.round(ofHint), Math.ceil(ofHint)]) {
      if (misfit(objects, bytes, count, hint, rate) < 1 + tolerance) return hint;
    }
  }
  const guess = Math.round(objects * sampledShare(bytes / objects / rate));
  let [best, least] = [0, 1 + tolerance];
  for (const count of [guess, guess + 1, guess - 1]) {
    if (count < 1) continue;
    const near = Math.round(sizeWorth(bytes / count, rate));
    for (let size = Math.max(1, near - 3); size <= near + 3; size++) {
      const apart = misfit(objects, bytes, count, size, rate);
      if (apart < least) [best, least] = [size, apart];
    }
    if (best > 0) return best;
  }
  return undefined;
}

/** How far objects and bytes are from what so many samples of a size make: below 1 when they were cut once. */
function misfit(objects: number, bytes: number, count: number, size: number, rate: number): number {
  const ofObjects = count / sampledShare(size / rate);
  return Math.max(Math.abs(ofObjects - objects), Math.abs(ofObjects * size - bytes));
}

/** The size of which one sampled object is worth so many bytes: Newton's method, from below. */
function sizeWorth(bytes: number, rate: number): number {
  let size = bytes > 2 * rate ? bytes : Math.max(1, 2 * (bytes - rate));
  for (let step = 0; step < 4; step++) {
    const share = sampledShare(size / rate);
    const slope = (share - (size / rate) * (1 - share)) / (share * share);
    size = Math.max(1, size - (size / share - bytes) / slope);
  }
  return size;
}

/** As `shareBelow` of scales, but faster: what is found here is looked at before it is used. */
function sampledShare(x: number): number {
  return -Math.expm1(-x);
}
