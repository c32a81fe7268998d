import type { ChunkEntries } from '../chunks/chunk.ts';

/** What to read of a chunk. All is linear, so the three parts together are exactly what the weights say. */
export interface DetailOrSum {
  /** The chunk's sum counts. */
  readonly sum: boolean;
  /** Weights of single profiles to be added, */
  readonly add?: Float64Array;
  /** or to be taken off the sum again: none is negative. */
  readonly subtract?: Float64Array;
}

/** Detail is read by blocks of ten minutes, in the light of the sum: beside one block, the sum costs nothing. */
const blockMs = 600_000;

const nothing: DetailOrSum = { sum: false };
const wholeSum: DetailOrSum = { sum: true };

/**
 * The cheapest way to add up the profiles of a chunk with some weights. `inSum` is how often each is in the sum: once unless
 * given. Where most of an hour counts, that is the sum less what does not.
 */
export function detailOrSum(
  { count, stampMs }: Pick<ChunkEntries, 'count' | 'stampMs'>,
  weights: Float64Array,
  inSum: Float64Array | undefined,
): DetailOrSum {
  let [inside, outside, isWhole, fits] = [0, 0, true, true];
  let [lastInside, lastOutside] = [Number.NaN, Number.NaN];
  for (let entry = 0; entry < count; entry++) {
    const weight = weights[entry] as number;
    const most = inSum ? (inSum[entry] as number) : 1;
    const block = Math.floor((stampMs[entry] as number) / blockMs);
    if (weight > 0 && block !== lastInside) {
      inside++;
      lastInside = block;
    }
    if (weight === most) continue;
    isWhole = false;
    if (weight > most) fits = false;
    if (block === lastOutside) continue;
    outside++;
    lastOutside = block;
  }
  if (inside === 0) return nothing;
  if (isWhole) return wholeSum;
  if (!fits || inside <= outside) return { sum: false, add: weights };
  const subtract = weights.map((weight, entry) => (inSum ? (inSum[entry] as number) : 1) - weight);
  return { sum: true, subtract };
}
