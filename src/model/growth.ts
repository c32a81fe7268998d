import { type LabelSet, labelValue } from './labels.ts';
import { partitionKey } from './series.ts';
import type { Bytes, TimeWindow, UnixMs } from './units.ts';

/** What is said of a workload that grows: by the detector, the events, the API, the metrics and the alerts alike. */

/** A container of a workload: the unit that is judged. Texts may be empty where a target does not say. */
export interface Workload {
  readonly namespace: string;
  readonly workloadKind: string;
  readonly workload: string;
  readonly container: string;
}

export function workloadOf(labels: LabelSet): Workload {
  return {
    namespace: labelValue(labels, 'namespace'),
    workloadKind: labelValue(labels, 'workload_kind'),
    workload: labelValue(labels, 'workload'),
    container: labelValue(labels, 'container'),
  };
}

/** The series labels that select the workload. */
export function workloadLabels({ namespace, workloadKind, workload, container }: Workload): LabelSet {
  return { namespace, workload_kind: workloadKind, workload, container };
}

/** One text per workload, equal to `partitionKey` of its series' labels. */
export function workloadKey(workload: Workload): string {
  return partitionKey(workloadLabels(workload));
}

/** What is watched: live heap (bytes), goroutines (a count), and the rate of allocation (bytes per second). */
export const growthSignals = ['heap', 'goroutines', 'allocations'] as const;
export type GrowthSignal = (typeof growthSignals)[number];

/**
 * How sure a finding is. `suspected` is information, `likely` a warning. Goroutines and allocations know `suspected` only:
 * their findings need no second look.
 */
export const growthTiers = ['suspected', 'likely'] as const;
export type GrowthTier = (typeof growthTiers)[number];

/** What makes a finding `likely`: a day of one ramp, every moment above the day before, or several processes that died growing. */
export type LikelyBecause = 'ramp' | 'days' | 'recurrence';

/** What growth was compared with. `none`: nothing is known from before, so that a warm-up looks the same. */
export interface Baseline {
  readonly kind: 'none' | 'earlier' | 'yesterday' | 'plateau' | 'revision';
  /** The level, or the rate, that was known; in the signal's unit. */
  readonly level?: number | undefined;
  /** The revision that had it, where it is another one. */
  readonly revision?: string | undefined;
}

export interface GrowingFunction {
  /** `functionId` of its name and module. */
  readonly id: string;
  /** As two builds are compared (`comparedName`); '' stands for the whole where no function grows by itself. */
  readonly name: string;
  /** Summed over the growing processes; in the signal's unit per second. Allocations: how much the rate rose. */
  readonly perSecond: number;
  /** What it holds now, summed over the growing processes. Allocations: the rate now. */
  readonly level: number;
}

/** One condition of the detector, with its numbers: what `why not` is answered by. */
export interface Gate {
  /** A stable short name, such as `age`, `rise`, `line-over-step`, `yesterday`; docs/ALERTING.md lists them. */
  readonly name: string;
  readonly passed: boolean;
  /** What was measured and what was needed, as a sentence without its full stop: `it rises by 0.9 MiB, 32 MiB is needed`. */
  readonly text: string;
  readonly value?: number | undefined;
  readonly needed?: number | undefined;
}

/** What the detector says of one signal of a workload at the end of a bucket. Times and slopes are of the finding, if there is one. */
export interface SignalVerdict {
  readonly signal: GrowthSignal;
  /** Undefined: nothing is found. */
  readonly tier: GrowthTier | undefined;
  readonly likelyBecause?: LikelyBecause | undefined;
  /** When it was found. */
  readonly sinceMs?: UnixMs | undefined;
  /** Where the growth begins, as far as it can be seen: the left edge of the window that shows it. */
  readonly startMs?: UnixMs | undefined;
  /** The slope of the process that grows fastest, with a 95 % interval; in the signal's unit per second. Always there when judged. */
  readonly perSecond?: number | undefined;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  /** Over the window that shows it. Allocations: the rate now less the rate before. */
  readonly rise?: number | undefined;
  readonly baseline?: Baseline | undefined;
  /** At most five, the fastest first. */
  readonly functions: readonly GrowingFunction[];
  /** Pods that grow, of so many that were old enough to be judged. */
  readonly pods: readonly string[];
  readonly judged: number;
  /** The conditions of the process and function that came furthest, up to the first that failed. */
  readonly gates: readonly Gate[];
}

/** What the detector says of a workload at the end of a bucket. */
export interface GrowthVerdict {
  readonly workload: Workload;
  /** The end of the bucket. */
  readonly atMs: UnixMs;
  /** Why it was not judged at all: switched off, a Job, no floors. The signals are empty then. */
  readonly skipped?: string | undefined;
  readonly signals: readonly SignalVerdict[];
  readonly processes: number;
}

/** A finding from its beginning to its end: what UI, API, metrics and alerts refer to. */
export interface GrowthEvent {
  /** 16 hex digits, the same whenever the same history is judged: of workload, signal and `openedMs`. */
  readonly id: string;
  readonly workload: Workload;
  readonly signal: GrowthSignal;
  /** The highest it reached. */
  readonly tier: GrowthTier;
  readonly openedMs: UnixMs;
  readonly likelyMs?: UnixMs | undefined;
  readonly resolvedMs?: UnixMs | undefined;
  /** As of the last evaluation in which it was found. */
  readonly verdict: SignalVerdict;
  /** The revision that grows. */
  readonly revision: string;
  /** Windows of the merged profiles that are kept with it, once they are. */
  readonly profiles?: { readonly base: TimeWindow | undefined; readonly compare: TimeWindow } | undefined;
}

export type EventSide = 'base' | 'compare';

/** The numbers of a workload now: from the last profiles of its processes that stand, and counted since this daemon began. */
export interface WorkloadNumbers {
  readonly workload: Workload;
  /** Summed over processes. */
  readonly heap?: { readonly bytes: Bytes; readonly objects: number; readonly largestBytes: Bytes } | undefined;
  readonly goroutines?: number | undefined;
  readonly goroutinesLeaked?: number | undefined;
  readonly allocBytesTotal?: number | undefined;
  readonly allocObjectsTotal?: number | undefined;
  /** The largest functions, and `(other)` for the rest: each sample is in exactly one, so that they add up to the whole. */
  readonly functions: readonly FunctionNumbers[];
}

export interface FunctionNumbers {
  readonly id: string;
  readonly name: string;
  readonly inuseBytes?: Bytes | undefined;
  readonly allocBytesTotal?: Bytes | undefined;
  readonly cpuSecondsTotal?: number | undefined;
}

/** The function that stands for all that are not listed. */
export const otherFunction = '(other)';
