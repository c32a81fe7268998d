import { type Amounts, exactSum, sizesOf } from './amounts.ts';
import { wholeOf } from './call-tree.ts';
import type { ComparedTrees } from './compared-trees.ts';

/** What the amounts of each side are divided by to be comparable; 0 where there is nothing to compare. */
export interface DiffScale {
  readonly compare: number;
  readonly base: number;
}

/** Each side as shares of its own total; of parts, of the total of the whole. */
export function shareScale({ compare, base }: ComparedTrees): DiffScale {
  return { compare: Number(wholeOf(compare)), base: Number(wholeOf(base)) };
}

/** Both sides as they are. */
export function rawScale({ compare, base }: ComparedTrees): DiffScale {
  return { compare: compare.divisor, base: base.divisor };
}

/** An amount as it is compared. */
export function scaled(amount: number | bigint, by: number): number {
  return by === 0 ? 0 : Number(amount) / by;
}

/** The compared amount minus the base's: exact where neither is divided, else as near as doubles are. */
export function changeOf(compare: number | bigint, base: number | bigint, scale: DiffScale): number | bigint {
  if (scale.compare !== scale.base) return scaled(compare, scale.compare) - scaled(base, scale.base);
  const difference = exactSum(compare, -base);
  return scale.compare === 1 ? difference : scaled(difference, scale.compare);
}

/** By node or name: how much there is on both sides, as it is compared and without signs. */
export function weightsOf(compare: Amounts, base: Amounts, scale: DiffScale): Float64Array {
  const [weights, others] = [sizesOf(compare), sizesOf(base)];
  for (let at = 0; at < weights.length; at++) {
    weights[at] =
      scaled(weights[at] as number, Math.abs(scale.compare)) + scaled(others[at] as number, Math.abs(scale.base));
  }
  return weights;
}

/** A change as JSON: whole numbers with all their digits, others without those that rounding has made up. */
export function jsonChange(change: number | bigint): string {
  if (typeof change === 'bigint' || Number.isSafeInteger(change)) return BigInt(change).toString();
  return JSON.stringify(Number(change.toPrecision(12)));
}
