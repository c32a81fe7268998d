import './sparkline.css';
import { humanValue } from '../../model/human-value.ts';
import type { TimeWindow } from '../../model/units.ts';
import { lastOf, type SparkPoint, sparkHeight, sparkPaths, sparkWidth, topOf } from './sparkline-path.ts';

/** A small line of a value over `window`, from 0 up; what it says in words is its label and its title. */
export function Sparkline({
  points,
  unit,
  window,
  label,
  top,
}: {
  readonly points: readonly SparkPoint[];
  readonly unit: string;
  readonly window: TimeWindow;
  /** What it is of: `Live heap`. */
  readonly label: string;
  /** The value at the upper edge, for lines that are to be compared; by default the largest. */
  readonly top?: number;
}) {
  const { line, area } = sparkPaths(points, window, top);
  const last = lastOf(points);
  const words =
    last === undefined
      ? `${label}: nothing known`
      : `${label}: ${humanValue(last, unit)}, at most ${humanValue(topOf(points), unit)}`;
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${sparkWidth} ${sparkHeight}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={words}
    >
      <title>{words}</title>
      <path class="sparkline-area" d={area} />
      <path class="sparkline-line" d={line} />
    </svg>
  );
}
