import { type DurationMs, day, hour, minute } from '../../model/units.ts';

/** What is learnt of profiles for growth and metrics, as configured. */
export interface GrowthIngestSettings {
  readonly bucketMs: DurationMs;
  /** Functions followed in a process: those that enter, and half of those that may be followed at once. */
  readonly functions: number;
  /** Functions followed over all processes. */
  readonly maxSeries: number;
  /** Beginnings of names of modules that own no samples, besides standard libraries. */
  readonly ownerSkip: readonly string[];
  /** Functions told of a workload by each sample type; 0: none. */
  readonly metricFunctions: number;
  /** CPU is profiled on some processes of a workload at a time, in turn (`scrape.replicasSample`). */
  readonly samplesReplicas: boolean;
}

export const defaultGrowthIngestSettings: GrowthIngestSettings = {
  bucketMs: 10 * minute,
  functions: 32,
  maxSeries: 100_000,
  ownerSkip: [],
  metricFunctions: 10,
  samplesReplicas: false,
};

/** Profiles with an older stamp are imports: they fill floors, and touch nothing that is live. */
export const liveWithinMs: DurationMs = 10 * minute;
/** A workload without a profile for so long is forgotten, its counters with it. */
export const workloadForgottenMs: DurationMs = day;
/** A process without a profile for so long, or for three of its intervals, is forgotten; its gauges ended before. */
export const processForgottenMs: DurationMs = hour;
/** An upload may name any interval. */
export const processKeptAtMostMs: DurationMs = 3 * day;
/** How long a process that ended, or was imported only, is kept: a last profile of it may be on its way. */
export const endedProcessKeptMs: DurationMs = 5 * minute;
export const maxWorkloads = 20_000;
export const maxProcesses = 100_000;
/** Below `highestOwner` of known stacks. Functions of a workload that are told apart; samples of further ones are `(other)` until there is room. */
export const maxFunctionsPerWorkload = 8_192;
/** Functions over all workloads, some 220 bytes each; samples of further ones are `(other)` of their workload. */
export const maxFunctionNames = 500_000;
/** To make room all stacks of the workload are looked at anew. */
export const makeRoomEveryMs: DurationMs = hour;
/** Buckets of processes that ended and wait to be saved; beyond it the oldest are lost, which is counted. */
export const maxWaitingFloors = 50_000;
/** So many that wait are saved at once, between batches: an import brings a bucket with each profile. 4 KB each. */
export const maxCrowdedFloors = 1_000;
/** Floors are saved so often, if there are any: each minute, and a few times in a bucket that is shorter than usual. */
export function saveFloorsEveryMs(bucketMs: DurationMs): DurationMs {
  return Math.min(minute, Math.max(bucketMs / 10, 200));
}
/** What a function that is told of stays so for at least. */
export const toldAtLeastMs: DurationMs = hour;
/** Which functions are the largest is looked at so often. */
export const rankEveryMs: DurationMs = minute;
/** What was allocated or run so long ago counts half in deciding which functions are the largest. */
export const rankHalfLifeMs: DurationMs = 30 * minute;
/** Buckets that a function is followed for below rank `2 · functions`. */
export const strikesAllowed = 6;
