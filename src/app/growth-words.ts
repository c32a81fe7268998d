import type { EventChange } from '../growth/contract.ts';
import type { GrowthEvent } from '../model/growth.ts';
import { baselineText, functionText, levelText, likelyTexts, slopeText } from '../model/growth-words.ts';
import { formatTime } from '../model/time.ts';
import type { UnixMs } from '../model/units.ts';

/** What people are told of an event: in the log, by the webhook, in Kubernetes Events. */

const subjects = {
  heap: 'live heap',
  goroutines: 'number of goroutines',
  allocations: 'rate of allocation',
} as const satisfies Record<GrowthEvent['signal'], string>;

/** When it happened: an outage is caught up on. */
export function changedMs({ kind, event }: EventChange): UnixMs {
  const { openedMs, likelyMs = openedMs, resolvedMs = likelyMs } = event;
  return { opened: openedMs, likely: likelyMs, resolved: resolvedMs }[kind];
}

/** One sentence: `The live heap of shop/checkout (app) is likely leaking.` */
export function summaryOf({ workload, signal, tier, resolvedMs }: GrowthEvent): string {
  const of = `The ${subjects[signal]} of ${workload.namespace}/${workload.workload}`;
  const container = workload.container === '' ? '' : ` (${workload.container})`;
  const what = tier === 'likely' ? 'is likely leaking' : 'is growing';
  return `${of}${container} ${resolvedMs === undefined ? what : 'does not grow any more'}.`;
}

/** Slope, baseline, functions, pods: what an engineer looks at first. */
export function descriptionOf({ signal, verdict, revision }: GrowthEvent): string {
  const { perSecond, startMs, rise, baseline, functions, pods, judged, likelyBecause } = verdict;
  const parts = [
    perSecond === undefined ? '' : `${slopeText(signal, perSecond)} in its fastest process`,
    startMs === undefined ? '' : `since ${formatTime(startMs)}`,
    rise === undefined ? '' : `${levelText(signal, rise)} over the stretch that shows it`,
    baseline ? baselineText(signal, baseline) : '',
    likelyBecause ? likelyTexts[likelyBecause] : '',
    revision === '' ? '' : `revision ${revision}`,
    `${pods.length} of ${judged} pods`,
  ].filter(Boolean);
  const names = functions.map(
    ({ name, perSecond: slope }) => `${functionText(signal, name)} (${slopeText(signal, slope)})`,
  );
  return `${parts.join(', ')}.${names.length > 0 ? ` Growing: ${names.join(', ')}.` : ''}`;
}
