import type { View } from '../../model/view.ts';
import { leastSlices, type SideSlices, spreadOf } from '../../profile/diff-spread.ts';
import type { DiffTopRow, RowSpread } from '../../profile/diff-top.ts';
import type { GaugeAggregation, ProfileReader } from '../../store/profile-store.ts';
import type { Normalized } from './normalization.ts';
import type { ReadSide, ReadSides } from './read-sides.ts';
import type { PlannedSide, PlannedSides } from './sides.ts';
import { type FunctionSlices, slicesOfMerges, slicesOfTotals, type WindowSlices, worthOfSample } from './slices.ts';

export interface JudgedRows {
  readonly rows: readonly (DiffTopRow & RowSpread)[];
  readonly warnings: readonly string[];
}

export interface JudgeOptions {
  readonly view: View;
  readonly aggregation: GaugeAggregation;
  readonly sort: 'self' | 'total';
  readonly check: () => void;
}

/** One side with what was measured in its slices. */
interface SlicedSide {
  readonly slices: WindowSlices;
  readonly read: ReadSide;
  readonly worth: number | undefined;
}

/** Lines of totals that are read for the spreads of a side: of each process, two for each row. */
const mostLines = 40_000;
/** Rows that are judged however many processes there are. */
const leastRows = 20;

/**
 * Rows with how sure each change is (`spreadOf`). Where a side holds too few scrapes, all are unsure, and a warning says so; of very
 * many processes only the first rows are judged, too.
 */
export function judgedRows(
  reader: ProfileReader,
  { compare, base }: PlannedSides,
  read: ReadSides,
  normalized: Normalized,
  rows: readonly DiffTopRow[],
  options: JudgeOptions,
): JudgedRows {
  const processes = Math.max(1, read.compare.coverage.processes, read.base.coverage.processes);
  const most = read.isAsStored ? Math.max(leastRows, Math.floor(mostLines / (2 * processes))) : Infinity;
  const names = rows.slice(0, most).map((row) => row.function);
  const [first, second] = [slicedSide(compare, read.compare), slicedSide(base, read.base)];
  const spreadsOf = (row: DiffTopRow, of: 'self' | 'total'): number | null =>
    spreadOf(
      sideOf(first, row.function, of, normalized, options.aggregation),
      sideOf(second, row.function, of, normalized, options.aggregation),
    );
  return {
    rows: rows.map((row, at) => {
      if (at >= most) return { ...row, selfSpread: null, totalSpread: null, unsure: true };
      const [selfSpread, totalSpread] = [spreadsOf(row, 'self'), spreadsOf(row, 'total')];
      const [change, spread] = options.sort === 'self' ? [row.selfChange, selfSpread] : [row.totalChange, totalSpread];
      return { ...row, selfSpread, totalSpread, unsure: spread === null || Math.abs(Number(change)) <= spread };
    }),
    warnings: [
      ...(rows.length === 0 ? [] : warningsOf(first, second)),
      ...(rows.length > most
        ? [`of ${processes} processes, it is told of the first ${most} rows how sure they are`]
        : []),
    ],
  };

  function slicedSide(side: PlannedSide, of: ReadSide): SlicedSide {
    if (of.isEmpty || names.length === 0) {
      return { slices: { whole: [], seconds: [], functions: new Map() }, read: of, worth: undefined };
    }
    const slices = read.isAsStored
      ? slicesOfTotals(reader, side, of.coverage, names)
      : slicesOfMerges(reader, side, of.coverage, names, options);
    options.check();
    return {
      slices,
      read: of,
      worth: worthOfSample(reader, side, of, read.isAsStored ? sumOf(slices.whole) : undefined),
    };
  }
}

/** A function of a side, in the unit of the change. */
function sideOf(
  { slices, read, worth }: SlicedSide,
  name: string,
  of: keyof FunctionSlices,
  { normalize, unitSize }: Normalized,
  aggregation: GaugeAggregation,
): SideSlices {
  const isGauge = read.temporality === 'gauge';
  const measured = slices.functions.get(name)?.[of] ?? slices.whole.map(() => 0);
  const weights = normalize === 'share' ? slices.whole : slices.seconds;
  const kept = [...weights.keys()].filter((slice) => weights[slice] !== 0);
  const values = kept.map((slice) => measured[slice] ?? 0);
  const all = sumOf(kept.map((slice) => weights[slice] ?? 0));
  const times = timesOf();
  return {
    values,
    weights: kept.map((slice) => weights[slice] ?? 0),
    times,
    isOneMoment: isGauge && aggregation !== 'avg',
    samples:
      worth === undefined || all === 0
        ? undefined
        : {
            seen: sumOf(values) / worth,
            of: normalize === 'share' ? all / worth : undefined,
            worth: (worth * times) / Math.abs(all),
          },
  };

  function timesOf(): number {
    if (normalize === 'share') return 1;
    if (normalize === 'process') return 1 / unitSize;
    if (!isGauge) return all;
    const { observedSeconds, processesAtMoment, processes } = read.coverage;
    return aggregation === 'avg' ? all / Math.max(1, observedSeconds) : (processesAtMoment ?? processes);
  }
}

function warningsOf(...sides: readonly SlicedSide[]): string[] {
  const few = sides.some(({ slices }) => slices.whole.length < leastSlices);
  const coarse = [...new Set(sides.map(({ read }) => read.coverage.resolution))].filter((size) => size !== 'detail');
  return [
    ...(few ? [`too few scrapes to tell how sure a change is: each side needs at least ${leastSlices}`] : []),
    ...(coarse.length > 0 && !few ? [`spreads are over ${coarse.map((size) => unitNames[size]).join(' and ')}`] : []),
  ];
}

const unitNames = { '1h': 'hours', '1d': 'days' } as const;

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
