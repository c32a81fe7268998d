import type { LabelSet } from '../model/labels.ts';
import { partitionKey } from '../model/series.ts';
import type { UnixMs } from '../model/units.ts';
import type { SecondRange, SeriesTotals, TotalPoint } from '../store/profile-store.ts';
import { secondsOfUnion } from '../store/standing.ts';

/** What one series adds to a step's value: parts of series add up to groups, and groups to the whole. */
export interface SeriesPart {
  readonly labels: LabelSet;
  readonly points: readonly PartPoint[];
}

interface PartPoint {
  readonly bucketMs: UnixMs;
  readonly value: number;
  readonly standing: readonly SecondRange[];
  /** How long the whole selection was observed in this step: what `value` was divided by. */
  readonly selectionSeconds: number;
}

export interface RangePoint {
  readonly bucketMs: UnixMs;
  readonly value: number;
  /** Time in which at least one of the summed series was observed. */
  readonly observedSeconds: number;
  readonly selectionSeconds: number;
}

/** What is known of one step of the whole selection. */
interface Step {
  readonly standing: SecondRange[];
  /** By partition: what its profiled processes did, to estimate the others by. */
  readonly measured: Map<string, { value: number; coveredSeconds: number }>;
}

/**
 * Each series' part of each step (DESIGN §6). With T the time in which the selection was observed in the step:
 * gauges: value·seconds ÷ T; sums: the process's rate (value ÷ covered seconds) × the time it stood ÷ T. A process that stood
 * but was not profiled in the step is taken to do what the profiled processes of its workload did; where there is none, it
 * has no point. Values are divided by `divisor`.
 */
export function seriesParts(totals: readonly SeriesTotals[], divisor: number): SeriesPart[] {
  const partitions = totals.map(({ labels }) => partitionKey(labels));
  const steps = stepsOf(totals, partitions);
  const selectionSeconds = new Map([...steps].map(([bucketMs, { standing }]) => [bucketMs, secondsOfUnion(standing)]));
  return totals.map(({ labels, temporality, points }, index) => ({
    labels,
    points: points.flatMap((point) => {
      const { bucketMs, standing } = point;
      const seconds = selectionSeconds.get(bucketMs) ?? 0;
      const measured = steps.get(bucketMs)?.measured.get(partitions[index] ?? '');
      const standingValue =
        temporality === 'gauge' ? Number(point.value) : rateOf(point, measured) * secondsOfUnion(standing);
      if (seconds === 0 || Number.isNaN(standingValue)) return [];
      return [{ bucketMs, value: standingValue / seconds / divisor, standing, selectionSeconds: seconds }];
    }),
  }));
}

/** The parts added up, step by step, in order of time. */
export function sumParts(parts: readonly SeriesPart[]): RangePoint[] {
  const steps = new Map<UnixMs, { value: number; standing: SecondRange[]; selectionSeconds: number }>();
  for (const { points } of parts) {
    for (const { bucketMs, value, standing, selectionSeconds } of points) {
      const step = getOrAdd(steps, bucketMs, () => ({ value: 0, standing: [], selectionSeconds }));
      step.value += value;
      step.standing.push(...standing);
    }
  }
  return [...steps]
    .map(([bucketMs, { value, standing, selectionSeconds }]) => {
      return { bucketMs, value, observedSeconds: secondsOfUnion(standing), selectionSeconds };
    })
    .sort((a, b) => a.bucketMs - b.bucketMs);
}

function stepsOf(totals: readonly SeriesTotals[], partitions: readonly string[]): Map<UnixMs, Step> {
  const steps = new Map<UnixMs, Step>();
  for (const [index, { points }] of totals.entries()) {
    for (const { bucketMs, value, coveredSeconds, standing } of points) {
      const step = getOrAdd(steps, bucketMs, (): Step => ({ standing: [], measured: new Map() }));
      step.standing.push(...standing);
      if (coveredSeconds === 0) continue;
      const measured = getOrAdd(step.measured, partitions[index] ?? '', () => ({ value: 0, coveredSeconds: 0 }));
      measured.value += Number(value);
      measured.coveredSeconds += coveredSeconds;
    }
  }
  return steps;
}

/** Per second; NaN when nothing tells. */
function rateOf(point: TotalPoint, measured: { value: number; coveredSeconds: number } | undefined): number {
  if (point.coveredSeconds > 0) return Number(point.value) / point.coveredSeconds;
  return measured ? measured.value / measured.coveredSeconds : Number.NaN;
}

function getOrAdd<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
