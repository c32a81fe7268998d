import type { DurationMs } from '../../model/units.ts';
import type { FloorOrigin, GrowthStore, ProcessFloors } from '../../store/growth-store.ts';
import { SeriesBudget } from './followed-functions.ts';
import type { LiveProcess } from './live-process.ts';
import type { LiveWorkload } from './live-workload.ts';
import type { CountObservation, HeapObservation } from './observation.ts';
import { OpenFloors } from './process-floors.ts';
import { maxCrowdedFloors, maxWaitingFloors } from './settings.ts';

export interface FloorBookOptions {
  readonly store: Pick<GrowthStore, 'saveFloors'>;
  readonly bucketMs: DurationMs;
  readonly functions: number;
  readonly maxSeries: number;
}

const origins = ['live', 'import'] as const;
/** Floors of processes in one transaction. */
const savedAtOnce = 256;

/**
 * The least of what processes held in the open bucket, by stamp, live ones apart from imports. Levels are saved as often as one
 * likes; what was allocated is saved once.
 */
export class FloorBook {
  /** Floors that waited too long to be saved. */
  lost = 0;
  readonly budget: SeriesBudget;
  readonly #options: FloorBookOptions;
  readonly #waiting: Record<FloorOrigin, ProcessFloors[]> = { live: [], import: [] };
  /** How many wait when they are saved out of turn; more after that failed. */
  #crowdedAt = maxCrowdedFloors;
  readonly #dirty: Record<FloorOrigin, Set<OpenFloors>> = { live: new Set(), import: new Set() };
  #newestBucket: number | undefined;
  /** Where a function is in the columns at hand, one higher; by number, zeros between profiles. */
  #places = new Uint16Array(0);

  constructor(options: FloorBookOptions) {
    this.#options = options;
    this.budget = new SeriesBudget(options.maxSeries);
  }

  /** The newest bucket of which live floors were saved. */
  get newestBucket(): number | undefined {
    return this.#newestBucket;
  }

  take(
    observed: HeapObservation | CountObservation,
    origin: FloorOrigin,
    workload: LiveWorkload,
    process: LiveProcess,
  ): void {
    if (observed.kind === 'heap' && !observed.columns.inuse_space) return;
    const open = this.#openFor(observed.stampMs, origin, workload, process);
    if (observed.kind === 'heap') this.#takeHeap(open, observed, workload);
    else open.takeGoroutines(observed.total);
    this.#dirty[origin].add(open);
  }

  /** Saves all that was not saved yet. Throws what the store throws; nothing is lost or counted twice by that. */
  save(): void {
    for (const origin of origins) {
      this.#saveWaiting(origin);
      this.#saveOpen(origin);
    }
    this.#crowdedAt = maxCrowdedFloors;
  }

  /** Saves those that wait where they are many. Throws what the store throws, and not again before there are as many more. */
  relieve(): void {
    const waiting = origins.reduce((sum, origin) => sum + this.#waiting[origin].length, 0);
    if (waiting < this.#crowdedAt) return;
    this.#crowdedAt = waiting + maxCrowdedFloors;
    for (const origin of origins) this.#saveWaiting(origin);
    this.#crowdedAt = maxCrowdedFloors;
  }

  /** A process is over, or is another one from now on: its floors wait to be saved, and nothing of it is followed. */
  close(process: LiveProcess): void {
    for (const origin of origins) {
      const open = process.floors[origin];
      if (!open) continue;
      this.#close(open, origin);
      open.end();
      delete process.floors[origin];
    }
  }

  #openFor(stampMs: number, origin: FloorOrigin, workload: LiveWorkload, process: LiveProcess): OpenFloors {
    const bucket = Math.floor(stampMs / this.#options.bucketMs);
    let open = process.floors[origin];
    if (!open) {
      open = new OpenFloors(workload, process.floorProcess, this.#options.functions, this.budget);
      process.floors[origin] = open;
    }
    if (open.bucket === bucket) return open;
    this.#close(open, origin);
    open.open(bucket);
    return open;
  }

  #takeHeap(open: OpenFloors, observed: HeapObservation, { functions }: LiveWorkload): void {
    const { numbers } = observed;
    if (functions.size > this.#places.length) this.#places = new Uint16Array(2 * functions.size);
    const places = this.#places;
    for (let at = 0; at < numbers.length; at++) places[numbers[at] as number] = at + 1;
    open.takeHeap(observed, (number) => (places[number] as number) - 1);
    for (let at = 0; at < numbers.length; at++) places[numbers[at] as number] = 0;
  }

  #close(open: OpenFloors, origin: FloorOrigin): void {
    const floors = open.isDirty ? open.floors() : undefined;
    open.saved();
    this.#dirty[origin].delete(open);
    if (!floors) return;
    const waiting = this.#waiting[origin];
    waiting.push(floors);
    if (waiting.length <= maxWaitingFloors) return;
    waiting.shift();
    this.lost++;
  }

  #saveWaiting(origin: FloorOrigin): void {
    const waiting = this.#waiting[origin];
    while (waiting.length > 0) {
      const floors = waiting.slice(0, savedAtOnce);
      this.#store(origin, floors);
      waiting.splice(0, floors.length);
    }
  }

  #saveOpen(origin: FloorOrigin): void {
    const dirty = [...this.#dirty[origin]];
    for (let from = 0; from < dirty.length; from += savedAtOnce) {
      const some = dirty.slice(from, from + savedAtOnce);
      this.#store(
        origin,
        some.flatMap((open) => open.floors() ?? []),
      );
      for (const open of some) {
        open.saved();
        this.#dirty[origin].delete(open);
      }
    }
  }

  #store(origin: FloorOrigin, floors: readonly ProcessFloors[]): void {
    this.#options.store.saveFloors(this.#options.bucketMs, origin, floors);
    if (origin === 'import') return;
    for (const { bucket } of floors) this.#newestBucket = Math.max(this.#newestBucket ?? bucket, bucket);
  }
}
