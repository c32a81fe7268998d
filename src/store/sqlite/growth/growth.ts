import { join, resolve } from 'node:path';
import type { EventSide, GrowthEvent, Workload } from '../../../model/growth.ts';
import type { Bytes, DurationMs, UnixMs } from '../../../model/units.ts';
import type {
  EventQuery,
  FloorOrigin,
  FloorQuery,
  GrowthStore,
  GrowthStoreStats,
  ProcessFloors,
  StoredEvaluation,
} from '../../growth-store.ts';
import { stateFile } from '../files/data-dir.ts';
import { type Connection, openDatabase } from '../files/database.ts';
import { makeFolder } from '../files/make-folder.ts';
import { stateTrouble } from '../files/state-trouble.ts';
import { Statements } from '../files/statements.ts';
import { BlockRows } from './block-rows.ts';
import { readEvaluations, saveEvaluation } from './evaluations.ts';
import { EventRows } from './events.ts';
import { FloorReader } from './floor-reader.ts';
import { FloorWriter } from './floor-writer.ts';
import { FunctionNames, GrowthNames } from './names.ts';
import { Pruner } from './prune.ts';
import { readStats } from './stats.ts';

export interface SqliteGrowthOptions {
  /** Made when absent. */
  readonly dataDir: string;
  readonly synchronous: 'normal' | 'full';
  /** How long a write waits for those of other threads; 5 s unless given. */
  readonly patienceMs?: DurationMs;
  /** `maxEventProfileBytes` unless given. */
  readonly eventProfileBytes?: Bytes;
}

/**
 * Growth in `state.db`, over a connection of its own: each thread that needs it opens one. Writers wait for each other, some
 * milliseconds. Throws `store_too_new`, and with every write `storage_full`, `storage_read_only`, or `store_locked` where others
 * write for longer than is waited.
 */
export function openSqliteGrowth(options: SqliteGrowthOptions): GrowthStore {
  return new SqliteGrowth(options);
}

class SqliteGrowth implements GrowthStore {
  readonly #dataDir: string;
  readonly #connection: Connection;
  readonly #sql: Statements;
  readonly #names: GrowthNames;
  readonly #events: EventRows;
  readonly #writer: FloorWriter;
  readonly #reader: FloorReader;
  readonly #pruner: Pruner;

  constructor({ dataDir, synchronous, patienceMs, eventProfileBytes }: SqliteGrowthOptions) {
    this.#dataDir = resolve(dataDir);
    makeFolder(this.#dataDir);
    this.#connection = openDatabase(join(this.#dataDir, stateFile), 'state', synchronous, patienceMs);
    this.#sql = new Statements(this.#connection);
    this.#names = new GrowthNames(this.#sql);
    this.#events = new EventRows(this.#sql, eventProfileBytes);
    this.#writer = new FloorWriter(this.#sql, this.#names);
    const blocks = new BlockRows(this.#sql);
    this.#reader = new FloorReader(this.#connection, this.#sql, blocks, new FunctionNames(this.#sql));
    this.#pruner = new Pruner(this.#sql, this.#events, blocks);
  }

  saveFloors(bucketMs: DurationMs, origin: FloorOrigin, floors: readonly ProcessFloors[]): void {
    if (floors.length > 0) this.#write(() => this.#writer.save(bucketMs, origin, floors));
  }

  floors(query: FloorQuery): Iterable<ProcessFloors> {
    return this.#reader.floors(query);
  }

  workloads(query: Omit<FloorQuery, 'workload'>): readonly Workload[] {
    return this.#reader.workloads(query);
  }

  saveEvaluations(evaluations: readonly StoredEvaluation[], events: readonly GrowthEvent[]): void {
    if (evaluations.length + events.length === 0) return;
    this.#write(() => {
      for (const evaluation of evaluations) {
        saveEvaluation(this.#sql, this.#names.workload(evaluation.workload), evaluation);
      }
      for (const event of events) this.#events.save(this.#names.workload(event.workload), event);
    });
  }

  evaluations(bucketMs: DurationMs): readonly StoredEvaluation[] {
    return readEvaluations(this.#sql, bucketMs);
  }

  events(query: EventQuery): readonly GrowthEvent[] {
    return this.#events.events(query);
  }

  event(id: string): GrowthEvent | undefined {
    return this.#events.event(id);
  }

  saveEventProfiles(
    id: string,
    windows: NonNullable<GrowthEvent['profiles']>,
    profiles: Readonly<Partial<Record<EventSide, Uint8Array>>>,
  ): void {
    this.#write(() => this.#events.saveProfiles(id, windows, profiles));
  }

  eventProfile(id: string, side: EventSide): Uint8Array | undefined {
    return this.#events.profile(id, side);
  }

  functionName(id: string): string | undefined {
    return this.#sql.values<string>('SELECT name FROM growth_function WHERE identity = ?').get(id);
  }

  prune(olderThanMs: UnixMs, eventsOlderThanMs: UnixMs): boolean {
    return this.#write(() => this.#pruner.step(olderThanMs, eventsOlderThanMs));
  }

  stats(): GrowthStoreStats {
    return readStats(this.#sql);
  }

  usedBytes(): Bytes {
    const [pages, free, size] = ['page_count', 'freelist_count', 'page_size'].map((name) =>
      Number(this.#connection.pragma(name, { simple: true })),
    ) as [number, number, number];
    return (pages - free) * size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#connection.close();
  }

  #write<T>(work: () => T): T {
    try {
      return this.#connection
        .transaction(() => {
          this.#names.refresh();
          return work();
        })
        .immediate();
    } catch (error) {
      // Row ids of a transaction that was rolled back do not exist.
      this.#names.clear();
      throw stateTrouble(this.#dataDir, error) ?? error;
    }
  }
}
