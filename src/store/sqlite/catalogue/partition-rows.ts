import { openSegment, packSegment, type StoredSegment } from '../dictionary/segment.ts';
import type { UnixHour } from '../files/data-dir.ts';
import type { Statements } from '../files/statements.ts';

export interface PartitionRow {
  readonly id: number;
  readonly key: string;
  readonly epoch: number;
  /** The hour of its first profile. */
  readonly firstHour: UnixHour;
  /** The last hour into which a profile of it may stand. */
  lastHour: UnixHour;
}

/** Partitions and their dictionaries in `meta.db`. */
export class PartitionRows {
  readonly #sql: Statements;

  constructor(sql: Statements) {
    this.#sql = sql;
  }

  latest(key: string): PartitionRow | undefined {
    return this.#sql
      .rows<PartitionRow>(
        `SELECT id, key, epoch, first_hour AS firstHour, last_hour AS lastHour FROM partition
         WHERE key = ? ORDER BY epoch DESC LIMIT 1`,
      )
      .get(key);
  }

  add(key: string, epoch: number, hour: UnixHour): PartitionRow {
    const { lastInsertRowid } = this.#sql
      .rows('INSERT INTO partition (key, epoch, first_hour, last_hour) VALUES (?, ?, ?, ?)')
      .run(key, epoch, hour, hour);
    return { id: Number(lastInsertRowid), key, epoch, firstHour: hour, lastHour: hour };
  }

  save(row: PartitionRow): void {
    this.#sql.rows('UPDATE partition SET last_hour = ? WHERE id = ?').run(row.lastHour, row.id);
  }

  addSegment(partition: number, segment: Uint8Array): void {
    const { format, data } = packSegment(segment);
    this.#sql.rows('INSERT INTO dictionary (partition, format, data) VALUES (?, ?, ?)').run(partition, format, data);
  }

  /** The segments of a partition's dictionary, in order. */
  *segments(partition: number): Generator<Uint8Array> {
    const rows = this.#sql
      .rows<StoredSegment>('SELECT id, format, data FROM dictionary WHERE partition = ? ORDER BY id')
      .iterate(partition);
    for (const row of rows) yield openSegment(row);
  }

  /** Drops partitions that nothing since the start of an hour refers to, with their symbols. Says whether there were any. */
  prune(oldest: UnixHour): boolean {
    this.#sql
      .rows('DELETE FROM dictionary WHERE partition IN (SELECT id FROM partition WHERE last_hour < ?)')
      .run(oldest);
    return this.#sql.rows('DELETE FROM partition WHERE last_hour < ?').run(oldest).changes > 0;
  }

  count(): number {
    return this.#sql.values<number>('SELECT count(*) FROM partition').get() ?? 0;
  }
}
