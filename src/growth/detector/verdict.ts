import type { Gate, GrowthSignal, SignalVerdict } from '../../model/growth.ts';
import type { Allocations } from './allocations.ts';
import type { Found } from './finding.ts';
import { goroutineGates } from './goroutines.ts';
import { furthestSeries, heapGates, isFurther, type Knowledge, type Slope, slopeOfSeries } from './heap.ts';
import { GateRecorder } from './probe.ts';
import type { FollowedProcess, Series } from './process.ts';

/** What is said of each signal after a bucket was judged. */

export interface Judged {
  readonly bucket: number;
  readonly bucketMs: number;
  /** In buckets. */
  readonly minAge: number;
  readonly goroutineAge: number;
  readonly knowledge: Knowledge;
  readonly processes: readonly FollowedProcess[];
  readonly allocations: Allocations;
  readonly found: Readonly<Partial<Record<GrowthSignal, Found | undefined>>>;
}

export function signalVerdicts(judged: Judged): SignalVerdict[] {
  return [heapVerdict(judged), goroutineVerdict(judged), allocationVerdict(judged)];
}

function heapVerdict(judged: Judged): SignalVerdict {
  const { bucket, bucketMs, minAge, knowledge, found, processes } = judged;
  const seen = processes.filter(({ heapSeen }) => heapSeen === bucket);
  const gates = (): readonly Gate[] => {
    const best = furthest(seen, judged, minAge, furthestSeries);
    if (!best) return noProfiles(bucketMs);
    return heapGates(best.process, best.series, best.process.age(bucket, bucketMs), minAge, knowledge, bucketMs);
  };
  return verdictOf('heap', judged, seen, minAge, found.heap, ({ whole }) => whole, gates());
}

function goroutineVerdict(judged: Judged): SignalVerdict {
  const { bucket, bucketMs, goroutineAge, knowledge, found, processes } = judged;
  const seen = processes.filter(({ goroutinesSeen }) => goroutinesSeen === bucket);
  const count = ({ goroutines }: FollowedProcess): Series => goroutines;
  const gates = (): readonly Gate[] => {
    const best = furthest(seen, judged, goroutineAge, count);
    if (!best) return noProfiles(bucketMs);
    return goroutineGates(best.process, best.process.age(bucket, bucketMs), goroutineAge, knowledge.plateaus, bucketMs);
  };
  return verdictOf('goroutines', judged, seen, goroutineAge, found.goroutines, count, gates());
}

function allocationVerdict({ bucket, bucketMs, allocations, found, processes }: Judged): SignalVerdict {
  const seen = processes.filter(({ heapSeen }) => heapSeen === bucket);
  const { change } = allocations;
  return {
    ...ofFinding('allocations', found.allocations, bucketMs),
    ...(found.allocations || change === undefined ? {} : { perSecond: change }),
    judged: podsOf(seen).length,
    gates: allocations.gates(seen, bucketMs),
  };
}

function noProfiles(bucketMs: number): readonly Gate[] {
  const recorder = new GateRecorder('count', bucketMs);
  recorder.atLeast('profiles', 0, 1, 'count');
  return recorder.gates;
}

/** The process and series that came furthest; of processes that are all too young, the oldest. */
function furthest(
  seen: readonly FollowedProcess[],
  { bucket, bucketMs }: Judged,
  minAge: number,
  seriesOf: (process: FollowedProcess) => Series,
): { process: FollowedProcess; series: Series } | undefined {
  const ageOf = (process: FollowedProcess): number => process.age(bucket, bucketMs);
  let best: { process: FollowedProcess; series: Series } | undefined;
  for (const process of seen) {
    const series = seriesOf(process);
    const isOld = ageOf(process) >= minAge;
    if (!best) best = { process, series };
    else if (isOld !== ageOf(best.process) >= minAge) best = isOld ? { process, series } : best;
    else if (isOld ? isFurther(series, best.series) : ageOf(process) > ageOf(best.process)) best = { process, series };
  }
  return best;
}

function verdictOf(
  signal: GrowthSignal,
  { bucket, bucketMs }: Judged,
  seen: readonly FollowedProcess[],
  minAge: number,
  found: Found | undefined,
  seriesOf: (process: FollowedProcess) => Series,
  gates: readonly Gate[],
): SignalVerdict {
  const old = seen.filter((process) => process.age(bucket, bucketMs) >= minAge);
  const slope = found ? undefined : steepest(old, seriesOf);
  const perSecond = (x: number): number => (x * 1000) / bucketMs;
  return {
    ...ofFinding(signal, found, bucketMs),
    ...(slope ? { perSecond: perSecond(slope.slope), low: perSecond(slope.low), high: perSecond(slope.high) } : {}),
    judged: podsOf(old).length,
    gates,
  };
}

function steepest(old: readonly FollowedProcess[], seriesOf: (process: FollowedProcess) => Series): Slope | undefined {
  let best: Slope | undefined;
  for (const process of old) {
    const slope = slopeOfSeries(process, seriesOf(process));
    if (slope && !(best && best.slope >= slope.slope)) best = slope;
  }
  return best;
}

function ofFinding(
  signal: GrowthSignal,
  found: Found | undefined,
  bucketMs: number,
): Omit<SignalVerdict, 'judged' | 'gates'> {
  if (!found) return { signal, tier: undefined, functions: [], pods: [] };
  const { tier, because, since, start, slope, rise, baseline, functions, pods } = found;
  return {
    signal,
    tier,
    ...(because ? { likelyBecause: because } : {}),
    sinceMs: (since + 1) * bucketMs,
    startMs: start * bucketMs,
    ...slope,
    rise,
    baseline,
    functions,
    pods,
  };
}

const podsOf = (processes: readonly FollowedProcess[]): string[] => [...new Set(processes.map(({ pod }) => pod))];
