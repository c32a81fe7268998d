import type { EventSide, GrowthEvent, GrowthVerdict, Workload } from '../model/growth.ts';
import type { Bytes, DurationMs, TimeWindow, UnixMs } from '../model/units.ts';

/**
 * What growth is judged by, and what was found: part of the collector's own state, always local SQLite
 * (`test/store/growth-store-contract.ts`).
 *
 * A floor is the least of what a process held in the snapshots of one bucket. A bucket is a span of `bucketMs`, numbered from
 * the Unix epoch: bucket `b` is `[b·bucketMs, (b+1)·bucketMs)`. Floors of different bucket lengths do not meet.
 */

export interface FloorProcess {
  readonly id: string;
  /** `namespace/pod/container`: the next process in it is a restart. */
  readonly slot: string;
  readonly pod: string;
  readonly revision: string;
  readonly startedMs: UnixMs | undefined;
}

/** One process in one bucket. */
export interface ProcessFloors {
  readonly workload: Workload;
  readonly process: FloorProcess;
  readonly bucket: number;
  /** Undefined where no heap profile came in the bucket. */
  readonly heap?: HeapFloor | undefined;
  readonly goroutines?: number | undefined;
  /** Of the functions that are followed; one that is absent held nothing, or is not followed. */
  readonly functions: readonly FunctionFloor[];
}

export interface HeapFloor {
  readonly bytes: Bytes;
  readonly objects: number;
  /** Bytes per sample of the profiler: 524,288 unless the program says otherwise. */
  readonly period: number;
  /**
   * Bytes that one sample stands for, averaged over bytes: `sampleWeight` of each function, weighted by what it holds;
   * in whole bytes, which are stored in a third of what fractions take.
   */
  readonly weight: number;
  /** What was allocated by all of it, and the time which that covers. */
  readonly allocBytes: Bytes;
  readonly allocMs: DurationMs;
}

export interface FunctionFloor {
  readonly id: string;
  /** As two builds are compared. */
  readonly name: string;
  /** The least of the snapshots in the bucket, and the objects in that snapshot. */
  readonly bytes: Bytes;
  readonly objects: number;
  readonly allocBytes: Bytes;
}

/** Whether floors came with live profiles, or with profiles stamped long ago (imports), which live verdicts never see. */
export type FloorOrigin = 'live' | 'import';

export interface FloorQuery {
  readonly bucketMs: DurationMs;
  /** One workload; all of them unless given. */
  readonly workload?: Workload | undefined;
  /** Buckets `[from, to)`. */
  readonly from: number;
  readonly to: number;
  /** `live` leaves imports out. Both unless given; where both have a bucket of a process, they are brought together. */
  readonly origin?: FloorOrigin | undefined;
}

/** What is remembered of a workload after an evaluation: with the floors it makes the detector whole again. */
export interface StoredEvaluation {
  readonly workload: Workload;
  readonly bucketMs: DurationMs;
  /** The last bucket that was judged. */
  readonly bucket: number;
  /** Of the detector's own making; JSON. */
  readonly memory: string;
  readonly verdict: GrowthVerdict;
}

export interface EventQuery {
  /** Only events of one of these, whatever the rest says; an event `before` of another is as one that is not there. */
  readonly namespaces?: ReadonlySet<string> | undefined;
  readonly namespace?: string | undefined;
  readonly workload?: string | undefined;
  readonly container?: string | undefined;
  readonly tier?: GrowthEvent['tier'] | undefined;
  /** Open at some time in the window. */
  readonly window?: TimeWindow | undefined;
  /** Only those that are not resolved. */
  readonly isOpen?: boolean | undefined;
  /** Newest first; those opened before the event of this id. */
  readonly before?: string | undefined;
  readonly limit: number;
}

export interface GrowthStore extends AsyncDisposable {
  /**
   * Brings floors together with what is stored of the same bucket, process and origin (`mergeFloors`), all of them or none.
   * Durable against kill -9 when it returns.
   *
   * - Levels (bytes with the objects, period and weight of that moment; goroutines): the lesser stays. A level may be sent
   *   again: that changes nothing.
   * - Allocations (`allocBytes` of heap and functions, `allocMs`) add up: a call carries what was allocated since the last
   *   call that returned, and what a call that threw carried goes into the next. So nothing is counted twice; what a kill -9
   *   takes along is missing from bytes and time alike, and rates hold.
   * - A function that only one side has keeps its numbers: one that is followed and holds nothing is sent with 0 bytes.
   *
   *     minute 1   heap 90 MiB, allocated 5 in 60 s   ─> stored  90 MiB, 5 in 60 s
   *     minute 2   heap 80 MiB, allocated 3 in 60 s   ─> stored  80 MiB, 8 in 120 s
   *     kill -9; minute 4: heap 85 MiB, 2 in 60 s     ─> stored  80 MiB, 10 in 180 s
   */
  saveFloors(bucketMs: DurationMs, origin: FloorOrigin, floors: readonly ProcessFloors[]): void;
  /**
   * By bucket, then by process id, functions by id; read piece by piece as they are taken, so that weeks are never in memory
   * at once. Floors that are saved meanwhile may be among them or not.
   */
  floors(query: FloorQuery): Iterable<ProcessFloors>;
  /**
   * Workloads with floors in the window: all of them, and perhaps one whose floors there are of another origin or bucket
   * length.
   */
  workloads(query: Omit<FloorQuery, 'workload'>): readonly Workload[];
  /**
   * What an evaluation found: all of it or nothing, durable when it returns. Events are kept by id; a later one of the same id
   * replaces the earlier. Their `profiles` are left as they are: `saveEventProfiles` alone says them. Of a workload the newest
   * `maxEventsPerWorkload` are kept.
   */
  saveEvaluations(evaluations: readonly StoredEvaluation[], events: readonly GrowthEvent[]): void;
  evaluations(bucketMs: DurationMs): readonly StoredEvaluation[];
  /** Newest first, those of one moment by id, the larger first. Throws `not_found` where there is no event `before`. */
  events(query: EventQuery): readonly GrowthEvent[];
  event(id: string): GrowthEvent | undefined;
  /**
   * The merged profiles of an event, gzipped pprof, instead of those it had; kept with the newest `maxProfiledEvents` of its
   * workload, and as long as all fit into `maxEventProfileBytes`: beyond it those of the oldest events go, whose windows stay.
   * Throws `not_found` where there is no such event.
   */
  saveEventProfiles(
    id: string,
    windows: NonNullable<GrowthEvent['profiles']>,
    profiles: Readonly<Partial<Record<EventSide, Uint8Array>>>,
  ): void;
  eventProfile(id: string, side: EventSide): Uint8Array | undefined;
  /** The name behind the id of a function that floors were saved of, for about as long as they are kept. */
  functionName(id: string): string | undefined;
  /**
   * Forgets floors of buckets that ended at `olderThanMs` or before (some of them up to 36 buckets later), evaluations of
   * workloads that have no floors left, and events that were resolved before `eventsOlderThanMs`; packs the floors that
   * stay. One step of some milliseconds, so that nobody waits for long: true when there is more to do, to be called again
   * after others had their turn.
   */
  prune(olderThanMs: UnixMs, eventsOlderThanMs: UnixMs): boolean;
  stats(): GrowthStoreStats;
  /** What is in use of the file, differencing state included. It never shrinks: what is freed is used again. */
  usedBytes(): Bytes;
}

/** How much is kept. */
export interface GrowthStoreStats {
  readonly workloads: number;
  readonly processes: number;
  readonly functions: number;
  /** Buckets of processes that are not packed yet, and packed runs of them. */
  readonly openFloors: number;
  readonly floorBlocks: number;
  readonly events: number;
  readonly eventProfiles: number;
}

/** Beyond it the oldest events of a workload are forgotten. */
export const maxEventsPerWorkload = 1000;
/** Events of a workload whose profiles are kept. */
export const maxProfiledEvents = 50;
/** What the profiles of all events may take, if they are more than one event's. */
export const maxEventProfileBytes: Bytes = 1 << 30;
