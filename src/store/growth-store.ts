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
  /** Bytes that one sample stands for, averaged over bytes: `sampleWeight` of each function, weighted by what it holds. */
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
  /** Brought together with what is stored of the same bucket of a process: the least, and the sum of allocations since. Durable against kill -9. */
  saveFloors(bucketMs: DurationMs, origin: FloorOrigin, floors: readonly ProcessFloors[]): void;
  /** By bucket, then by process id. */
  floors(query: FloorQuery): Iterable<ProcessFloors>;
  /** Workloads with floors in the window. */
  workloads(query: Omit<FloorQuery, 'workload'>): readonly Workload[];
  /** What an evaluation found: all of it or nothing. Events are kept by id; a later one of the same id replaces the earlier. */
  saveEvaluations(evaluations: readonly StoredEvaluation[], events: readonly GrowthEvent[]): void;
  evaluations(bucketMs: DurationMs): readonly StoredEvaluation[];
  events(query: EventQuery): readonly GrowthEvent[];
  event(id: string): GrowthEvent | undefined;
  /** The merged profiles of an event, gzipped pprof; kept for as long as the event. */
  saveEventProfiles(
    id: string,
    windows: NonNullable<GrowthEvent['profiles']>,
    profiles: Readonly<Partial<Record<EventSide, Uint8Array>>>,
  ): void;
  eventProfile(id: string, side: EventSide): Uint8Array | undefined;
  /** Forgets floors before a moment, evaluations of workloads without any, and events that were resolved before `eventsOlderThanMs`. */
  prune(olderThanMs: UnixMs, eventsOlderThanMs: UnixMs): void;
}
