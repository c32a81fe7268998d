import type { Baseline, Gate, GrowthSignal, GrowthTier, GrowthVerdict, SignalVerdict } from './growth.ts';
import { humanValue } from './human-value.ts';
import { hour, second } from './units.ts';

/** What is said of growth in words and units: the same in API, pages, commands and alerts. */

/** The unit of levels and rises, the unit of slopes, and the profile type by its short name. */
export const signalUnits = {
  heap: { unit: 'bytes', slope: 'bytes/s', query: 'heap' },
  goroutines: { unit: 'count', slope: 'count/s', query: 'goroutine' },
  // What grows is a rate already, and it is said by how much: a step, no slope.
  allocations: { unit: 'bytes/s', slope: 'bytes/s', query: 'allocs' },
} as const satisfies Record<GrowthSignal, { unit: string; slope: string; query: string }>;

/** `12.3 MiB`, `1,204`, `31 MiB/s`: a level or a rise. */
export function levelText(signal: GrowthSignal, level: number): string {
  return humanValue(level, signalUnits[signal].unit);
}

/** `+12.3 MiB/h`, `-40/h`; of allocations, by how much the rate rose: `+2.1 MiB/s`. */
export function slopeText(signal: GrowthSignal, perSecond: number): string {
  const sign = perSecond < 0 ? '-' : '+';
  const size = Math.abs(perSecond);
  if (signal === 'allocations') return `${sign}${humanValue(size, 'bytes/s')}`;
  return `${sign}${humanValue((size * hour) / second, signalUnits[signal].unit)}/h`;
}

/** What growth was compared with, in words. */
export function baselineText(signal: GrowthSignal, { kind, level, revision }: Baseline): string {
  const known = level === undefined ? '' : ` (${levelText(signal, level)})`;
  const before = revision === undefined || revision === '' ? 'an earlier revision' : `revision ${revision}`;
  const words = {
    none: 'growing since start, no baseline yet',
    earlier: `above all it held before${known}`,
    yesterday: `above the same time yesterday${known}`,
    plateau: `above the plateau of ${before}${known}`,
    revision: `above ${before}${known}`,
  };
  return words[kind];
}

/** What made a finding likely, in words. */
export const likelyTexts = {
  ramp: 'a day of one ramp',
  days: 'above the day before at every time of the day',
  recurrence: 'several processes that ended while they grew',
} as const satisfies Record<NonNullable<SignalVerdict['likelyBecause']>, string>;

/** The first condition that was not met: why nothing, or nothing more, is found. */
export function failedGate({ gates }: Pick<SignalVerdict, 'gates'>): Gate | undefined {
  return gates.find(({ passed }) => !passed);
}

/** The highest tier of any signal; undefined where nothing is found. */
export function highestTier({ signals }: Pick<GrowthVerdict, 'signals'>): GrowthTier | undefined {
  const tiers = new Set(signals.map(({ tier }) => tier));
  return tiers.has('likely') ? 'likely' : tiers.has('suspected') ? 'suspected' : undefined;
}

const wholes: Readonly<Record<GrowthSignal, string>> = {
  heap: 'the whole heap',
  goroutines: 'all goroutines',
  allocations: 'all that it allocates',
};

/** A function's name, or what '' stands for: growth that no function shows by itself. */
export function functionText(signal: GrowthSignal, name: string): string {
  return name === '' ? wholes[signal] : name;
}
