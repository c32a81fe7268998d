import type { ValueType } from '../../model/profile-type.ts';
import { type DurationMs, day, hour, second, type TimeWindow } from '../../model/units.ts';
import type { View } from '../../model/view.ts';
import { underComparedNames } from '../../profile/compared-trees.ts';
import { functionSums } from '../../profile/top.ts';
import type { Coverage, ProfileReader } from '../../store/profile-store.ts';
import { readTreeOfRows } from './read-sides.ts';
import type { PlannedSide } from './sides.ts';

/** Into how many slices a window is cut. */
const sliceCount = 8;

/** What was measured in the slices of a window that hold profiles, by slice. Gauges are value·seconds. */
export interface WindowSlices {
  /** Of all functions together. */
  readonly whole: readonly number[];
  /** Process-seconds that were profiled, or for gauges observed. */
  readonly seconds: readonly number[];
  readonly functions: ReadonlyMap<string, FunctionSlices>;
}

export interface FunctionSlices {
  readonly self: readonly number[];
  readonly total: readonly number[];
}

/** How a window is cut: steps of Unix time, as long as an eighth of it, and whole hours or days where roll-ups answered. */
export function sliceStepMs({ window, resolution }: Pick<Coverage, 'window' | 'resolution'>): DurationMs {
  const grainMs = { detail: second, '1h': hour, '1d': day }[resolution];
  const leastMs = (window.toMs - window.fromMs) / sliceCount;
  return Math.max(1, Math.ceil(leastMs / grainMs)) * grainMs;
}

/** From what the store counts by function, in one call. */
export function slicesOfTotals(
  reader: ProfileReader,
  { request: { selector, peakType } }: PlannedSide,
  coverage: Coverage,
  names: readonly string[],
): WindowSlices {
  const stepMs = sliceStepMs(coverage);
  const { window } = coverage;
  const split = { kind: 'functions', names } as const;
  const answer = reader.totals({ selector, window, type: peakType, stepMs, groupBy: [], split });
  const sums = new SliceSums(window, stepMs);
  for (const { part, points } of answer.series) {
    for (const { bucketMs, value, coveredSeconds, profiles } of points) {
      const slice = sums.sliceAt(bucketMs);
      if (part === undefined) sums.addWhole(slice, Number(value), coveredSeconds, profiles);
      else if (part.kind === 'function') sums.addFunction(part.name, part.of, slice, Number(value));
    }
  }
  return sums.result();
}

/** From a merge of each slice, where functions are those of a view. */
export function slicesOfMerges(
  reader: ProfileReader,
  side: PlannedSide,
  coverage: Coverage,
  names: readonly string[],
  { view, check }: { readonly view: View; readonly check: () => void },
): WindowSlices {
  const stepMs = sliceStepMs(coverage);
  const { fromMs, toMs } = coverage.window;
  const sums = new SliceSums(coverage.window, stepMs);
  const wanted = new Set(names);
  for (let leftMs = Math.floor(fromMs / stepMs) * stepMs; leftMs < toMs; leftMs += stepMs) {
    check();
    const window = { fromMs: Math.max(leftMs, fromMs), toMs: Math.min(leftMs + stepMs, toMs) };
    // Levels at one moment are compared by what averages differ by: a slice has no moment of its own.
    const request = { ...side.request, window, aggregation: 'avg' } as const;
    const read = readTreeOfRows(reader, { ...side, request }, view, { check });
    if (!read.tree) continue;
    const tree = underComparedNames(read.tree);
    const isGauge = read.temporality === 'gauge';
    const slice = sums.sliceAt(leftMs);
    const { profiles, profiledSeconds, processSeconds } = read.coverage;
    sums.addWhole(slice, Number(tree.total[0] ?? 0), isGauge ? processSeconds : profiledSeconds, profiles);
    const { self, total } = functionSums(tree, check);
    for (const [name, text] of tree.names.entries()) {
      if (name === 0 || !wanted.has(text)) continue;
      sums.addFunction(text, 'self', slice, Number(self[name]));
      sums.addFunction(text, 'total', slice, Number(total[name]));
    }
  }
  return sums.result();
}

/** What one sample of a type stands for, where samples are counted beside it: `cpu` next to `samples`. `whole`: its total, if known. */
export function worthOfSample(
  reader: ProfileReader,
  { request: { selector, peakType } }: PlannedSide,
  { coverage, sampleTypes }: { readonly coverage: Coverage; readonly sampleTypes: readonly ValueType[] },
  whole: number | undefined,
): number | undefined {
  const isCount = ({ type, unit }: ValueType): boolean => type === 'samples' && unit === 'count';
  if (isCount(peakType)) return 1;
  const samples = sampleTypes.find(isCount);
  if (peakType.unit !== 'nanoseconds' || samples === undefined) return undefined;
  const sumOf = (type: ValueType): number => {
    const { window } = coverage;
    const { series } = reader.totals({ selector, window, type, stepMs: sliceStepMs(coverage), groupBy: [] });
    return series.reduce((sum, { points }) => points.reduce((all, { value }) => all + Number(value), sum), 0);
  };
  const count = sumOf(samples);
  return count === 0 ? undefined : (whole ?? sumOf(peakType)) / count;
}

/** Sums by slice. Slices at the ends that are less than half as long as the others count to their neighbours. */
class SliceSums {
  readonly #stepMs: DurationMs;
  readonly #firstMs: number;
  readonly #slices: number;
  readonly #isFirstCut: boolean;
  readonly #isLastCut: boolean;
  readonly #whole: Float64Array;
  readonly #seconds: Float64Array;
  readonly #profiles: Float64Array;
  readonly #functions = new Map<string, { readonly self: Float64Array; readonly total: Float64Array }>();

  constructor({ fromMs, toMs }: TimeWindow, stepMs: DurationMs) {
    this.#stepMs = stepMs;
    this.#firstMs = Math.floor(fromMs / stepMs) * stepMs;
    this.#slices = Math.max(1, Math.ceil((toMs - this.#firstMs) / stepMs));
    this.#isFirstCut = this.#firstMs + stepMs - fromMs < stepMs / 2;
    this.#isLastCut = toMs - (this.#firstMs + (this.#slices - 1) * stepMs) < stepMs / 2;
    [this.#whole, this.#seconds, this.#profiles] = [this.#zeros(), this.#zeros(), this.#zeros()];
  }

  sliceAt(bucketMs: number): number {
    const slice = Math.round((bucketMs - this.#firstMs) / this.#stepMs);
    const [least, most] = [this.#isFirstCut ? 1 : 0, this.#slices - (this.#isLastCut ? 2 : 1)];
    return Math.min(Math.max(slice, least), Math.max(0, most), this.#slices - 1);
  }

  addWhole(slice: number, value: number, seconds: number, profiles: number): void {
    this.#whole[slice] = (this.#whole[slice] ?? 0) + value;
    this.#seconds[slice] = (this.#seconds[slice] ?? 0) + seconds;
    this.#profiles[slice] = (this.#profiles[slice] ?? 0) + profiles;
  }

  addFunction(name: string, of: 'self' | 'total', slice: number, value: number): void {
    const known = this.#functions.get(name) ?? { self: this.#zeros(), total: this.#zeros() };
    this.#functions.set(name, known);
    known[of][slice] = (known[of][slice] ?? 0) + value;
  }

  /** Slices without a profile repeat what the profile before them says: they count to it. */
  result(): WindowSlices {
    const groups = this.#groups();
    const grouped = (sums: Float64Array): number[] =>
      groups.map((slices) => slices.reduce((sum, slice) => sum + (sums[slice] ?? 0), 0));
    return {
      whole: grouped(this.#whole),
      seconds: grouped(this.#seconds),
      functions: new Map(
        [...this.#functions].map(([name, { self, total }]) => [name, { self: grouped(self), total: grouped(total) }]),
      ),
    };
  }

  #groups(): number[][] {
    const groups: number[][] = [];
    let before: number[] = [];
    for (let slice = 0; slice < this.#slices; slice++) {
      const holdsProfiles = (this.#profiles[slice] ?? 0) > 0;
      if (holdsProfiles) {
        groups.push([...before, slice]);
        before = [];
      } else if ((this.#seconds[slice] ?? 0) > 0) (groups.at(-1) ?? before).push(slice);
    }
    return groups;
  }

  #zeros(): Float64Array {
    return new Float64Array(this.#slices);
  }
}
