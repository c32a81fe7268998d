import { labelValue } from '../../model/labels.ts';
import { day, hour, minute, second, type TimeWindow, type UnixMs } from '../../model/units.ts';
import type { RangeAnswer } from '../api/answers.ts';
import { type SparkPoint, topOf } from '../parts/sparkline-path.ts';
import type { Judged } from './words.ts';

/** The level of each pod, and the slope that was found in the one that grows fastest. */

export interface PodLine {
  readonly pod: string;
  readonly grows: boolean;
  readonly points: readonly SparkPoint[];
}

/** A straight line between two moments with the values that its interval allows there. */
export interface Trend {
  readonly ends: readonly [TrendEnd, TrendEnd];
}

interface TrendEnd {
  readonly tMs: UnixMs;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Of the length of a finding: how much of what was before it is drawn. */
const beforeShare = 0.25;
/** What is drawn where nothing is found: the stretch that is judged at the usual ten minutes a bucket. */
const judgedMs = 6 * hour;

/** What is drawn: the finding and some time before it. */
export function drawnWindow(startMs: UnixMs | null, endMs: UnixMs): TimeWindow {
  const lengthMs = startMs === null ? judgedMs : (1 + beforeShare) * Math.max(minute, endMs - startMs);
  return { fromMs: Math.max(0, Math.floor(endMs - lengthMs)), toMs: endMs };
}

/** The buckets that are judged, where they are neither too few nor too many to draw; else the server chooses. */
export function stepOf({ fromMs, toMs }: TimeWindow): string | undefined {
  const lengthMs = toMs - fromMs;
  return lengthMs > 3 * hour && lengthMs < 4 * day ? '10m' : undefined;
}

/** Pods that grow come last, so that they are drawn over the others. */
export function podLines(series: RangeAnswer['series'], pods: readonly string[]): PodLine[] {
  return series
    .map(({ labels, points }) => {
      const pod = labelValue(labels, 'pod');
      return { pod, grows: pods.includes(pod), points: points.map(([tMs = 0, value = 0]): SparkPoint => [tMs, value]) };
    })
    .sort((a, b) => Number(a.grows) - Number(b.grows));
}

/**
 * The slope over the level of the pod that rose most: it passes through the middle of what was measured since the growth began,
 * as most of the points see it. Undefined where no slope was found: of rates of allocation a step is found, not a slope.
 */
export function trendOf(lines: readonly PodLine[], judged: Judged, endMs: UnixMs): Trend | undefined {
  const { signal, startMs, perSecond, low, high } = judged;
  if (signal === 'allocations' || startMs === null || perSecond === null) return undefined;
  const known = lines
    .filter(({ grows }) => grows || !lines.some((line) => line.grows))
    .map(({ points }) => pointsIn(points, { fromMs: startMs, toMs: endMs }))
    .filter((points) => points.length > 1)
    .sort((a, b) => riseOf(b) - riseOf(a))[0];
  if (!known) return undefined;
  const middleMs = known.reduce((sum, [tMs]) => sum + tMs, 0) / known.length;
  const middle = median(known.map(([tMs, value]) => value - (perSecond * (tMs - middleMs)) / second));
  const at = (tMs: UnixMs): TrendEnd => {
    const values = [low ?? perSecond, high ?? perSecond].map((slope) => middle + (slope * (tMs - middleMs)) / second);
    return {
      tMs,
      value: middle + (perSecond * (tMs - middleMs)) / second,
      low: Math.min(...values),
      high: Math.max(...values),
    };
  };
  return { ends: [at(startMs), at(endMs)] };
}

/** The value at the upper edge: all that is drawn lies below. */
export function topValue(
  lines: readonly PodLine[],
  trend: Trend | undefined,
  level: number | null | undefined,
): number {
  const ends = trend?.ends.map(({ high }) => high) ?? [];
  return Math.max(...lines.map(({ points }) => topOf(points)), ...ends, level ?? 0);
}

type Known = readonly (readonly [tMs: UnixMs, value: number])[];

function pointsIn(points: readonly SparkPoint[], { fromMs, toMs }: TimeWindow): Known {
  return points.flatMap(([tMs, value]) => (value !== null && tMs >= fromMs && tMs <= toMs ? [[tMs, value]] : []));
}

function riseOf(points: Known): number {
  return (points.at(-1)?.[1] ?? 0) - (points[0]?.[1] ?? 0);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
