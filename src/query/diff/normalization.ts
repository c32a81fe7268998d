import type { ProfileType, Temporality } from '../../model/profile-type.ts';
import type { CallTree } from '../../profile/call-tree.ts';
import type { ComparedTrees } from '../../profile/compared-trees.ts';
import { type DiffScale, rawScale, shareScale } from '../../profile/diff-scale.ts';
import type { Coverage, GaugeAggregation } from '../../store/profile-store.ts';
import type { Normalization } from '../engine.ts';
import type { ReadSide } from './read-sides.ts';
import { sideTitles } from './side-hint.ts';

/** How the sides of a diff are compared. */
export interface Normalized {
  readonly normalize: Normalization;
  /** For the amounts of the trees. */
  readonly scale: DiffScale;
  /** What a value of an answer is multiplied by, on each side. */
  readonly factor: number;
  readonly baseFactor: number;
  /** Of changes and spreads: `share`, a rate such as `cores` or `bytes/s`, or the unit of the values. */
  readonly changeUnit: string;
  /** What a value in `changeUnit` is to be multiplied by to be in the unit of the values and a second. */
  readonly unitSize: number;
  /** Of a side that has values, and nothing to divide them by. */
  readonly warnings: readonly string[];
}

/**
 * `share`: of each side's own total. `process`: per process and second, the average process: sums ÷ profiled seconds, gauges ÷
 * the mean number of processes (for `last` and `peak`, how many there were at that moment). `none`: as measured. A side on which
 * there is nothing to divide by counts as 0.
 */
export function normalizedBy(
  normalize: Normalization,
  trees: ComparedTrees,
  sides: { readonly compare: ReadSide; readonly base: ReadSide },
  asked: { readonly type: ProfileType; readonly aggregation: GaugeAggregation },
): Normalized {
  const temporality = sides.compare.temporality ?? sides.base.temporality;
  const { unit: changeUnit, size: unitSize } = unitOfChange(normalize, asked.type, temporality);
  const scale = scaleOf();
  const factorOf = ({ divisor }: CallTree, by: number): number => (by === 0 ? 0 : divisor / by);
  const isLost = ({ total }: CallTree, by: number): boolean =>
    normalize === 'process' && by === 0 && Number(total[0] ?? 0) !== 0;
  return {
    normalize,
    scale,
    factor: factorOf(trees.compare, scale.compare),
    baseFactor: factorOf(trees.base, scale.base),
    changeUnit,
    unitSize,
    warnings: (['compare', 'base'] as const)
      .filter((side) => isLost(trees[side], scale[side]))
      .map(
        (side) =>
          `of ${sideTitles[side]} no time was profiled, so per process it counts as 0: normalize=share or none compare its values`,
      ),
  };

  function scaleOf(): DiffScale {
    if (normalize === 'share') return shareScale(trees);
    if (normalize === 'none') return rawScale(trees);
    const by = ({ divisor }: CallTree, { coverage }: ReadSide): number =>
      divisor * processUnits(coverage, temporality, asked.aggregation) * unitSize;
    return { compare: by(trees.compare, sides.compare), base: by(trees.base, sides.base) };
  }
}

/** What a value is divided by to be that of the average process: process-seconds for sums, processes for gauges. */
export function processUnits(
  coverage: Coverage,
  temporality: Temporality | undefined,
  aggregation: GaugeAggregation,
): number {
  if (temporality !== 'gauge') return coverage.profiledSeconds;
  if (aggregation !== 'avg') return coverage.processesAtMoment ?? coverage.processes;
  return coverage.observedSeconds === 0 ? 0 : coverage.processSeconds / coverage.observedSeconds;
}

function unitOfChange(
  normalize: Normalization,
  { sampleType, sampleUnit }: ProfileType,
  temporality: Temporality | undefined,
): { readonly unit: string; readonly size: number } {
  if (normalize === 'share') return { unit: 'share', size: 1 };
  if (normalize === 'none' || temporality === 'gauge') return { unit: sampleUnit, size: 1 };
  if (sampleType === 'cpu' && sampleUnit === 'nanoseconds') return { unit: 'cores', size: 1e9 };
  return { unit: `${sampleUnit}/s`, size: 1 };
}
