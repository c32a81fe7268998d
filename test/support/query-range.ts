import assert from 'node:assert/strict';
import type { RangeQuestion } from '../../src/query/engine.ts';
import type { ProfileReader } from '../../src/store/profile-store.ts';
import { askJson, minuteMs, noonMs, rangeQuestion } from './query-ask.ts';

export interface RangeAnswer {
  readonly unit: string;
  readonly aggregation: string | null;
  readonly estimated: boolean;
  readonly stepMs: number;
  readonly function?: string;
  readonly series: readonly (RangeLine & { readonly labels: Record<string, string> })[];
  readonly other: (RangeLine & { readonly series: number }) | null;
  readonly meta: Record<string, unknown> & { readonly hint?: string; readonly warnings: readonly string[] };
}
interface RangeLine {
  readonly points: readonly Point[];
  readonly selfPoints?: readonly Point[];
}
export type Point = readonly [tMs: number, value: number, observedSeconds: number];

/** One line for each series: `labels: minute=value/observed …`, minutes after noon; of a function `value(self)`. */
export function draw({ series, other }: RangeAnswer): string[] {
  const line = ({ points, selfPoints }: RangeLine): string =>
    points
      .map(([tMs, value, observed], at) => {
        const [selfMs, self, selfObserved] = selfPoints?.[at] ?? [tMs, undefined, observed];
        if (selfPoints) assert.deepEqual([selfMs, selfObserved, selfPoints.length], [tMs, observed, points.length]);
        return `${(tMs - noonMs) / minuteMs}=${value}${self === undefined ? '' : `(${self})`}/${observed}s`;
      })
      .join(' ');
  const lines = series.map(({ labels, ...points }) => {
    const names = Object.entries(labels).map(([name, value]) => (name === 'pod' ? value : `${name}=${value}`));
    return `${names.join() || 'all'}: ${line(points)}`;
  });
  return other ? [...lines, `other(${other.series}): ${line(other)}`] : lines;
}

/** The values of all lines by step, added up. */
export function sums(
  { series, other }: RangeAnswer,
  points: 'points' | 'selfPoints' = 'points',
): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  for (const line of [...series, ...(other ? [other] : [])]) {
    for (const [tMs, value] of line[points] ?? []) found.set(tMs, (found.get(tMs) ?? 0) + value);
  }
  return found;
}

export function answer(reader: ProfileReader, query: string, options: Partial<RangeQuestion> = {}): RangeAnswer {
  return askJson(reader, rangeQuestion(query, options)) as RangeAnswer;
}

/** Minutes after noon. */
export const at = (minutes: number): number => noonMs + minutes * minuteMs;

/** Equal but for the digits that answers leave out. */
export function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) <= 1e-5 * Math.max(1, Math.abs(expected)), `${actual} is not ${expected}`);
}
