import { join, resolve } from 'node:path';
import { type SeriesIdentity, seriesKey } from '../../model/series.ts';
import type { DurationMs, UnixMs } from '../../model/units.ts';
import type { Checkpoint, StateStore } from '../state-store.ts';
import { decodeCounters, encodeCounters } from './counters.ts';
import { stateFile } from './files/data-dir.ts';
import { type Connection, openDatabase } from './files/database.ts';
import { makeFolder } from './files/make-folder.ts';
import { stateTrouble } from './files/state-trouble.ts';
import { Statements } from './files/statements.ts';

export interface SqliteStateOptions {
  /** Made when absent. */
  readonly dataDir: string;
  readonly synchronous: 'normal' | 'full';
  /** How long a write waits for those of other threads; 5 s unless given. */
  readonly patienceMs?: DurationMs;
}

/**
 * Opens `state.db`. Throws `store_too_new`, and with every write `storage_full`, `storage_read_only`, or `store_locked` where
 * others write for longer than is waited.
 */
export function openSqliteState(options: SqliteStateOptions): StateStore {
  return new SqliteState(options);
}

class SqliteState implements StateStore {
  readonly #dataDir: string;
  readonly #connection: Connection;
  readonly #sql: Statements;

  constructor({ dataDir, synchronous, patienceMs }: SqliteStateOptions) {
    this.#dataDir = resolve(dataDir);
    makeFolder(this.#dataDir);
    this.#connection = openDatabase(join(this.#dataDir, stateFile), 'state', synchronous, patienceMs);
    this.#sql = new Statements(this.#connection);
  }

  saveCheckpoints(checkpoints: readonly Checkpoint[]): void {
    const save = this.#sql.rows(
      `INSERT INTO checkpoint (series, stamp_ms, left_out, types, data) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET stamp_ms = excluded.stamp_ms, left_out = excluded.left_out, types = excluded.types,
         data = excluded.data`,
    );
    this.#write(() => {
      for (const checkpoint of checkpoints) {
        const { series, stampMs, leftOut, types } = checkpoint;
        const data = encodeCounters(checkpoint);
        save.run(seriesKey(series), stampMs, JSON.stringify(leftOut), JSON.stringify(types), data);
      }
    });
  }

  loadCheckpoint(series: SeriesIdentity): Checkpoint | undefined {
    const row = this.#sql
      .rows<{ stampMs: UnixMs; leftOut: string; types: string; data: Uint8Array }>(
        'SELECT stamp_ms AS stampMs, left_out AS leftOut, types, data FROM checkpoint WHERE series = ?',
      )
      .get(seriesKey(series));
    if (!row) return undefined;
    const types = JSON.parse(row.types) as string[];
    const leftOut = JSON.parse(row.leftOut) as string[];
    return { series, stampMs: row.stampMs, leftOut, types, ...decodeCounters(row.data, types.length) };
  }

  pruneCheckpoints(olderThanMs: UnixMs): number {
    return this.#write(() => this.#sql.rows('DELETE FROM checkpoint WHERE stamp_ms < ?').run(olderThanMs).changes);
  }

  get(key: string): string | undefined {
    return this.#sql.values<string>('SELECT value FROM setting WHERE name = ?').get(key);
  }

  set(key: string, value: string): void {
    this.#write(() =>
      this.#sql
        .rows('INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value')
        .run(key, value),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#connection.close();
  }

  #write<T>(work: () => T): T {
    try {
      return this.#connection.transaction(work).immediate();
    } catch (error) {
      throw stateTrouble(this.#dataDir, error) ?? error;
    }
  }
}
