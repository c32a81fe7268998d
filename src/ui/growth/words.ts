import type { GrowthSignal } from '../../model/growth.ts';
import { levelText, likelyTexts, slopeText } from '../../model/growth-words.ts';
import { counted } from '../../model/human-value.ts';
import type { EventAnswer, GrowthAnswer, SignalEntry, VerdictEntry } from '../api/answers.ts';
import { sentence } from '../format/server-words.ts';
import { durationText } from '../format/time.ts';

/** What a verdict and an event both say of a signal. */
export type Judged = EventAnswer['verdict'];

export const signalNames = {
  heap: 'Live heap',
  goroutines: 'Goroutines',
  allocations: 'Allocation rate',
} as const satisfies Record<GrowthSignal, string>;

type Named = Pick<VerdictEntry, 'namespace' | 'workload' | 'container'>;

/** `shop/checkout (app)`. */
export function nameText({ namespace, workload, container }: Named): string {
  return `${namespace}/${workload}${container === '' ? '' : ` (${container})`}`;
}

/** How many there are of each; when they were judged stands before it. */
export function countsText({ tiers, workloads }: GrowthAnswer['meta']): string {
  const { likely, suspected, none, skipped } = tiers;
  return `${counted(workloads, 'workload')}: ${likely} likely, ${suspected} suspected, ${none} without a finding, ${skipped} not judged.`;
}

/** `+14.8 MiB/h`; '' before there is a slope. */
export function slopeOf({ signal, perSecond }: Judged): string {
  return perSecond === null ? '' : slopeText(signal, perSecond);
}

/** `+14.6 MiB/h to +15 MiB/h`: its 95 % interval; '' without one. */
export function intervalOf({ signal, low, high }: Judged): string {
  return low === null || high === null ? '' : `${slopeText(signal, low)} to ${slopeText(signal, high)}`;
}

/** What stands behind a finding: how much, compared with what, why it is likely. */
export function findingText({ signal, rise, baseline, likelyBecause, startMs }: Judged, endMs: number): string {
  const parts = [
    startMs === null ? '' : `for ${durationText(endMs - startMs)}`,
    rise === null ? '' : `${levelText(signal, rise)} over the stretch that shows it`,
    baseline?.text ?? '',
    likelyBecause === null ? '' : `likely: ${likelyTexts[likelyBecause]}`,
  ];
  return parts.filter((part) => part !== '').join('; ');
}

/** Why nothing is found: the first condition that is not met. */
export function whyNotText({ gates }: Pick<Judged, 'gates'>): string {
  const failed = gates.find(({ passed }) => !passed);
  if (failed) return sentence(failed.text);
  return gates.length === 0 ? 'Not judged yet.' : 'Nothing rises.';
}

/** `Goroutines grow`, `Live heap grew`. */
export function growsText({ signal, state }: Pick<EventAnswer, 'signal' | 'state'>): string {
  const verb = state === 'open' ? (signal === 'goroutines' ? 'grow' : 'grows') : 'grew';
  return `${signalNames[signal]} ${verb}`;
}

/** `1 of 3 pods grows`: of those that are old enough. */
export function podsText({ pods, judged }: Pick<Judged, 'pods' | 'judged'>): string {
  return `${pods.length} of ${counted(judged, 'process', 'processes')} old enough to be judged`;
}

/** Findings first, the surest first of all. */
export function bySureness(signals: readonly SignalEntry[]): SignalEntry[] {
  const rank = ({ tier }: SignalEntry) => (tier === 'likely' ? 0 : tier === 'suspected' ? 1 : 2);
  return signals.toSorted((a, b) => rank(a) - rank(b));
}

/** Verdicts by what was found, in the order in which they matter. */
export function byTier(verdicts: readonly VerdictEntry[]): Record<'found' | 'none' | 'skipped', VerdictEntry[]> {
  const skipped = verdicts.filter((verdict) => verdict.skipped !== null);
  const judged = verdicts.filter((verdict) => verdict.skipped === null);
  return {
    found: judged.filter(({ tier }) => tier !== null),
    none: judged.filter(({ tier }) => tier === null),
    skipped,
  };
}

/**
 * What to type for the profiles that are kept with an event: the one against the other; the one alone where there was nothing
 * before; undefined before any is kept.
 */
export function keptCommand(
  { baseProfile, compareProfile }: Pick<EventAnswer['links'], 'baseProfile' | 'compareProfile'>,
  origin: string,
): string | undefined {
  if (compareProfile === null) return undefined;
  const base = baseProfile === null ? '' : `-diff_base '${origin}${baseProfile}' `;
  return `go tool pprof -http=: ${base}'${origin}${compareProfile}'`;
}

/** The query of the profiles that a link lists. */
export function queryOfLink(link: string): string {
  return new URL(link, 'http://localhost').searchParams.get('query') ?? '';
}
