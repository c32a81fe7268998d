import { type DurationMs, day, hour, minute, second, type TimeWindow, type UnixMs } from '../../model/units.ts';

/** Values over time: the left edge of each step, and what was measured in it; null where nothing was. */
export type LinePoint = readonly [tMs: UnixMs, value: number | null];

export interface Line {
  readonly label: string;
  /** In order of time. */
  readonly points: readonly LinePoint[];
}

/** Lines as columns over the same moments. */
export interface Columns {
  readonly times: readonly UnixMs[];
  /** By line, as long as `times`. */
  readonly values: readonly (readonly (number | null)[])[];
}

const niceSteps: readonly DurationMs[] = [
  ...[15, 30].map((count) => count * second),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * minute),
  ...[1, 2, 3, 6, 12].map((count) => count * hour),
];
/** More cannot be told apart, and two is what is asked for at most. */
const pointsPerPixel = 0.5;

/** The step that suits a window drawn so wide: at most one point on two pixels, and not much shorter than scrapes are apart. */
export function stepFor(window: TimeWindow, widthPx: number): DurationMs {
  const lengthMs = window.toMs - window.fromMs;
  const scrapesMs = lengthMs < hour / 2 ? 15 * second : minute;
  const leastMs = Math.max(scrapesMs, lengthMs / Math.max(1, widthPx * pointsPerPixel));
  return niceSteps.find((step) => step >= leastMs) ?? Math.ceil(leastMs / day) * day;
}

/**
 * Points with a null after each that is not followed by another in time: a line ends where nothing was measured. `heldMs` is how
 * far apart points may be: the step, or the interval of scrapes where that is longer.
 */
export function withGaps(points: readonly (readonly number[])[], heldMs: DurationMs): LinePoint[] {
  return points.flatMap(([tMs = 0, value = 0], at): LinePoint[] => {
    const nextMs = points[at + 1]?.[0];
    const isFollowed = nextMs !== undefined && nextMs - tMs <= 1.5 * heldMs;
    // What is drawn goes from point to point: the last step needs an end.
    if (nextMs === undefined) {
      return [
        [tMs, value],
        [tMs + heldMs, value],
        [tMs + heldMs + 1, null],
      ];
    }
    return isFollowed
      ? [[tMs, value]]
      : [
          [tMs, value],
          [tMs + heldMs, null],
        ];
  });
}

/** All lines over the moments of any of them: what a line has holds until its next point; null before its first. */
export function alignLines(lines: readonly Line[]): Columns {
  const times = [...new Set(lines.flatMap(({ points }) => points.map(([tMs]) => tMs)))].sort((a, b) => a - b);
  const values = lines.map(({ points }) => {
    let [next, value]: [number, number | null] = [0, null];
    return times.map((tMs) => {
      for (; (points[next]?.[0] ?? Infinity) <= tMs; next++) value = points[next]?.[1] ?? null;
      return value;
    });
  });
  return { times, values };
}

/** The index of the step that holds a moment; −1 before the first. */
export function stepAt(times: readonly UnixMs[], atMs: UnixMs): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? Infinity) <= atMs) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The mean of the points that begin in a window; undefined where there is none. */
export function averageIn(points: readonly LinePoint[], { fromMs, toMs }: TimeWindow): number | undefined {
  const values = points.flatMap(([tMs, value]) => (value !== null && tMs >= fromMs && tMs < toMs ? [value] : []));
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}
