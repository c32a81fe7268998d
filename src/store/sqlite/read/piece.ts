import type { Chunk } from '../chunks/chunk.ts';
import type { UnixHour } from '../files/data-dir.ts';
import type { HeadReader, ProfileRow } from '../heads/head-reader.ts';
import type { Shape } from '../heads/shape.ts';
import { totalIn } from '../heads/totals-text.ts';

/** Profiles of one series that lie together in a file, oldest first. Entries count from 0. */
export interface Piece {
  readonly count: number;
  readonly stampMs: ArrayLike<number>;
  readonly intervalMs: ArrayLike<number>;
  /** The hour that a snapshot is restated for; undefined where the profiles lie in the hours that they are stamped in. */
  readonly carriedInto: UnixHour | undefined;
  spanMs(entry: number): number;
  trimmed(entry: number): number;
  shape(entry: number): Shape;
  /** Exact; `type` is a position in the types of the entry's shape. */
  total(entry: number, type: number): number | bigint;
}

/** A chunk of a detail file. */
export class ChunkPiece implements Piece {
  readonly chunk: Chunk;
  readonly count: number;
  readonly stampMs: Float64Array;
  readonly intervalMs: Float64Array;
  readonly carriedInto: UnixHour | undefined;

  constructor(chunk: Chunk) {
    const { count, stampMs, intervalMs } = chunk.entries;
    this.chunk = chunk;
    this.count = count;
    this.stampMs = stampMs;
    this.intervalMs = intervalMs;
    this.carriedInto = chunk.carried ? chunk.key.hour : undefined;
  }

  spanMs(entry: number): number {
    return this.chunk.entries.spanMs[entry] ?? 0;
  }

  trimmed(entry: number): number {
    return this.chunk.entries.trimmed[entry] ?? 0;
  }

  shape(entry: number): Shape {
    const { shape, shapes } = this.chunk.entries;
    const found = shapes[shape[entry] ?? 0];
    if (!found) throw new Error(`a chunk of series ${this.chunk.key.series} has no shape for profile ${entry}`);
    return found;
  }

  total(entry: number, type: number): number | bigint {
    return this.chunk.entries.totalsOf(type)[entry] ?? 0;
  }
}

/** Rows of a head file. */
export class HeadPiece implements Piece {
  readonly head: HeadReader;
  readonly rows: readonly ProfileRow[];
  readonly count: number;
  readonly stampMs: Float64Array;
  readonly intervalMs: Float64Array;
  readonly carriedInto = undefined;

  constructor(head: HeadReader, rows: readonly ProfileRow[]) {
    this.head = head;
    this.rows = rows;
    this.count = rows.length;
    this.stampMs = Float64Array.from(rows, ({ stampMs }) => stampMs);
    this.intervalMs = Float64Array.from(rows, ({ intervalMs }) => intervalMs);
  }

  row(entry: number): ProfileRow {
    return this.rows[entry] as ProfileRow;
  }

  spanMs(entry: number): number {
    return this.row(entry).spanMs;
  }

  trimmed(entry: number): number {
    return this.row(entry).trimmed;
  }

  shape(entry: number): Shape {
    return this.head.shape(this.row(entry).shape);
  }

  total(entry: number, type: number): number | bigint {
    return totalIn(this.row(entry).totals, type);
  }
}
