import type { Workload } from '../../src/model/growth.ts';
import { sampleWeight } from '../../src/model/sample-weight.ts';
import type { FunctionFloor, ProcessFloors } from '../../src/store/growth-store.ts';

/** A scrape as the corpus writes it: seconds, and per function [inuse_space, inuse_objects, alloc_space, alloc_objects]. */
export interface ScrapeLine {
  readonly t: number;
  readonly pod: string;
  readonly revision?: number;
  readonly incarnation: number;
  readonly started_at: number;
  readonly goroutines?: number;
  readonly functions: Readonly<Record<string, readonly number[]>>;
}

export const testWorkload: Workload = {
  namespace: 'shop',
  workloadKind: 'Deployment',
  workload: 'svc',
  container: 'app',
};

/** The corpus begins at 0; floors begin at a midnight, so that nothing is before the epoch. */
export const startSeconds = 1_789_948_800;

interface Open {
  readonly floors: Map<string, FunctionFloor>;
  line: ScrapeLine;
  bytes: number;
  objects: number;
  weight: number;
  goroutines: number | undefined;
  allocBytes: number;
  allocMs: number;
}

/**
 * Makes floors of scrapes, as ingest does: per bucket the least of what each process and function held, and what was allocated.
 * A scrape that comes a moment early belongs to the bucket it was due in: 5 % are allowed.
 */
export class FloorMaker {
  readonly #bucketSeconds: number;
  readonly #period: number;
  readonly #open = new Map<string, Open>();
  readonly #last = new Map<string, { readonly t: number; readonly allocated: ReadonlyMap<string, number> }>();
  #bucket = -1;

  constructor(bucketSeconds = 600, period = 524_288) {
    this.#bucketSeconds = bucketSeconds;
    this.#period = period;
  }

  /** The floors of the bucket before, when a scrape begins a new one. Scrapes come in order of time. */
  take(line: ScrapeLine): readonly ProcessFloors[] | undefined {
    const bucket = Math.floor((startSeconds + line.t + this.#bucketSeconds * 0.05) / this.#bucketSeconds);
    const ended = bucket > this.#bucket ? this.finish() : undefined;
    this.#bucket = Math.max(this.#bucket, bucket);
    this.#see(line);
    return ended;
  }

  finish(): readonly ProcessFloors[] | undefined {
    const floors = [...this.#open.values()].map((open) => this.#floorsOf(open));
    this.#open.clear();
    return floors.length > 0 ? floors : undefined;
  }

  #see(line: ScrapeLine): void {
    const id = processId(line);
    let open = this.#open.get(id);
    if (!open) {
      const none = { bytes: Infinity, objects: 0, weight: 0, goroutines: undefined, allocBytes: 0, allocMs: 0 };
      this.#open.set(id, (open = { floors: new Map(), line, ...none }));
    }
    const before = this.#last.get(id);
    const allocated = new Map<string, number>();
    let bytes = 0;
    let objects = 0;
    let weight = 0;
    for (const [name, [held = 0, count = 0, all = 0]] of Object.entries(line.functions)) {
      bytes += held;
      objects += count;
      weight += sampleWeight(held, count, this.#period) * held;
      allocated.set(name, all);
      const increase = Math.max(0, all - (before?.allocated.get(name) ?? 0));
      open.allocBytes += increase;
      const known = open.floors.get(name);
      const least = known && known.bytes <= held ? known : { bytes: held, objects: count };
      const allocBytes = (known?.allocBytes ?? 0) + increase;
      open.floors.set(name, { id: name, name, bytes: least.bytes, objects: least.objects, allocBytes });
    }
    open.allocMs += 1000 * (line.t - (before?.t ?? line.started_at));
    if (bytes < open.bytes) {
      open.bytes = bytes;
      open.objects = objects;
      open.weight = bytes > 0 ? weight / bytes : this.#period;
    }
    if (line.goroutines !== undefined) open.goroutines = Math.min(open.goroutines ?? Infinity, line.goroutines);
    this.#last.set(id, { t: line.t, allocated });
  }

  #floorsOf(open: Open): ProcessFloors {
    const { line, bytes, objects, weight, allocBytes, allocMs, goroutines, floors } = open;
    return {
      workload: testWorkload,
      process: {
        id: processId(line),
        slot: `shop/${line.pod}/app`,
        pod: line.pod,
        revision: String(line.revision ?? 0),
        startedMs: 1000 * (startSeconds + line.started_at),
      },
      bucket: this.#bucket,
      heap: { bytes, objects, period: this.#period, weight, allocBytes, allocMs },
      ...(goroutines === undefined ? {} : { goroutines }),
      functions: [...floors.values()],
    };
  }
}

function processId({ pod, incarnation, started_at }: ScrapeLine): string {
  return `${pod}/${incarnation}/${started_at}`;
}
