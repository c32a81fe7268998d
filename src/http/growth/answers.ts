import type { GrowthStatus } from '../../growth/contract.ts';
import {
  type GrowthEvent,
  type GrowthVerdict,
  type SignalVerdict,
  type Workload,
  workloadKey,
} from '../../model/growth.ts';
import { baselineText, failedGate, highestTier, signalUnits } from '../../model/growth-words.ts';
import { formatTime } from '../../model/time.ts';
import type { TimeWindow, UnixMs } from '../../model/units.ts';
import { moment } from '../json.ts';
import {
  diffPagePath,
  diffPath,
  diffWindows,
  eventPagePath,
  eventPath,
  eventProfilePath,
  explorePagePath,
  type Finding,
  functionPath,
  growthPagePath,
  profilesPath,
} from './links.ts';

/** Verdicts and events as the API answers them. */

/** The shortest stretch that is judged: six hours at the usual ten minutes. */
const judgedBuckets = 36;

/** The id of the event that is open for a signal of a workload. */
export type OpenEvents = ReadonlyMap<string, string>;

export function openEvents(events: readonly GrowthEvent[]): OpenEvents {
  return new Map(events.map(({ workload, signal, id }) => [signalKey(workload, signal), id]));
}

export function verdictAnswer(verdict: GrowthVerdict, open: OpenEvents, { bucketMs }: Pick<GrowthStatus, 'bucketMs'>) {
  const { workload, atMs, signals, skipped, processes } = verdict;
  const starts = signals.flatMap(({ startMs }) => (startMs === undefined ? [] : [startMs]));
  return {
    ...workload,
    at: formatTime(atMs),
    atMs,
    tier: highestTier(verdict) ?? null,
    skipped: skipped ?? null,
    processes,
    signals: signals.map((signal) => {
      const eventId = open.get(signalKey(workload, signal.signal)) ?? null;
      return {
        ...signalAnswer(signal, workload, atMs, bucketMs),
        eventId,
        links: {
          ...findingLinks(findingOf(signal, workload, atMs, bucketMs)),
          profiles: profilesPath(workload, signal.signal, {
            fromMs: signal.startMs ?? Math.max(0, atMs - judgedBuckets * bucketMs),
            toMs: atMs,
          }),
          event: eventId === null ? null : eventPath(eventId),
          eventPage: eventId === null ? null : eventPagePath(eventId),
        },
      };
    }),
    links: { page: growthPagePath(workload, starts.length === 0 ? undefined : Math.min(...starts)) },
  };
}
export type VerdictAnswer = ReturnType<typeof verdictAnswer>;

/** `isStored`: whether it can be asked for by its id. An open event is known up to `nowMs`. */
export function eventAnswer(
  event: GrowthEvent,
  isStored: boolean,
  nowMs: UnixMs,
  { bucketMs }: Pick<GrowthStatus, 'bucketMs'>,
) {
  const { id, workload, signal, tier, openedMs, likelyMs, resolvedMs, verdict, revision, profiles } = event;
  const endMs = Math.max(openedMs, resolvedMs ?? nowMs);
  const finding = findingOf({ ...verdict, signal, startMs: verdict.startMs ?? openedMs }, workload, endMs, bucketMs);
  const { base, compare } = profiles ?? {};
  const windows = base && compare ? { base, compare } : diffWindows(finding);
  return {
    id,
    ...workload,
    signal,
    tier,
    state: resolvedMs === undefined ? ('open' as const) : ('resolved' as const),
    ...moment('opened', openedMs),
    ...moment('likely', likelyMs),
    ...moment('resolved', resolvedMs),
    revision: revision === '' ? null : revision,
    verdict: signalAnswer({ ...verdict, signal }, workload, endMs, bucketMs),
    profiles: compare ? { base: base ? windowAnswer(base) : null, compare: windowAnswer(compare) } : null,
    stored: isStored,
    links: {
      event: isStored ? eventPath(id) : null,
      page: isStored ? eventPagePath(id) : null,
      workload: growthPagePath(workload, finding.startMs),
      diff: diffPath(finding, windows, 'markdown'),
      pprof: diffPath(finding, windows, 'pprof'),
      diffPage: diffPagePath(finding, windows),
      explorePage: explorePagePath(finding),
      profiles: profilesPath(workload, signal, { fromMs: finding.startMs, toMs: endMs }),
      baseProfile: isStored && base ? eventProfilePath(event, 'base') : null,
      compareProfile: isStored && compare ? eventProfilePath(event, 'compare') : null,
    },
  };
}
export type EventAnswer = ReturnType<typeof eventAnswer>;

function signalAnswer(verdict: SignalVerdict, workload: Workload, endMs: UnixMs, bucketMs: number) {
  const { signal, tier, baseline, likelyBecause, functions, pods, judged, gates } = verdict;
  const finding = findingOf(verdict, workload, endMs, bucketMs);
  const failed = failedGate(verdict);
  return {
    signal,
    tier: tier ?? null,
    unit: signalUnits[signal].unit,
    slopeUnit: signalUnits[signal].slope,
    ...moment('since', verdict.sinceMs),
    ...moment('start', verdict.startMs),
    perSecond: verdict.perSecond ?? null,
    low: verdict.low ?? null,
    high: verdict.high ?? null,
    rise: verdict.rise ?? null,
    baseline: baseline
      ? {
          kind: baseline.kind,
          level: baseline.level ?? null,
          revision: baseline.revision ?? null,
          text: baselineText(signal, baseline),
        }
      : null,
    likelyBecause: likelyBecause ?? null,
    functions: functions.map(({ id, name, perSecond, level }) => ({
      function: name,
      functionId: id,
      perSecond,
      level,
      link: finding ? functionPath(finding, name) : null,
      page: finding ? explorePagePath(finding, name) : null,
    })),
    pods,
    judged,
    whyNot: failed ? `${failed.name}: ${failed.text}` : null,
    gates: gates.map(({ name, passed, text, value, needed }) => ({
      name,
      passed,
      text,
      value: value ?? null,
      needed: needed ?? null,
    })),
  };
}

type Started = SignalVerdict & { readonly startMs: UnixMs };

function findingOf(verdict: Started, workload: Workload, endMs: UnixMs, bucketMs: number): Finding;
function findingOf(verdict: SignalVerdict, workload: Workload, endMs: UnixMs, bucketMs: number): Finding | undefined;
function findingOf(verdict: SignalVerdict, workload: Workload, endMs: UnixMs, bucketMs: number): Finding | undefined {
  const { signal, startMs } = verdict;
  if (startMs === undefined) return undefined;
  return { workload, signal, startMs, endMs, bucketMs };
}

function findingLinks(finding: Finding | undefined) {
  if (!finding) return { diff: null, pprof: null, diffPage: null, explorePage: null };
  const windows = diffWindows(finding);
  return {
    diff: diffPath(finding, windows, 'markdown'),
    pprof: diffPath(finding, windows, 'pprof'),
    diffPage: diffPagePath(finding, windows),
    explorePage: explorePagePath(finding),
  };
}

export function windowAnswer({ fromMs, toMs }: TimeWindow) {
  return { from: formatTime(fromMs), fromMs, to: formatTime(toMs), toMs };
}

function signalKey(workload: Workload, signal: string): string {
  return `${signal}\n${workloadKey(workload)}`;
}
