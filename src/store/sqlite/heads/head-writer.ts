import { join } from 'node:path';
import type { DurationMs, UnixMs } from '../../../model/units.ts';
import type { UnixHour } from '../files/data-dir.ts';
import { type Connection, openDatabase, type Statement, type Synchronous } from '../files/database.ts';
import { Statements } from '../files/statements.ts';

/** Shape texts remembered for one file; past that, they are found through the table again. */
const maxRememberedShapes = 1000;

/** A profile as a row of a head file. */
export interface HeadRow {
  readonly series: number;
  readonly stampMs: UnixMs;
  readonly intervalMs: number;
  readonly spanMs: number;
  readonly partition: number;
  /** As `encodeShape` writes it. */
  readonly shape: string;
  readonly trimmed: number;
  readonly totals: Uint8Array;
  readonly contentHash: string;
  readonly format: number;
  readonly samples: Uint8Array;
}

export interface StoredSamples {
  readonly partition: number;
  readonly shape: string;
  readonly totals: Uint8Array;
  readonly data: Uint8Array;
}

/** A head file, open for writing. */
export class HeadWriter {
  readonly name: string;
  readonly hour: UnixHour;
  readonly #connection: Connection;
  readonly #sql: Statements;
  readonly #insertSamples: Statement;
  readonly #insertProfile: Statement;
  readonly #shapeIds = new Map<string, number>();

  constructor(dataDir: string, { name, hour }: { name: string; hour: UnixHour }, synchronous: Synchronous) {
    this.name = name;
    this.hour = hour;
    this.#connection = openDatabase(join(dataDir, name), 'head', synchronous);
    this.#sql = new Statements(this.#connection);
    this.#insertSamples = this.#sql.rows('INSERT INTO samples (format, data) VALUES (?, ?)');
    this.#insertProfile = this.#sql.rows(
      `INSERT INTO profile (series, stamp_ms, interval_ms, span_ms, partition, shape, samples, trimmed, totals, content_hash)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
  }

  /** Adds a row to the transaction, which begins with the first one. */
  insert(row: HeadRow): void {
    if (!this.#connection.inTransaction) this.#connection.exec('BEGIN IMMEDIATE');
    const samples = this.#insertSamples.run(row.format, row.samples).lastInsertRowid;
    this.#insertProfile.run(
      row.series,
      row.stampMs,
      row.intervalMs,
      row.spanMs,
      row.partition,
      this.#shapeId(row.shape),
      samples,
      row.trimmed,
      row.totals,
      row.contentHash,
    );
  }

  commit(): void {
    if (this.#connection.inTransaction) this.#connection.exec('COMMIT');
  }

  rollback(): void {
    if (this.#connection.inTransaction) this.#connection.exec('ROLLBACK');
    this.#shapeIds.clear();
  }

  /** The content hash of the profile of a series at a stamp. */
  contentAt(series: number, stampMs: UnixMs): string | undefined {
    return this.#sql
      .values<string>('SELECT content_hash FROM profile WHERE series = ? AND stamp_ms = ?')
      .get(series, stampMs);
  }

  newest(
    series: number,
  ): { readonly stampMs: UnixMs; readonly intervalMs: DurationMs; readonly contentHash: string } | undefined {
    return this.#sql
      .rows<{ stampMs: number; intervalMs: number; contentHash: string }>(
        `SELECT stamp_ms AS stampMs, interval_ms AS intervalMs, content_hash AS contentHash FROM profile
         WHERE series = ? ORDER BY stamp_ms DESC LIMIT 1`,
      )
      .get(series);
  }

  firstStamp(): UnixMs | undefined {
    return this.#sql.values<number | null>('SELECT min(stamp_ms) FROM profile').get() ?? undefined;
  }

  lastStamp(): UnixMs | undefined {
    return this.#sql.values<number | null>('SELECT max(stamp_ms) FROM profile').get() ?? undefined;
  }

  /** The profiles of a series stamped after a moment, oldest first. */
  after(series: number, afterMs: UnixMs): IterableIterator<StoredSamples> {
    return this.#sql
      .rows<StoredSamples>(
        `SELECT p.partition, h.content AS shape, p.totals, s.data
         FROM profile p JOIN shape h ON h.id = p.shape JOIN samples s ON s.id = p.samples
         WHERE p.series = ? AND p.stamp_ms > ? ORDER BY p.stamp_ms`,
      )
      .iterate(series, afterMs);
  }

  close(): void {
    this.#connection.close();
  }

  #shapeId(content: string): number {
    const known = this.#shapeIds.get(content);
    if (known !== undefined) return known;
    this.#sql.rows('INSERT INTO shape (content) VALUES (?) ON CONFLICT DO NOTHING').run(content);
    const id = this.#sql.values<number>('SELECT id FROM shape WHERE content = ?').get(content) ?? 0;
    if (this.#shapeIds.size >= maxRememberedShapes) this.#shapeIds.clear();
    this.#shapeIds.set(content, id);
    return id;
  }
}
