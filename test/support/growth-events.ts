import type { EventChange } from '../../src/growth/contract.ts';
import type { GrowthEvent, SignalVerdict } from '../../src/model/growth.ts';
import { bucketMs, firstBucket, mib, workloadNamed } from './growth-floors.ts';

export const verdictOfHeap: SignalVerdict = {
  signal: 'heap',
  tier: 'suspected',
  sinceMs: firstBucket * bucketMs,
  startMs: (firstBucket - 36) * bucketMs,
  perSecond: (30 * mib) / 3600,
  low: (29 * mib) / 3600,
  high: (31 * mib) / 3600,
  rise: 180 * mib,
  baseline: { kind: 'none' },
  functions: [{ id: '0123456789abcdef', name: 'main.leak', perSecond: (30 * mib) / 3600, level: 200 * mib }],
  pods: ['checkout-1'],
  judged: 3,
  gates: [],
};

/** An event that opened with `firstBucket`. */
export function eventOf(more: Partial<GrowthEvent> = {}): GrowthEvent {
  return {
    id: '00000000000000aa',
    workload: workloadNamed({ workload: 'checkout' }),
    signal: 'heap',
    tier: 'suspected',
    openedMs: firstBucket * bucketMs,
    verdict: verdictOfHeap,
    revision: 'r7',
    ...more,
  };
}

/** The same event when it became likely, and when it ended. */
export const likelyEvent = eventOf({ tier: 'likely', likelyMs: (firstBucket + 100) * bucketMs });
export const resolvedEvent: GrowthEvent = { ...likelyEvent, resolvedMs: (firstBucket + 120) * bucketMs };

export const changeOf = (kind: EventChange['kind'], event: GrowthEvent): EventChange => ({ kind, event });
