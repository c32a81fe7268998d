import { createHash } from 'node:crypto';
import type { GrowthEvent, GrowthSignal, SignalVerdict, Workload } from '../model/growth.ts';
import { workloadKey } from '../model/growth.ts';
import type { UnixMs } from '../model/units.ts';
import type { EventChange } from './contract.ts';

/** What is said of a signal at the end of a bucket, and of whom. */
export interface Observation {
  readonly workload: Workload;
  readonly signal: GrowthSignal;
  readonly atMs: UnixMs;
  /** Undefined: the signal was not judged, which ends what was found. */
  readonly verdict: SignalVerdict | undefined;
  /** The revision that grows; '' where none is known. */
  readonly revision: string;
}

export interface Transition {
  /** As it is from now on; undefined: nothing is and nothing was found. */
  readonly event: GrowthEvent | undefined;
  /** In the order in which they happened. */
  readonly changes: readonly EventChange[];
}

/** Events as they are now, each once, and how they came to be so, in order. */
export interface EventsNow {
  readonly events: readonly GrowthEvent[];
  readonly changes: readonly EventChange[];
}

/**
 * An event through one bucket: nothing → open → likely → resolved. `open` is the event that is not resolved, if there is one.
 * A pure function of both, so that the same history gives the same events, ids included.
 */
export function nextEvent(open: GrowthEvent | undefined, observation: Observation): Transition {
  const { verdict, atMs } = observation;
  if (verdict?.tier === undefined) return open ? resolve(open, atMs) : { event: undefined, changes: [] };
  const begun = open ?? begin(observation, verdict);
  const opened: readonly EventChange[] = open ? [] : [{ kind: 'opened', event: begun }];
  const isLikelyNow = verdict.tier === 'likely' && begun.likelyMs === undefined;
  const event: GrowthEvent = {
    ...begun,
    verdict,
    revision: observation.revision || begun.revision,
    ...(isLikelyNow ? { tier: 'likely', likelyMs: atMs } : {}),
  };
  return { event, changes: isLikelyNow ? [...opened, { kind: 'likely', event }] : opened };
}

/** 16 hex digits of what tells an event from all others. */
export function eventId(workload: Workload, signal: GrowthSignal, openedMs: UnixMs): string {
  const text = `${workloadKey(workload)}\n${signal}\n${openedMs}`;
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Events that are open, ended at a moment, whatever became of what they told. */
export function endEvents(open: Iterable<GrowthEvent>, atMs: UnixMs): EventsNow {
  const changes = [...open].flatMap((event) => resolve(event, atMs).changes);
  return { events: changes.map(({ event }) => event), changes };
}

function begin({ workload, signal, atMs, revision }: Observation, verdict: SignalVerdict): GrowthEvent {
  const id = eventId(workload, signal, atMs);
  return { id, workload, signal, tier: 'suspected', openedMs: atMs, verdict, revision };
}

function resolve(open: GrowthEvent, atMs: UnixMs): Transition {
  const event = { ...open, resolvedMs: atMs };
  return { event, changes: [{ kind: 'resolved', event }] };
}
