import { basename } from 'node:path';
import { crc32 } from 'node:zlib';
import { DamagedData, namingDamage } from '../files/damage.ts';
import type { UnixHour } from '../files/data-dir.ts';
import type { Connection } from '../files/database.ts';
import { Statements } from '../files/statements.ts';
import { decodeShape, type Shape } from '../heads/shape.ts';
import type { ChunkKey } from './chunk.ts';
import { type ChunkRow, type ChunkSource, StoredChunk } from './chunk-decoder.ts';
import { idsPerChunk } from './chunk-row.ts';

import type { ShapeReference } from './entries.ts';

const columns = 'chunk.id, series, hour, head, part, partition, carried, format, entries';

/** Reads the tables of a detail file, whoever owns the connection. */
export class DetailTables implements ChunkSource {
  readonly file: string;
  readonly #sql: Statements;
  readonly #shapes = new Map<number, { readonly shape: Shape; readonly checksum: number }>();

  constructor(connection: Connection) {
    this.file = basename(connection.name);
    this.#sql = new Statements(connection);
  }

  /** The chunks of some series (ids as a JSON array) in the hours `[from, to)`. */
  chunks(series: string, from: UnixHour, to: UnixHour): StoredChunk[] {
    return this.#sql
      .rows<ChunkRow>(
        `SELECT ${columns} FROM json_each(?) AS wanted CROSS JOIN chunk ON chunk.series = wanted.value
         WHERE hour >= ? AND hour < ?`,
      )
      .all(series, from, to)
      .map((row) => new StoredChunk(row, this));
  }

  chunk({ series, hour, head, part }: ChunkKey): StoredChunk | undefined {
    const row = this.#sql
      .rows<ChunkRow>(`SELECT ${columns} FROM chunk WHERE series = ? AND hour = ? AND head = ? AND part = ?`)
      .get(series, hour, head, part);
    return row && new StoredChunk(row, this);
  }

  /** By series, hour, head and part: answered from the index, without touching a chunk. */
  keys(from: UnixHour, to: UnixHour): ChunkKey[] {
    return this.#sql
      .rows<ChunkKey>(
        'SELECT series, hour, head, part FROM chunk WHERE hour >= ? AND hour < ? ORDER BY series, hour, head, part',
      )
      .all(from, to);
  }

  hours(): UnixHour[] {
    return this.#sql.values<UnixHour>('SELECT DISTINCT hour FROM chunk ORDER BY hour').all();
  }

  stacks(chunk: number): unknown {
    return this.#sql.values<unknown>('SELECT stacks FROM chunk WHERE id = ?').get(chunk);
  }

  sum(chunk: number, type: number): unknown {
    return this.#sql.values<unknown>('SELECT data FROM chunk_sum WHERE id = ?').get(idsPerChunk * chunk + type);
  }

  detail(chunk: number, id: number): unknown {
    return this.#sql.values<unknown>('SELECT data FROM chunk_detail WHERE id = ?').get(idsPerChunk * chunk + id);
  }

  shape({ id, checksum }: ShapeReference): Shape | undefined {
    const known = this.#shapes.get(id);
    if (known?.checksum === checksum) return known.shape;
    const text = this.#sql.values<unknown>('SELECT content FROM shape WHERE id = ?').get(id);
    if (typeof text !== 'string' || crc32(text) !== checksum) return undefined;
    const shape = decodeShape(text);
    this.#shapes.set(id, { shape, checksum });
    return shape;
  }

  /** Finds the hour that cannot be read when reading several at once fails. */
  pinned<Result>(from: UnixHour, to: UnixHour, read: (from: UnixHour, to: UnixHour) => Result): Result {
    try {
      return namingDamage(this.file, to - from === 1 ? from : undefined, () => read(from, to));
    } catch (error) {
      if (!(error instanceof DamagedData) || to - from === 1) throw error;
      for (let hour = from; hour < to; hour++) namingDamage(this.file, hour, () => read(hour, hour + 1));
      throw error;
    }
  }
}
