import type { GrowthQueries } from '../../src/growth/contract.ts';
import type {
  EventSide,
  GrowthEvent,
  GrowthSignal,
  GrowthVerdict,
  SignalVerdict,
  Workload,
} from '../../src/model/growth.ts';
import { minute, noGrowth, nowMs } from './http-fakes.ts';

/** Verdicts and events written by hand, and what answers questions about them. */

const hour = 60 * minute;

export function workloadNamed(workload: string, rest: Partial<Workload> = {}): Workload {
  return { namespace: 'shop', workloadKind: 'Deployment', workload, container: 'app', ...rest };
}

/** A leak of 30 MiB an hour in one function, likely since an hour. */
export function leaking(signal: GrowthSignal = 'heap', rest: Partial<SignalVerdict> = {}): SignalVerdict {
  const perSecond = (30 * 2 ** 20) / 3600;
  return {
    signal,
    tier: 'likely',
    likelyBecause: 'ramp',
    sinceMs: nowMs - 20 * hour,
    startMs: nowMs - 26 * hour,
    perSecond,
    low: 0.9 * perSecond,
    high: 1.1 * perSecond,
    rise: 26 * 30 * 2 ** 20,
    baseline: { kind: 'plateau', level: 40 * 2 ** 20, revision: 'r1' },
    functions: [
      { id: '00000000000000aa', name: 'main.(*auditTrail).record', perSecond, level: 800 * 2 ** 20 },
      { id: '00000000000000bb', name: 'main.(*index).put', perSecond: perSecond / 50, level: 9 * 2 ** 20 },
    ],
    pods: ['checkout-1'],
    judged: 3,
    gates: [{ name: 'rise', passed: true, text: '780 MiB of 40 MiB', value: 780, needed: 40 }],
    ...rest,
  };
}

export function still(signal: GrowthSignal = 'heap', rest: Partial<SignalVerdict> = {}): SignalVerdict {
  return {
    signal,
    tier: undefined,
    perSecond: 12.5,
    low: -40,
    high: 60,
    functions: [],
    pods: [],
    judged: 2,
    gates: [
      { name: 'age', passed: true, text: '7h of 5h30m', value: 42, needed: 33 },
      { name: 'rise', passed: false, text: '0.9 MiB of 32 MiB', value: 943_718, needed: 33_554_432 },
    ],
    ...rest,
  };
}

export function verdictOf(
  workload: Workload,
  signals: readonly SignalVerdict[],
  rest: Partial<GrowthVerdict> = {},
): GrowthVerdict {
  return { workload, atMs: nowMs - 5 * minute, signals, processes: 3, ...rest };
}

export function eventOf(id: string, workload: Workload, rest: Partial<GrowthEvent> = {}): GrowthEvent {
  return {
    id,
    workload,
    signal: 'heap',
    tier: 'likely',
    openedMs: nowMs - 20 * hour,
    verdict: leaking(),
    revision: 'r2',
    ...rest,
  };
}

export interface Known {
  readonly verdicts?: readonly GrowthVerdict[];
  readonly events?: readonly GrowthEvent[];
  readonly profiles?: Readonly<Record<string, Partial<Record<EventSide, Uint8Array>>>>;
}

/** Answers as the contract says, from lists. `evaluated` unless it says otherwise. */
export function growthOf(
  { verdicts = [], events = [], profiles = {} }: Known,
  rest: Partial<GrowthQueries> = {},
): GrowthQueries {
  const newestFirst = events.toSorted((a, b) => b.openedMs - a.openedMs);
  return {
    ...noGrowth,
    verdicts: (filter) =>
      verdicts.filter(({ workload }) =>
        (['namespace', 'workloadKind', 'workload', 'container'] as const).every(
          (name) => filter[name] === undefined || filter[name] === workload[name],
        ),
      ),
    events: ({ namespace, workload, container, tier, window, isOpen, before, limit }) =>
      newestFirst
        .slice(before === undefined ? 0 : newestFirst.findIndex(({ id }) => id === before) + 1)
        .filter(
          (event) =>
            (namespace === undefined || event.workload.namespace === namespace) &&
            (workload === undefined || event.workload.workload === workload) &&
            (container === undefined || event.workload.container === container) &&
            (tier === undefined || event.tier === tier) &&
            (!isOpen || event.resolvedMs === undefined) &&
            (!window || (event.openedMs < window.toMs && (event.resolvedMs ?? Infinity) > window.fromMs)),
        )
        .slice(0, limit),
    event: (id) => events.find((event) => event.id === id),
    eventProfile: (id, side) => profiles[id]?.[side],
    status: {
      enabled: true,
      bucketMs: 10 * minute,
      evaluatedMs: nowMs - 5 * minute,
      workloads: verdicts.length,
    },
    ...rest,
  };
}
