import { FlameherdError } from '../../src/model/errors.ts';
import { type EventSide, type GrowthEvent, type Workload, workloadKey } from '../../src/model/growth.ts';
import type { DurationMs, UnixMs } from '../../src/model/units.ts';
import {
  type EventQuery,
  type FloorOrigin,
  type FloorQuery,
  type GrowthStore,
  type GrowthStoreStats,
  maxEventsPerWorkload,
  maxProfiledEvents,
  type ProcessFloors,
  type StoredEvaluation,
} from '../../src/store/growth-store.ts';
import { mergeFloors } from '../../src/store/merge-floors.ts';

interface KeptFloor {
  readonly bucketMs: DurationMs;
  readonly origin: FloorOrigin;
  readonly floors: ProcessFloors;
}

interface KeptProfiles {
  readonly windows: NonNullable<GrowthEvent['profiles']>;
  readonly sides: Readonly<Partial<Record<EventSide, Uint8Array>>>;
}

/** A `GrowthStore` that holds what it is given in maps: for tests of what uses one, and as the model of its contract. */
export class MemoryGrowthStore implements GrowthStore {
  readonly #floors = new Map<string, KeptFloor>();
  readonly #evaluations = new Map<string, StoredEvaluation>();
  readonly #events = new Map<string, GrowthEvent>();
  readonly #profiles = new Map<string, KeptProfiles>();

  saveFloors(bucketMs: DurationMs, origin: FloorOrigin, floors: readonly ProcessFloors[]): void {
    for (const given of floors) {
      const key = JSON.stringify([bucketMs, origin, workloadKey(given.workload), given.process.id, given.bucket]);
      const known = this.#floors.get(key);
      const empty = { ...given, heap: undefined, goroutines: undefined, functions: [] };
      this.#floors.set(key, { bucketMs, origin, floors: mergeFloors(known?.floors ?? empty, given) });
    }
  }

  *floors({ bucketMs, workload, from, to, origin }: FloorQuery): Generator<ProcessFloors> {
    const found = new Map<string, ProcessFloors>();
    const latest = new Map<string, ProcessFloors['process']>();
    for (const kept of this.#floors.values()) {
      const { floors } = kept;
      const owner = workloadKey(floors.workload);
      latest.set(`${owner} ${floors.process.id}`, floors.process);
      if (kept.bucketMs !== bucketMs || (origin ?? kept.origin) !== kept.origin) continue;
      if (floors.bucket < from || floors.bucket >= to || (workload && workloadKey(workload) !== owner)) continue;
      const key = JSON.stringify([owner, floors.process.id, floors.bucket]);
      const known = found.get(key);
      found.set(key, known ? mergeFloors(known, floors) : floors);
    }
    const sorted = [...found.values()].sort(
      (a, b) => a.bucket - b.bucket || compare(a.process.id, b.process.id) || compareWorkloads(a, b),
    );
    for (const floors of sorted) {
      const process = latest.get(`${workloadKey(floors.workload)} ${floors.process.id}`) ?? floors.process;
      yield { ...floors, process };
    }
  }

  workloads({ bucketMs, from, to, origin }: Omit<FloorQuery, 'workload'>): Workload[] {
    const found = new Map<string, Workload>();
    for (const { workload } of this.floors({ bucketMs, from, to, origin })) found.set(workloadKey(workload), workload);
    return [...found.values()].sort((a, b) => compareWorkloads({ workload: a }, { workload: b }));
  }

  saveEvaluations(evaluations: readonly StoredEvaluation[], events: readonly GrowthEvent[]): void {
    for (const kept of evaluations) {
      const copy = JSON.parse(JSON.stringify(kept)) as StoredEvaluation;
      this.#evaluations.set(`${workloadKey(kept.workload)} ${kept.bucketMs}`, copy);
    }
    for (const event of events) {
      this.#events.set(event.id, JSON.parse(JSON.stringify({ ...event, profiles: undefined })) as GrowthEvent);
      for (const { id } of this.#newest(event.workload).slice(maxEventsPerWorkload)) this.#remove(id);
    }
  }

  evaluations(bucketMs: DurationMs): StoredEvaluation[] {
    return [...this.#evaluations.values()].filter((kept) => kept.bucketMs === bucketMs).sort(compareWorkloads);
  }

  events({
    namespaces,
    namespace,
    workload,
    container,
    tier,
    window,
    isOpen,
    before,
    limit,
  }: EventQuery): GrowthEvent[] {
    const last = before === undefined ? undefined : this.#known(before);
    if (last && namespaces?.has(last.workload.namespace) === false)
      throw new FlameherdError('not_found', 'no such event');
    return this.#newest()
      .filter((event) => namespaces?.has(event.workload.namespace) ?? true)
      .filter((event) => namespace === undefined || event.workload.namespace === namespace)
      .filter((event) => workload === undefined || event.workload.workload === workload)
      .filter((event) => container === undefined || event.workload.container === container)
      .filter((event) => tier === undefined || event.tier === tier)
      .filter((event) => isOpen === undefined || (event.resolvedMs === undefined) === isOpen)
      .filter(({ openedMs, resolvedMs = Number.POSITIVE_INFINITY }) =>
        window ? openedMs < window.toMs && (resolvedMs > window.fromMs || openedMs >= window.fromMs) : true,
      )
      .filter((event) => !last || compareEvents(last, event) < 0)
      .slice(0, limit)
      .map((event) => this.#withProfiles(event));
  }

  event(id: string): GrowthEvent | undefined {
    const event = this.#events.get(id);
    return event && this.#withProfiles(event);
  }

  saveEventProfiles(
    id: string,
    windows: NonNullable<GrowthEvent['profiles']>,
    profiles: Readonly<Partial<Record<EventSide, Uint8Array>>>,
  ): void {
    const { workload } = this.#known(id);
    this.#profiles.set(id, { windows, sides: { ...profiles } });
    const profiled = this.#newest(workload).filter((event) => this.#profiles.has(event.id));
    for (const event of profiled.slice(maxProfiledEvents)) this.#profiles.delete(event.id);
  }

  eventProfile(id: string, side: EventSide): Uint8Array | undefined {
    return this.#profiles.get(id)?.sides[side];
  }

  functionName(id: string): string | undefined {
    return [...this.#floors.values()].flatMap(({ floors }) => floors.functions).find((each) => each.id === id)?.name;
  }

  prune(olderThanMs: UnixMs, eventsOlderThanMs: UnixMs): boolean {
    for (const [key, { bucketMs, floors }] of this.#floors) {
      if ((floors.bucket + 1) * bucketMs <= olderThanMs) this.#floors.delete(key);
    }
    const live = new Set([...this.#floors.values()].map(({ floors }) => workloadKey(floors.workload)));
    for (const [key, { workload }] of this.#evaluations) {
      if (!live.has(workloadKey(workload))) this.#evaluations.delete(key);
    }
    for (const { id, resolvedMs } of this.#newest()) {
      if (resolvedMs !== undefined && resolvedMs < eventsOlderThanMs) this.#remove(id);
    }
    return false;
  }

  stats(): GrowthStoreStats {
    const floors = [...this.#floors.values()].map((kept) => kept.floors);
    const processes = new Set(floors.map(({ workload, process }) => `${workloadKey(workload)} ${process.id}`));
    return {
      workloads: new Set(floors.map(({ workload }) => workloadKey(workload))).size,
      processes: processes.size,
      functions: new Set(floors.flatMap(({ functions }) => functions.map(({ id }) => id))).size,
      openFloors: floors.length,
      floorBlocks: 0,
      events: this.#events.size,
      eventProfiles: [...this.#profiles.values()].reduce((sum, { sides }) => sum + Object.keys(sides).length, 0),
    };
  }

  usedBytes(): number {
    return JSON.stringify([...this.#floors.values(), ...this.#evaluations.values(), ...this.#events.values()]).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  /** Newest first. */
  #newest(workload?: Workload): GrowthEvent[] {
    const events = [...this.#events.values()].sort(compareEvents);
    return workload ? events.filter((event) => workloadKey(event.workload) === workloadKey(workload)) : events;
  }

  #withProfiles(event: GrowthEvent): GrowthEvent {
    const kept = this.#profiles.get(event.id);
    return kept ? { ...event, profiles: kept.windows } : event;
  }

  #known(id: string): GrowthEvent {
    const event = this.#events.get(id);
    if (!event) throw new FlameherdError('not_found', `there is no growth event ${id}`);
    return event;
  }

  #remove(id: string): void {
    this.#events.delete(id);
    this.#profiles.delete(id);
  }
}

function compareEvents(a: GrowthEvent, b: GrowthEvent): number {
  return b.openedMs - a.openedMs || compare(b.id, a.id);
}

function compareWorkloads(a: { readonly workload: Workload }, b: { readonly workload: Workload }): number {
  const parts = ['namespace', 'workloadKind', 'workload', 'container'] as const;
  return parts.reduce((order, part) => order || compare(a.workload[part], b.workload[part]), 0);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
