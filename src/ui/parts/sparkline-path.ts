import type { TimeWindow, UnixMs } from '../../model/units.ts';

/** A value at a moment; null: not known. */
export type SparkPoint = readonly [tMs: UnixMs, value: number | null];

/** Of the drawing, before it is stretched to its place. */
export const sparkWidth = 100;
export const sparkHeight = 30;

/** Points that are further apart than this many of the usual distance have something missing between them. */
const gapSteps = 2.5;

export interface SparkPaths {
  /** As SVG's `d`. A point that stands alone is a line of no length, which round caps show as a dot. */
  readonly line: string;
  readonly area: string;
}

/**
 * The line over `window`, from 0 at the bottom to `top`, which is the largest value unless it is given: small multiples that
 * all began at their least would make noise look like a leak. Nothing is drawn over what is missing.
 */
export function sparkPaths(points: readonly SparkPoint[], window: TimeWindow, top = topOf(points)): SparkPaths {
  const { x, y } = sparkScale(window, top);
  const runs = runsOf(points).map((run) => run.map(([tMs, value]) => [x(tMs), y(value)] as const));
  return {
    line: runs
      .map((run) => `M${run.map(([left, up]) => `${left},${up}`).join('L')}${run.length === 1 ? 'h0' : ''}`)
      .join(''),
    area: runs
      .filter((run) => run.length > 1)
      .map(
        (run) => `M${run[0]?.[0]},${sparkHeight}L${run.map(([left, up]) => `${left},${up}`).join('L')}V${sparkHeight}Z`,
      )
      .join(''),
  };
}

/** From moments and values to the drawing. */
export function sparkScale({ fromMs, toMs }: TimeWindow, top: number) {
  return {
    x: (tMs: UnixMs) => round((sparkWidth * (tMs - fromMs)) / Math.max(1, toMs - fromMs)),
    y: (value: number) => round(sparkHeight - 1 - ((sparkHeight - 2) * Math.max(0, value)) / (top || 1)),
  };
}

/** The largest value; 0 where there is none. */
export function topOf(points: readonly SparkPoint[]): number {
  return points.reduce((top, [, value]) => Math.max(top, value ?? 0), 0);
}

/** The newest value that is known. */
export function lastOf(points: readonly SparkPoint[]): number | undefined {
  return points.findLast(([, value]) => value !== null)?.[1] ?? undefined;
}

function runsOf(points: readonly SparkPoint[]): (readonly [tMs: UnixMs, value: number])[][] {
  const gapMs = gapSteps * usualStep(points);
  const runs: (readonly [UnixMs, number])[][] = [];
  let before: UnixMs | undefined;
  for (const [tMs, value] of points) {
    if (value === null) {
      before = undefined;
      continue;
    }
    if (before === undefined || tMs - before > gapMs) runs.push([]);
    runs.at(-1)?.push([tMs, value]);
    before = tMs;
  }
  return runs;
}

/** The median distance of neighbours. */
function usualStep(points: readonly SparkPoint[]): number {
  const steps = points.slice(1).map(([tMs], index) => tMs - (points[index]?.[0] ?? tMs));
  return steps.sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
}

function round(value: number): number {
  return Math.round(100 * value) / 100;
}
