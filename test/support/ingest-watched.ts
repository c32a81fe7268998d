import { defaultPipelineLimits } from '../../src/ingest/defaults.ts';
import { GrowthObserver } from '../../src/ingest/growth/growth-observer.ts';
import { NumbersReader } from '../../src/ingest/growth/numbers-reader.ts';
import { NumbersTeller } from '../../src/ingest/growth/numbers-teller.ts';
import { defaultGrowthIngestSettings, type GrowthIngestSettings } from '../../src/ingest/growth/settings.ts';
import type { IngestJob } from '../../src/ingest/messages.ts';
import { IngestPipeline, type PipelineLimits } from '../../src/ingest/pipeline.ts';
import type { WorkloadNumbers } from '../../src/model/growth.ts';
import type { DurationMs, UnixMs } from '../../src/model/units.ts';
import { PprofDecoder } from '../../src/pprof/decode.ts';
import { defaultDecodeLimits } from '../../src/pprof/decode-limits.ts';
import { encodeProfile } from '../../src/pprof/encode.ts';
import type { ProfileHeader } from '../../src/profile/profile.ts';
import type { FloorOrigin, ProcessFloors } from '../../src/store/growth-store.ts';
import { MemoryGrowthStore } from './growth-memory-store.ts';
import { MemoryState, MemoryWriter } from './ingest-memory-store.ts';
import { jobOf } from './ingest-pipeline.ts';
import { profileFromText } from './profile-from-text.ts';

const typesOf: Readonly<Record<string, string>> = {
  heap: 'alloc_objects/count alloc_space/bytes inuse_objects/count inuse_space/bytes',
  cpu: 'samples/count cpu/nanoseconds',
  goroutine: 'goroutine/count',
  goroutineleak: 'goroutineleak/count',
  mutex: 'contentions/count delay/nanoseconds',
};

/** An ingest thread without the thread: a pipeline that is watched, over stores in memory, on a clock of its own. */
export class WatchedIngest {
  nowMs: UnixMs;
  readonly writer = new MemoryWriter();
  readonly state: MemoryState;
  readonly floorStore: MemoryGrowthStore;
  readonly observer: GrowthObserver;
  readonly pipeline: IngestPipeline;
  readonly bucketMs: DurationMs;
  readonly #teller: NumbersTeller;
  readonly #reader = new NumbersReader();

  constructor(
    nowMs: UnixMs,
    settings: Partial<GrowthIngestSettings> = {},
    stores: { floors?: MemoryGrowthStore; state?: MemoryState; limits?: Partial<PipelineLimits> } = {},
  ) {
    const { floors = new MemoryGrowthStore(), state = new MemoryState(), limits = {} } = stores;
    this.nowMs = nowMs;
    this.floorStore = floors;
    this.state = state;
    const all = { ...defaultGrowthIngestSettings, ...settings };
    this.bucketMs = all.bucketMs;
    const now = (): UnixMs => this.nowMs;
    this.observer = new GrowthObserver({ settings: all, store: floors, state, now });
    this.pipeline = new IngestPipeline({
      createDecoder: () => new PprofDecoder(defaultDecodeLimits),
      writer: this.writer,
      state,
      limits: { ...defaultPipelineLimits, ...limits },
      observer: this.observer,
    });
    this.#teller = new NumbersTeller(this.observer, now);
  }

  /** Stores profiles, each at its stamp unless the clock is later already; throws where one is refused. */
  take(...jobs: readonly IngestJob[]): void {
    for (const job of jobs) this.nowMs = Math.max(this.nowMs, job.stampMs);
    for (const outcome of this.pipeline.ingest(jobs)) {
      if (outcome.kind !== 'stored') throw new Error(JSON.stringify(outcome));
    }
  }

  numbers(): readonly WorkloadNumbers[] {
    return this.#reader.read(structuredClone(this.#teller.tell()));
  }

  /** Of a workload, `cart` unless given. */
  numbersOf(workload = 'cart'): WorkloadNumbers {
    const found = this.numbers().find((numbers) => numbers.workload.workload === workload);
    if (!found) throw new Error(`nothing is told of ${workload}`);
    return found;
  }

  /** What is stored after a save. */
  floors(origin?: FloorOrigin): readonly ProcessFloors[] {
    this.observer.saveFloors();
    return [...this.floorStore.floors({ bucketMs: this.bucketMs, from: 0, to: Number.MAX_SAFE_INTEGER, origin })];
  }
}

/** A profile as text (`profileFromText`): the types of a Go profile of that kind, or `types` as `name/unit name/unit`. */
export function watchedJob(
  kind: string,
  stampMs: UnixMs,
  text: string,
  more: Partial<IngestJob> & { readonly types?: string; readonly header?: Partial<ProfileHeader> } = {},
): IngestJob {
  const { types = typesOf[kind] ?? '', header = {}, ...rest } = more;
  const sampleTypes = types.split(' ').map((name) => {
    const [type = '', unit = ''] = name.split('/');
    return { type, unit };
  });
  return jobOf({ bytes: encodeProfile(profileFromText(text, { types: sampleTypes, header })), stampMs, kind, ...rest });
}
