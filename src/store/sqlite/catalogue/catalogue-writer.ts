import { join } from 'node:path';
import { metaFile } from '../files/data-dir.ts';
import { type Connection, checkpoint, openDatabase, type Synchronous } from '../files/database.ts';
import { Statements } from '../files/statements.ts';
import { FileRows } from './file-rows.ts';
import { HourRows } from './hour-rows.ts';
import { raiseLayout } from './layout.ts';
import { PartitionRows } from './partition-rows.ts';
import { SeriesRows } from './series-rows.ts';

/**
 * `meta.db`, open for writing: what the facts in other files refer to, committed before them. Compaction writes to it as
 * well, through a connection of its own: which files, chunks and roll-ups count.
 */
export class CatalogueWriter {
  readonly series: SeriesRows;
  readonly partitions: PartitionRows;
  readonly files: FileRows;
  readonly hours: HourRows;
  readonly #connection: Connection;
  readonly #sql: Statements;
  #change: number;

  constructor(dataDir: string, synchronous: Synchronous) {
    this.#connection = openDatabase(join(dataDir, metaFile), 'meta', synchronous);
    this.#sql = new Statements(this.#connection);
    this.series = new SeriesRows(this.#sql, () => this.#change);
    this.partitions = new PartitionRows(this.#sql);
    this.files = new FileRows(this.#sql);
    this.hours = new HourRows(this.#sql);
    this.#change = this.series.lastChange();
  }

  begin(): void {
    this.#connection.exec('BEGIN IMMEDIATE');
    this.#change++;
  }

  commit(): void {
    this.#connection.exec('COMMIT');
  }

  rollback(): void {
    if (this.#connection.inTransaction) this.#connection.exec('ROLLBACK');
    this.series.forget();
  }

  /** Work that needs a transaction of its own, and nothing but this file. */
  transaction<T>(work: () => T): T {
    this.begin();
    try {
      const result = work();
      this.commit();
      return result;
    } catch (error) {
      this.rollback();
      throw error;
    }
  }

  /** As `checkpoint` of a database: of every commit, compaction's too, so that a power failure keeps them. */
  checkpoint(): boolean {
    return checkpoint(this.#connection);
  }

  setting(name: string): string | undefined {
    return this.#sql.values<string>('SELECT value FROM setting WHERE name = ?').get(name);
  }

  setSetting(name: string, value: string): void {
    this.#sql
      .rows('INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value')
      .run(name, value);
  }

  raiseLayout(): void {
    raiseLayout(this.#sql);
  }

  /** Says that series, processes or partitions are gone: a reader loads all anew. */
  notePruned(): void {
    this.setSetting('pruned', String(Number(this.setting('pruned') ?? 0) + 1));
  }

  close(): void {
    this.#connection.close();
  }
}
