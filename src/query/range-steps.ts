import type { DurationMs, UnixMs } from '../model/units.ts';
import type { SecondRange, SeriesTotals, TotalPoint } from '../store/profile-store.ts';
import { StepCovers } from './step-covers.ts';

/** The steps in which some series have points, numbered from the first. */
export class StepGrid {
  readonly count: number;
  readonly #stepMs: DurationMs;
  readonly #firstMs: UnixMs;

  constructor(totals: readonly SeriesTotals[], stepMs: DurationMs) {
    let [firstMs, lastMs] = [Infinity, -Infinity];
    for (const { points } of totals) {
      for (const { bucketMs } of points) {
        if (bucketMs < firstMs) firstMs = bucketMs;
        if (bucketMs > lastMs) lastMs = bucketMs;
      }
    }
    this.#stepMs = stepMs;
    this.#firstMs = firstMs;
    this.count = lastMs < firstMs ? 0 : (lastMs - firstMs) / stepMs + 1;
  }

  at(bucketMs: UnixMs): number {
    return (bucketMs - this.#firstMs) / this.#stepMs;
  }

  leftEdge(step: number): UnixMs {
    return this.#firstMs + step * this.#stepMs;
  }
}

/** By step, the seconds in which anything of some series was observed. `covers` is empty, and is left so. */
export function observedByStep(totals: readonly SeriesTotals[], grid: StepGrid, covers: StepCovers): Float64Array {
  for (const { points } of totals)
    for (const { bucketMs, standing } of points) covers.addAll(grid.at(bucketMs), standing);
  const seconds = new Float64Array(grid.count);
  for (let step = 0; step < grid.count; step++) {
    seconds[step] = covers.seconds(step);
    covers.clear(step);
  }
  return seconds;
}

/**
 * The seconds in which anything of some series was observed. What a step holds is answered from one place for all series, so
 * seconds of different steps never overlap: steps add up.
 */
export function observedSecondsOf(series: readonly SeriesTotals[], stepMs: DurationMs): number {
  const [only, ...others] = series;
  if (only && others.length === 0) return only.points.reduce((sum, { standing }) => sum + lengthOf(standing), 0);
  const grid = new StepGrid(series, stepMs);
  return observedByStep(series, grid, new StepCovers(grid.count)).reduce((sum, seconds) => sum + seconds, 0);
}

/** Of ranges that neither touch nor overlap, as those of one point. */
export function lengthOf(ranges: TotalPoint['standing']): number {
  let seconds = 0;
  for (let at = 0; at < ranges.length; at++) {
    const { from, to } = ranges[at] as SecondRange;
    seconds += to - from;
  }
  return seconds;
}
