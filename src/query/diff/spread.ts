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
const checkedRows = 1000;
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
  const [inFirst, inSecond] = [first, second].map((side) => sideOf(side, normalized, options.aggregation)) as [
    ReturnType<typeof sideOf>,
    ReturnType<typeof sideOf>,
  ];
  const spreadsOf = (row: DiffTopRow, of: 'self' | 'total'): number | null =>
    spreadOf(inFirst(row.function, of), inSecond(row.function, of));
  return {
    rows: rows.map((row, at) => {
      if (at % checkedRows === 0) options.check();
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

/** The functions of a side, in the unit of the change. */
function sideOf(
  { slices, read, worth }: SlicedSide,
  { normalize, unitSize }: Normalized,
  aggregation: GaugeAggregation,
): (name: string, of: keyof FunctionSlices) => SideSlices {
  const isGauge = read.temporality === 'gauge';
  const all = normalize === 'share' ? slices.whole : slices.seconds;
  const kept = [...all.keys()].filter((slice) => all[slice] !== 0);
  const weights = kept.map((slice) => all[slice] ?? 0);
  const weight = sumOf(weights);
  const times = timesOf();
  return (name, of) => {
    const measured = slices.functions.get(name)?.[of];
    const values = kept.map((slice) => measured?.[slice] ?? 0);
    const samples =
      worth === undefined || weight === 0
        ? undefined
        : {
            seen: sumOf(values) / worth,
            of: normalize === 'share' ? weight / worth : undefined,
            worth: (worth * times) / Math.abs(weight),
          };
    return { values, weights, times, isOneMoment: isGauge && aggregation !== 'avg', samples };
  };

  function timesOf(): number {
    if (normalize === 'share') return 1;
    if (normalize === 'process') return 1 / unitSize;
    if (!isGauge) return weight;
    const { observedSeconds, processesAtMoment, processes } = read.coverage;
    return aggregation === 'avg' ? weight / Math.max(1, observedSeconds) : (processesAtMoment ?? processes);
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
