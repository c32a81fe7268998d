import type { StackTrace } from '../model/frame.ts';
import type { LabelSet } from '../model/labels.ts';
import type { ProfileKind, Temporality, ValueType } from '../model/profile-type.ts';
import type { Matcher } from '../model/selector.ts';
import type { SeriesIdentity } from '../model/series.ts';
import type { Bytes, DurationMs, TimeWindow, UnixMs } from '../model/units.ts';
import type { CallTree } from '../profile/call-tree.ts';
import type { ComparedTrees } from '../profile/compared-trees.ts';
import type { Profile, ProfileHeader, ValueColumn } from '../profile/profile.ts';
import type { Retention } from './retention.ts';

/**
 * Where profiles live. The contract speaks of series, stacks of frames with 64-bit hashes, and values, never of row ids
 * or SQL, so that another engine fits behind the same contract tests (`test/store/profile-store-contract.ts`).
 */

/**
 * The stacks of one profile. Stacks are named by a 64-bit hash of their frames and pprof labels, in two halves; equal
 * stacks of one partition have equal hashes. `describe` is asked only for stacks the store does not know yet, and only
 * while `append` runs.
 */
export interface StackColumn {
  readonly count: number;
  readonly hashHigh: Int32Array;
  readonly hashLow: Int32Array;
  describe(row: number): StackTrace;
}

/** A sample type of a stored profile and how its values behave over time. */
export interface StoredType extends ValueType {
  readonly temporality: Temporality;
}

/** One profile to be stored: increases where a type is cumulative, snapshots where it is a gauge. No stack comes twice. */
export interface ProfileRecord {
  readonly series: SeriesIdentity;
  /** When it was answered; a delta profile: when it began. Later than every stamp of this series before it. */
  readonly stampMs: UnixMs;
  readonly intervalMs: DurationMs;
  /** What the increases cover, or the length of a delta profile; 0 when the profile only seeds or holds only gauges. */
  readonly spanMs: DurationMs;
  readonly types: readonly StoredType[];
  readonly stacks: StackColumn;
  /** One column for each type, each `stacks.count` long. */
  readonly values: readonly ValueColumn[];
  readonly header: ProfileHeader;
  /** Of the inflated message: tells a repeated upload from a clash. 16 hex digits. */
  readonly contentHash: string;
  /** Samples folded into `(other)` because of a cap. */
  readonly trimmed: number;
}

export type AppendOutcome =
  | { readonly kind: 'stored'; readonly id: string }
  /** The series already has this very profile at this stamp. */
  | { readonly kind: 'duplicate'; readonly id: string }
  /** The series has another profile at this stamp, or a later one; or only roll-ups are left of that time. */
  | { readonly kind: 'conflict'; readonly reason: AppendConflict; readonly lastStampMs: UnixMs };

export type AppendConflict = 'duplicate_time' | 'out_of_order' | 'expired';

export interface ProfileWriter extends AsyncDisposable {
  /**
   * Stores profiles; durable against kill -9 when it returns. Idempotent: a profile that is stored already is a
   * `duplicate`. One outcome for each record, in order; a refused one does not hold up the others. Throws `storage_full`
   * while free disk is below the floor, and stores nothing then.
   */
  append(records: readonly ProfileRecord[]): AppendOutcome[];
  /** A process has ended (container finished, pod deleted, upload said so): its snapshots stand no longer than this. */
  endProcess(processId: string, endedMs: UnixMs): void;
  /**
   * The sum of the increases stored for a series after a stamp, by stack hash: what to add to a checkpoint of the
   * differencing state. `latestMs` is the stamp of its last profile, undefined when it has none.
   */
  increasesSince(series: SeriesIdentity, afterMs: UnixMs): StoredIncreases;
  /** The stamp of the last profile of any process of this partition, or undefined: our last look at the workload. */
  lastLook(partition: string): UnixMs | undefined;
  /** The stamp and content of the newest profile of a series, or undefined when it has none. */
  newest(series: SeriesIdentity): { readonly stampMs: UnixMs; readonly contentHash: string } | undefined;
  /**
   * Ends the hours that are over and late enough for compaction: they are written no more, and profiles that still come for
   * them are kept apart. Says whether anything waits for compaction.
   */
  seal(nowMs: UnixMs): boolean;
  /** Frees what compaction has replaced. */
  dropCompacted(): void;
  /** The detail of an hour is damaged: readers leave it out from now on, and say so. */
  quarantine(hourMs: UnixMs, because: string): void;
  /** Removes what is past its age or over the byte cap, those it was opened with unless given; whole files at a time. Says what went. */
  retain(nowMs: UnixMs, retention?: Retention): RetentionReport;
  stats(): StoreStats;
}

export interface StoredIncreases {
  readonly latestMs: UnixMs | undefined;
  readonly types: readonly StoredType[];
  readonly hashHigh: Int32Array;
  readonly hashLow: Int32Array;
  readonly values: readonly ValueColumn[];
}

export interface RetentionReport {
  readonly removedFiles: readonly string[];
  readonly removedBytes: Bytes;
  /** The stamp of the oldest single profile that is still held, undefined when none is. */
  readonly oldestMs: UnixMs | undefined;
  readonly pausedBecause: string | undefined;
}

export interface StoreStats {
  readonly bytes: Bytes;
  readonly files: number;
  readonly series: number;
  readonly partitions: number;
  /** The first stamp that is held: for a writer of single profiles, for a reader of roll-ups, too. */
  readonly oldestMs: UnixMs | undefined;
  readonly newestMs: UnixMs | undefined;
  /** Set while appends are refused because of the disk. */
  readonly fullBecause: string | undefined;
  /** Too little of it is free, or it cannot be written to. */
  readonly fullReason?: 'full' | 'read_only' | undefined;
  /** And when the oldest of them begins; absent where there is none, and of files that have no time. */
  readonly byKind: Readonly<
    Record<StoreFileKind, { readonly files: number; readonly bytes: Bytes; readonly fromMs?: UnixMs }>
  >;
  /** The end of the oldest hour that waits for compaction though it is over; undefined when none does. */
  readonly compactionDueMs: UnixMs | undefined;
  /** The start of the hours whose detail is damaged. */
  readonly damagedHoursMs: readonly UnixMs[];
  /** Memory of the trees of stacks that are being written to; undefined where nothing is written. */
  readonly treeBytes?: Bytes;
}

export const storeFileKinds = ['meta', 'state', 'head', 'detail', 'roll1h', 'roll1d'] as const;
export type StoreFileKind = (typeof storeFileKinds)[number];

/** How gauges are brought together over time; sums ignore it. */
export type GaugeAggregation = 'avg' | 'last' | 'peak';

/** Which series: the kind and conditions on series labels. Conditions on pprof labels are applied to the merged profile, by query. */
export interface SeriesSelector {
  readonly kind: ProfileKind;
  readonly matchers: readonly Matcher[];
}

/** Which single profiles. */
export interface ProfilesSelector extends SeriesSelector {
  /** Only those of these processes. */
  readonly processes?: ReadonlySet<string> | undefined;
}

/** Series of one kind, or without one of all kinds. */
export interface SampleLabelsSelector extends Omit<SeriesSelector, 'kind'> {
  readonly kind: ProfileKind | undefined;
}

export interface MergeRequest {
  readonly selector: SeriesSelector;
  /** Half-open: profiles stamped in `[fromMs, toMs)`; gauges: what stood in it. */
  readonly window: TimeWindow;
  readonly aggregation: GaugeAggregation;
  /** For `peak`: the type whose largest total decides the moment. */
  readonly peakType: ValueType;
  /** The answer holds these types only, where they exist: what nobody asked for is not read. All unless given. */
  readonly types?: readonly ValueType[];
}

/** One type as a tree of function names, for views that need neither lines nor labels. */
export interface CallTreeRequest extends MergeRequest {
  readonly type: ValueType;
  /** Only so many nodes need be answered, the largest; the others may be folded away. */
  readonly maxNodes: number;
  /** Only functions are asked for: the tree may be one level deep, each function with its exact self and total below the root. */
  readonly flat?: boolean | undefined;
  /**
   * Only what is under this stack of names, root first; for a comparison compared names. Node 0 of the tree is the last of them, and
   * its `whole` the total of all; it has no node where no stack begins so.
   */
  readonly root?: readonly string[] | undefined;
}

export interface CallTreeAnswer {
  /** Undefined when the kind has no such type in the window. */
  readonly tree: CallTree | undefined;
  readonly temporality: Temporality | undefined;
  /** All types of the kind in the window. */
  readonly sampleTypes: readonly ValueType[];
  readonly periodType: ValueType | undefined;
  /** Expressions of pprof's `drop_frames` and `keep_frames`; the tree is as stored, they are for views to apply. */
  readonly dropFrames: string;
  readonly keepFrames: string;
  readonly coverage: Coverage;
}

/** Two call trees that are to be compared. */
export interface ComparedAnswer {
  readonly compare: Omit<CallTreeAnswer, 'tree'>;
  readonly base: Omit<CallTreeAnswer, 'tree'>;
  /** Undefined when neither window has the type; where only one has it, the other's numbers are 0. */
  readonly trees: ComparedTrees | undefined;
}

/** What an answer was made of (API.md, "meta"). Seconds of processes are summed, observed seconds are their union. */
export interface Coverage {
  readonly profiles: number;
  readonly processes: number;
  /** For gauges as `last` or at their `peak`: the processes of which something stood at that moment. */
  readonly processesAtMoment?: number;
  /** Time in which at least one selected process was observed. */
  readonly observedSeconds: number;
  /** Time that profiles cover: a CPU profile's own length, an increase's span. */
  readonly profiledSeconds: number;
  /** Observed time, summed over processes. */
  readonly processSeconds: number;
  /** The window that was answered; wider than asked where only roll-ups are left. */
  readonly window: TimeWindow;
  readonly resolution: 'detail' | '1h' | '1d';
  /** Samples folded into `(other)` at ingest. */
  readonly trimmed: number;
  readonly warnings: readonly string[];
  /** Something is missing that was stored, such as a damaged hour; `warnings` says what. */
  readonly partial: boolean;
}

export interface MergeAnswer {
  /**
   * The types that were asked for, in the order of the longest list of sample types that a profile in the window has; gauges
   * averaged through `divisors`. The stacks carry frames and pprof labels.
   */
  readonly profile: Profile;
  /** By column of the profile. */
  readonly temporalities: readonly Temporality[];
  readonly coverage: Coverage;
}

export interface TotalsRequest {
  readonly selector: SeriesSelector;
  readonly window: TimeWindow;
  readonly type: ValueType;
  /** Buckets are `[k·step, (k+1)·step)` of Unix time, cut by the window. */
  readonly stepMs: DurationMs;
  /** Labels that the answer will be grouped by: `pod` and `node` are known for as long as single profiles only. */
  readonly groupBy?: readonly string[];
  /** Counts parts of each profile besides the whole; each part has lines of its own. */
  readonly split?: TotalsSplit;
}

/** By what the stacks of a profile are told apart. */
export type TotalsSplit =
  /**
   * By the functions on them, named as `comparedName` has it unless by their exact names: two parts each, `self` and `total`.
   * A recursive stack counts once.
   */
  | { readonly kind: 'functions'; readonly names: readonly string[]; readonly isExact?: boolean }
  /** By the values of some pprof labels, '' where a stack has none; only of stacks whose pprof labels meet the matchers. */
  | { readonly kind: 'labels'; readonly matchers: readonly Matcher[]; readonly groupBy: readonly string[] };

/** A part of a profile, for a split. */
export type TotalsPart =
  | { readonly kind: 'function'; readonly name: string; readonly of: 'self' | 'total' }
  | { readonly kind: 'labels'; readonly labels: LabelSet };

export interface TotalsAnswer {
  readonly series: readonly SeriesTotals[];
  /** The window that was answered; wider than asked where only roll-ups are left. */
  readonly window: TimeWindow;
  readonly resolution: Coverage['resolution'];
  readonly warnings: readonly string[];
  readonly partial: boolean;
}

/**
 * The totals of one series in one bucket. For sums, `value` is what its profiles add up to and `coveredSeconds` what they
 * cover; for gauges, `value` is value·seconds and `coveredSeconds` the seconds observed. `standing` is when the process
 * was observed alive, for every temporality.
 */
export interface TotalPoint {
  readonly bucketMs: UnixMs;
  readonly value: bigint;
  readonly coveredSeconds: number;
  readonly standing: readonly SecondRange[];
  readonly profiles: number;
}

/** Half-open, in whole Unix seconds. */
export interface SecondRange {
  readonly from: number;
  readonly to: number;
}

export interface SeriesTotals {
  readonly labels: LabelSet;
  readonly processId: string;
  readonly temporality: Temporality;
  /**
   * Undefined: the whole. A part has a point in every bucket in which the whole has one, with the same coverage: what a process
   * did not do is a 0, not a gap. From roll-ups (of steps of whole hours, when single profiles are gone or very many), the part
   * of a process is in proportion to its whole; what a group comes to is exact. Parts of which nothing was counted in the whole
   * window may be left out.
   */
  readonly part?: TotalsPart;
  readonly points: readonly TotalPoint[];
}

export interface SeriesEntry {
  readonly labels: LabelSet;
  readonly kind: ProfileKind;
  /** '' where only the roll-ups of its group are left. */
  readonly processId: string;
  readonly types: readonly StoredType[];
  readonly periodType: ValueType | undefined;
  /** The first and the last stamp in the window that was asked about. */
  readonly firstMs: UnixMs;
  readonly lastMs: UnixMs;
  /** The longest that its scrapes were to be apart; 0 where only roll-ups are left. */
  readonly intervalMs: DurationMs;
  /** When its process started and when it was over, and what was built (`ProcessIdentity`), as far as it is known. */
  readonly startedMs: UnixMs | undefined;
  readonly endedMs: UnixMs | undefined;
  readonly build: string | undefined;
}

export interface ProfileEntry {
  /** Survives compaction and restarts. */
  readonly id: string;
  readonly labels: LabelSet;
  readonly kind: ProfileKind;
  readonly processId: string;
  readonly stampMs: UnixMs;
  readonly intervalMs: DurationMs;
  readonly spanMs: DurationMs;
  readonly types: readonly StoredType[];
  /** By type. */
  readonly totals: readonly bigint[];
  /** Samples folded into `(other)` at ingest. */
  readonly trimmed: number;
}

/** An hour whose detail cannot be read, and why. */
export interface DamagedHour {
  readonly hourMs: UnixMs;
  readonly because: string;
}

/** How many pprof labels are listed at most, and how many values of each. */
export const sampleLabelBounds = { labels: 1_000, values: 10_000 } as const;

/** Read-only; safe beside the writer, from any thread that opened its own. Every call sees whole commits only. */
export interface ProfileReader extends AsyncDisposable {
  merge(request: MergeRequest): MergeAnswer;
  /**
   * As `merge`, for one type and by function name. Beyond the horizon of single profiles both answer whole hours or days,
   * and throw `detail_expired` for what roll-ups cannot know: `last`, `peak`, and matchers on `pod` or `node`.
   */
  callTree(request: CallTreeRequest): CallTreeAnswer;
  /**
   * As `callTree`, for two questions of one type, in trees of the same nodes: the `maxNodes` heaviest of both, whatever the
   * windows weigh. Both have the same `root`.
   */
  callTrees(compare: CallTreeRequest, base: CallTreeRequest): ComparedAnswer;
  totals(request: TotalsRequest): TotalsAnswer;
  /**
   * The pprof labels that samples of the workloads of these series have, with their values, both sorted. They are those of all
   * that is stored of a workload in one go, so some may come from another time than the window, or from another kind. A label
   * of numbers is there by its name only. No more than `sampleLabelBounds`: of more, the first by name.
   */
  sampleLabels(selector: SampleLabelsSelector, window: TimeWindow): ReadonlyMap<string, readonly string[]>;
  /** The series with a profile in the window, by matchers on series labels; `kind` undefined means all. */
  series(matchers: readonly Matcher[], window: TimeWindow, kind?: ProfileKind): SeriesEntry[];
  /** Newest first; `before` continues after the last id of a page. */
  profiles(selector: ProfilesSelector, window: TimeWindow, limit: number, before?: string): ProfileEntry[];
  /** One profile as stored, or undefined: also where its series does not meet the matchers. */
  profile(
    id: string,
    matchers?: readonly Matcher[],
  ): { readonly entry: ProfileEntry; readonly profile: Profile } | undefined;
  stats(): StoreStats;
  /** The hours whose detail was found damaged since the last call: for `quarantine`. */
  takeDamage(): DamagedHour[];
}
