import { type GrowthEvent, type GrowthSignal, type Workload, workloadLabels } from '../../model/growth.ts';
import { signalUnits } from '../../model/growth-words.ts';
import { formatTime } from '../../model/time.ts';
import { type DurationMs, minute, second, type TimeWindow, type UnixMs } from '../../model/units.ts';

/** Paths on this server that answer what a verdict or an event raises as a question. */

/** How long the sides of a diff are, in buckets: an hour at the usual ten minutes. */
const sideBuckets = 6;
/** The base reaches so far into the growth: of a process that grows since it started, nothing is there before. */
const intoGrowthBuckets = 2;
/** Of the length of a finding: how much of what was before it a page shows. */
const beforeShare = 0.25;

export interface Finding {
  readonly workload: Workload;
  readonly signal: GrowthSignal;
  readonly startMs: UnixMs;
  /** The end of what is known of it. */
  readonly endMs: UnixMs;
  readonly bucketMs: DurationMs;
}

/** What to compare: the end of a finding with what was there just before it. The sides never meet. */
export function diffWindows({ startMs, endMs, bucketMs }: Pick<Finding, 'startMs' | 'endMs' | 'bucketMs'>): {
  readonly base: TimeWindow;
  readonly compare: TimeWindow;
} {
  const middleMs = startMs + Math.ceil((endMs - startMs) / 2);
  const lengthMs = Math.max(minute, sideBuckets * bucketMs);
  const intoMs = Math.max(second, intoGrowthBuckets * bucketMs);
  return {
    base: { fromMs: Math.max(0, startMs - lengthMs), toMs: Math.min(startMs + intoMs, middleMs) },
    compare: { fromMs: Math.min(Math.max(endMs - lengthMs, middleMs), endMs - 1), toMs: endMs },
  };
}

export function diffPath(
  finding: Pick<Finding, 'workload' | 'signal'>,
  windows: ReturnType<typeof diffWindows>,
  format: 'markdown' | 'pprof',
): string {
  return path('/api/v1/diff', { ...diffParameters(finding, windows), format });
}

/** The page that draws the same. */
export function diffPagePath(
  finding: Pick<Finding, 'workload' | 'signal'>,
  windows: ReturnType<typeof diffWindows>,
): string {
  return path('/diff', diffParameters(finding, windows));
}

/** Per process, so that a workload that was scaled up is no leak. */
function diffParameters(
  { workload, signal }: Pick<Finding, 'workload' | 'signal'>,
  { base, compare }: ReturnType<typeof diffWindows>,
): Readonly<Record<string, string>> {
  return {
    query: queryOf(workload, signal),
    from: formatTime(compare.fromMs),
    to: formatTime(compare.toMs),
    base_from: formatTime(base.fromMs),
    base_to: formatTime(base.toMs),
    normalize: 'process',
  };
}

/** The single profiles of a workload. */
export function profilesPath(workload: Workload, signal: GrowthSignal, { fromMs, toMs }: TimeWindow): string {
  return path('/api/v1/profiles', {
    query: queryOf(workload, signal),
    from: formatTime(fromMs),
    to: formatTime(Math.max(toMs, fromMs + 1)),
  });
}

/** The page of the profiles of a window: over time, and as a flame graph. Of one function where it is named. */
export function explorePagePath({ workload, signal, startMs, endMs }: Finding, functionName = ''): string {
  const lengthMs = Math.max(minute, endMs - startMs);
  return path('/explore', {
    query: queryOf(workload, signal),
    // What was before is shown, too: growth is seen by where it begins.
    from: formatTime(Math.max(0, Math.floor(startMs - beforeShare * lengthMs))),
    to: formatTime(startMs + lengthMs),
    function: functionName,
  });
}

/** One function over time; none for the whole. */
export function functionPath({ workload, signal, startMs, endMs }: Finding, functionName: string): string | null {
  if (functionName === '') return null;
  return path('/api/v1/query_range', {
    query: queryOf(workload, signal),
    from: formatTime(startMs),
    to: formatTime(Math.max(endMs, startMs + 1)),
    function: functionName,
  });
}

/** The page that alerts link to. */
export function growthPagePath({ namespace, workload, workloadKind, container }: Workload, sinceMs?: UnixMs): string {
  return path('/growth', {
    namespace,
    workload,
    workload_kind: workloadKind,
    container,
    since: sinceMs === undefined ? '' : String(Math.floor(sinceMs / 1000)),
  });
}

export function eventPath(id: string): string {
  return `/api/v1/growth/${encodeURIComponent(id)}`;
}

export function eventPagePath(id: string): string {
  return `/a/${encodeURIComponent(id)}`;
}

export function eventProfilePath({ id }: Pick<GrowthEvent, 'id'>, side: 'base' | 'compare'): string {
  return `${eventPath(id)}/profile?side=${side}`;
}

/** With the labels that are empty, too: another container of the same workload is not meant. */
function queryOf(workload: Workload, signal: GrowthSignal): string {
  const matchers = Object.entries(workloadLabels(workload)).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `${signalUnits[signal].query}{${matchers.join(',')}}`;
}

function path(route: string, parameters: Readonly<Record<string, string>>): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== '');
  return `${route}?${new URLSearchParams(given).toString()}`;
}
