import type { SignalEntry } from '../../../src/ui/api/answers.ts';

const hour = 3_600_000;

/** A leak of 36 MiB an hour since hour 10, found at hour 16; changed as a test needs it. */
export function signalEntry(changes: Partial<SignalEntry> = {}): SignalEntry {
  const perSecond = (36 * 2 ** 20) / 3600;
  return {
    signal: 'heap',
    tier: 'likely',
    unit: 'bytes',
    slopeUnit: 'bytes/s',
    since: null,
    sinceMs: 16 * hour,
    start: null,
    startMs: 10 * hour,
    perSecond,
    low: perSecond / 2,
    high: 1.5 * perSecond,
    rise: 100 * 2 ** 20,
    baseline: { kind: 'earlier', level: 2 ** 20, revision: null, text: 'above all it held before (1 MiB)' },
    likelyBecause: 'ramp',
    functions: [],
    pods: ['b'],
    judged: 2,
    whyNot: null,
    gates: [],
    eventId: null,
    links: {
      diff: null,
      pprof: null,
      profiles: '/api/v1/profiles?query=heap%7Bworkload%3D%22a%26b%22%7D&from=0',
      event: null,
      diffPage: null,
      explorePage: null,
      eventPage: null,
    },
    ...changes,
  };
}
