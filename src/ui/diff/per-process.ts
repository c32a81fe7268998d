import { counted, humanValue } from '../../model/human-value.ts';
import type { DiffMeta, DiffTopAnswer } from '../api/answers.ts';
import { selectorOf } from './comparison.ts';

/** A value of each side in one unit. */
export interface Amounts {
  readonly base: number;
  readonly compare: number;
  readonly unit: string;
}

type SideMeta = DiffMeta['base'];
type Totals = Pick<DiffTopAnswer, 'unit' | 'total' | 'baseTotal' | 'meta'>;

/** What the average process of each side has: a rate for sums (`cores`, `bytes/s`), the value itself for gauges. */
export function perProcess(query: string, { unit, total, baseTotal, meta }: Totals): Amounts {
  const rate = rateOf(query, unit, meta.aggregation === 'sum' || meta.base.aggregation === 'sum');
  const amount = (value: number, side: SideMeta): number => ratio(value, unitsOf(side) * rate.size);
  return { base: amount(baseTotal, meta.base), compare: amount(total, meta), unit: rate.unit };
}

function rateOf(query: string, unit: string, isSum: boolean): { readonly unit: string; readonly size: number } {
  if (!isSum) return { unit, size: 1 };
  const isCpu = selectorOf(query)?.type.sampleType === 'cpu' && unit === 'nanoseconds';
  return isCpu ? { unit: 'cores', size: 1e9 } : { unit: `${unit}/s`, size: 1 };
}

/** Process-seconds that were profiled for sums; processes for gauges: their mean number, or how many there are of a moment. */
function unitsOf({ aggregation, profiledSeconds, processSeconds, observedSeconds, processes }: SideMeta): number {
  if (aggregation === 'sum') return profiledSeconds;
  return aggregation === 'avg' ? ratio(processSeconds, observedSeconds) : processes;
}

/** How the sides were made comparable, with the factors, as one sentence. */
export function factorText({ unit, total, baseTotal, meta }: Totals): string {
  const weight = ratio(meta.baseFactor, meta.factor);
  const isWeighed = weight !== 0 && threeDigits(weight) !== '1';
  const weighs = isWeighed ? `, so the base is weighed × ${threeDigits(weight)}` : '';
  switch (meta.normalize) {
    case 'share':
      return `Each side is 100 %: base ${humanValue(baseTotal, unit)}, compare ${humanValue(total, unit)}${weighs}`;
    case 'process': {
      const [base, compare] = [meta.base, meta].map(unitsText);
      return `Per process${meta.aggregation === 'sum' ? ' and second' : ''}: base ÷ ${base}, compare ÷ ${compare}${weighs}`;
    }
    default:
      return `As measured, not normalised: base ${coverText(meta.base)}, compare ${coverText(meta)}`;
  }
}

function unitsText(side: SideMeta): string {
  const units = threeDigits(unitsOf(side));
  return side.aggregation === 'sum'
    ? `${units} process-seconds`
    : `${units} ${units === '1' ? 'process' : 'processes'}`;
}

function coverText({ processes, observedSeconds }: SideMeta): string {
  return `${humanValue(observedSeconds * 1e9, 'nanoseconds')} of ${counted(processes, 'process', 'processes')}`;
}

function threeDigits(value: number): string {
  return humanValue(value, 'count');
}

function ratio(value: number, by: number): number {
  return by === 0 ? 0 : value / by;
}
