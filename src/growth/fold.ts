import { formatDuration } from '../model/duration.ts';
import {
  type GrowthEvent,
  type GrowthSignal,
  type GrowthVerdict,
  growthSignals,
  type Workload,
} from '../model/growth.ts';
import type { UnixMs } from '../model/units.ts';
import type { ProcessFloors } from '../store/growth-store.ts';
import type { EventChange } from './contract.ts';
import type { CreateDetector, Detector, DetectorSettings } from './detector/contract.ts';
import { maxProcesses } from './detector/options.ts';
import { type EventsNow, endEvents, nextEvent } from './events.ts';

/**
 * A workload without floors for more buckets than this (two hours at the usual one) has ended, and with it what was found. Until
 * then its last verdict stands: the collector may have been away.
 */
export const endAfterBuckets = 12;

export interface FoldOptions {
  readonly createDetector: CreateDetector;
  readonly settings: DetectorSettings;
}

/** What a fold goes on from. */
export interface FoldStart {
  readonly workload: Workload;
  /** The last bucket that was judged; undefined: none was. */
  readonly remembered?: RememberedFold | undefined;
  /** Of this workload, not resolved. */
  readonly open?: readonly GrowthEvent[];
}

export interface RememberedFold {
  readonly memory: string;
  readonly bucket: number;
  /** What was said of that bucket. */
  readonly verdict: GrowthVerdict;
  /** Floors of the detector's history, up to and including a bucket, in order. */
  readonly history: (bucket: number) => Iterable<ProcessFloors>;
}

/** What is kept beside the detector's own memory. */
interface FoldMemory {
  readonly detector: string;
  readonly floorsBucket: number;
}

/**
 * One workload, bucket after bucket: what the detector says, and the events that follow from it. Live evaluation and back-tests
 * are the same fold over the same floors, so that they cannot disagree.
 */
export class WorkloadFold {
  readonly workload: Workload;
  /** The last bucket that was judged, −1 before the first. */
  bucket = -1;
  verdict: GrowthVerdict | undefined;
  /** How many buckets were judged. */
  steps = 0;
  /** In buckets; of an annotation. */
  minAge: number | undefined;
  readonly #options: FoldOptions;
  readonly #detector: Detector;
  readonly #open = new Map<GrowthSignal, GrowthEvent>();
  /** Events that are not as they were saved, by id; the last state counts. */
  readonly #touched = new Map<string, GrowthEvent>();
  #changes: EventChange[] = [];
  /** The last bucket with floors. */
  #floorsBucket = -1;
  #processes = 0;
  #revisions: ReadonlyMap<string, string> = new Map();

  constructor({ workload, remembered, open = [] }: FoldStart, options: FoldOptions) {
    this.workload = workload;
    this.#options = options;
    for (const event of open) this.#open.set(event.signal, event);
    if (!remembered) {
      this.#detector = options.createDetector(workload, options.settings);
      return;
    }
    const { detector, floorsBucket } = JSON.parse(remembered.memory) as FoldMemory;
    // The detector went as far as there were floors.
    const known = { memory: detector, bucket: floorsBucket, history: remembered.history(floorsBucket) };
    this.#detector = options.createDetector(workload, options.settings, known);
    this.bucket = remembered.bucket;
    this.verdict = remembered.verdict;
    this.#floorsBucket = floorsBucket;
  }

  /** Processes of the last bucket beyond those that the detector follows. */
  get droppedProcesses(): number {
    return Math.max(0, this.#processes - maxProcesses);
  }

  /** Functions and processes that are followed. */
  get series(): number {
    return this.#detector.series;
  }

  /** Events that are not resolved. */
  get open(): Iterable<GrowthEvent> {
    return this.#open.values();
  }

  /** No floors came for long: nothing more is said of it until some do. */
  get hasEnded(): boolean {
    return this.#floorsBucket >= 0 && this.bucket - this.#floorsBucket > endAfterBuckets;
  }

  /** Judges a bucket, after those without floors before it. Buckets come in order. */
  step(bucket: number, floors: readonly ProcessFloors[]): void {
    this.passTo(bucket - 1);
    this.#begin(bucket);
    this.#floorsBucket = bucket;
    this.#processes = floors.length;
    this.#revisions = revisionsOf(floors);
    this.verdict = this.#detector.step(bucket, floors, { minAge: this.minAge });
    for (const signal of growthSignals) this.#observe(signal, this.verdict);
  }

  /** Buckets up to this one have no floors. The detector is not asked: a gap is a gap. */
  passTo(bucket: number): void {
    while (this.verdict && this.bucket < bucket && !this.hasEnded) {
      this.#begin(this.bucket + 1);
      this.#processes = 0;
      const atMs = (this.bucket + 1) * this.#options.settings.bucketMs;
      this.verdict = this.hasEnded ? this.#ended(atMs) : { ...this.verdict, atMs, processes: 0 };
    }
  }

  memory(): string {
    const memory: FoldMemory = { detector: this.#detector.memory(), floorsBucket: this.#floorsBucket };
    return JSON.stringify(memory);
  }

  /** What happened to events since it was last asked: each event once as it is now, and its changes in order. */
  takeEvents(): EventsNow {
    const taken = { events: [...this.#touched.values()], changes: this.#changes };
    this.#touched.clear();
    this.#changes = [];
    return taken;
  }

  /** As if nothing had been found yet. */
  forgetEvents(): void {
    this.#open.clear();
    this.takeEvents();
  }

  #begin(bucket: number): void {
    this.bucket = bucket;
    this.steps++;
  }

  #observe(signal: GrowthSignal, { atMs, signals }: GrowthVerdict): void {
    const { workload } = this;
    const verdict = signals.find((each) => each.signal === signal);
    const open = this.#open.get(signal);
    // Pods that grew may be gone by now: the event keeps their revision.
    const newest = open ? '' : ([...this.#revisions.values()].at(-1) ?? '');
    const revision = revisionOf(verdict?.pods ?? [], this.#revisions) ?? newest;
    const { event, changes } = nextEvent(open, { workload, signal, atMs, verdict, revision });
    if (!event) return;
    this.#touched.set(event.id, event);
    this.#changes.push(...changes);
    if (event.resolvedMs === undefined) this.#open.set(signal, event);
    else this.#open.delete(signal);
  }

  #ended(atMs: UnixMs): GrowthVerdict {
    const { events, changes } = endEvents(this.open, atMs);
    for (const event of events) this.#touched.set(event.id, event);
    this.#changes.push(...changes);
    this.#open.clear();
    const skipped = `no profiles for ${formatDuration(endAfterBuckets * this.#options.settings.bucketMs)}`;
    return { workload: this.workload, atMs, skipped, signals: [], processes: 0 };
  }
}

function revisionsOf(floors: readonly ProcessFloors[]): ReadonlyMap<string, string> {
  const byAge = [...floors].sort((a, b) => (a.process.startedMs ?? 0) - (b.process.startedMs ?? 0));
  return new Map(byAge.map(({ process }) => [process.pod, process.revision]));
}

/** The revision that most of these pods run; undefined where none of them is known. */
function revisionOf(pods: readonly string[], revisions: ReadonlyMap<string, string>): string | undefined {
  const counts = new Map<string, number>();
  for (const pod of pods) {
    const revision = revisions.get(pod);
    if (revision !== undefined) counts.set(revision, (counts.get(revision) ?? 0) + 1);
  }
  const [most] = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return most?.[0];
}
