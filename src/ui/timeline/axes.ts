import { humanValue } from '../../model/human-value.ts';
import { type DurationMs, day, minute, type UnixMs } from '../../model/units.ts';
import { clockText, dateText, isSameDay } from '../format/time.ts';

const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 });

/** A value beside its axis: short. The unit stands in the legend where it is no size of its own. */
export function axisText(value: number, unit: string): string {
  if (value === 0) return '0';
  const isSized = /^(bytes|nanoseconds|share)/.test(unit);
  return isSized ? humanValue(value, unit).replace('/s', '') : compact.format(value);
}

/** Steps between values that are round in the unit: of bytes in powers of two, else 1, 2, 5 and their tens. */
export function axisSteps(unit: string): number[] {
  if (unit.startsWith('bytes')) return Array.from({ length: 64 }, (_, power) => 2 ** power);
  return Array.from({ length: 36 }, (_, at) => [1, 2, 5].map((step) => Number(`${step}e${at - 9}`))).flat();
}

/** Moments below the axis: the clock, and at midnight, or where steps are days, the date. */
export function axisTimes(moments: readonly UnixMs[], stepMs: DurationMs): string[] {
  return moments.map((ms, at) => {
    const before = moments[at - 1];
    const isNewDay = before !== undefined && !isSameDay(before, ms);
    return stepMs >= day || isNewDay ? dateText(ms) : clockText(ms, { seconds: stepMs < minute });
  });
}
