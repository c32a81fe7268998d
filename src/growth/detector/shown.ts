import type { GrowingFunction } from '../../model/growth.ts';
import type { Shown } from './finding.ts';
import type { GrowingProcess, GrowingSeries } from './heap.ts';

/** What the growing processes of a workload show together. */

const most = 5;

export function shownHeap(growing: readonly GrowingProcess[], bucketMs: number): Shown | undefined {
  return shownBy(growing, bucketMs, functionsOf(growing, bucketMs));
}

export function shownGoroutines(growing: readonly GrowingProcess[], bucketMs: number): Shown | undefined {
  return shownBy(growing, bucketMs, []);
}

function shownBy(
  growing: readonly GrowingProcess[],
  bucketMs: number,
  functions: readonly GrowingFunction[],
): Shown | undefined {
  const worst = growing
    .flatMap(({ process, growing: all }) => all.map((one) => ({ process, ...one })))
    .sort((a, b) => b.growth.slope - a.growth.slope || (a.process.id < b.process.id ? -1 : 1))[0];
  if (!worst) return undefined;
  const { growth, process } = worst;
  const likely = growing.flatMap(({ growing: all }) => all).find((one) => one.likely)?.likely;
  const perSecond = (slope: number): number => (slope * 1000) / bucketMs;
  return {
    tier: likely ? 'likely' : 'suspected',
    because: likely,
    revision: process.revision,
    start: growth.from,
    growers: growing.map(({ process: { id } }) => id),
    pods: [...new Set(growing.map(({ process: { pod } }) => pod))].sort(),
    functions,
    slope: { perSecond: perSecond(growth.slope), low: perSecond(growth.low), high: perSecond(growth.high) },
    rise: growth.rise,
    baseline: growth.baseline,
  };
}

/** Ranked by slope, summed over pods; where only the whole grows, by rise. */
function functionsOf(growing: readonly GrowingProcess[], bucketMs: number): readonly GrowingFunction[] {
  const sums = new Map<string, { id: string; name: string; perSecond: number; level: number }>();
  const add = (id: string, name: string, perSecond: number, level: number): void => {
    const sum = sums.get(id) ?? { id, name, perSecond: 0, level: 0 };
    sums.set(id, { ...sum, perSecond: sum.perSecond + perSecond, level: sum.level + level });
  };
  for (const { growing: all, risen } of growing) {
    for (const { series, growth, level } of named(all))
      add(series.id, series.name, (growth.slope * 1000) / bucketMs, level);
    for (const { series, rise, level } of risen.slice(0, most)) {
      const [whole] = all;
      const share = whole && whole.growth.rise > 0 ? rise / whole.growth.rise : 0;
      add(series.id, series.name, (share * (whole?.growth.slope ?? 0) * 1000) / bucketMs, level);
    }
    if (risen.length === 0)
      for (const { growth, level } of wholes(all)) add('', '', (growth.slope * 1000) / bucketMs, level);
  }
  return [...sums.values()].sort((a, b) => b.perSecond - a.perSecond || (a.id < b.id ? -1 : 1)).slice(0, most);
}

const named = (all: readonly GrowingSeries[]): GrowingSeries[] => all.filter(({ series }) => series.id !== '');
const wholes = (all: readonly GrowingSeries[]): GrowingSeries[] => all.filter(({ series }) => series.id === '');
