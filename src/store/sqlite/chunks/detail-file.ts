import { basename } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Bytes } from '../../../model/units.ts';
import type { SecondRange } from '../../profile-store.ts';
import { DamagedData, namingDamage } from '../files/damage.ts';
import type { UnixHour } from '../files/data-dir.ts';
import {
  beginSnapshot,
  type Connection,
  checkpoint,
  openDatabase,
  openForReading,
  type Synchronous,
} from '../files/database.ts';
import { Statements } from '../files/statements.ts';
import type { Chunk, ChunkInput, ChunkKey } from './chunk.ts';
import { ChunkEncoder } from './chunk-encoder.ts';
import { chunkFormat, idsPerChunk } from './chunk-row.ts';
import { DetailTables } from './detail-tables.ts';
import type { ShapeReference } from './entries.ts';

/** A detail file, open for writing. What is written belongs to the transaction that `begin` began. */
export class DetailWriter {
  readonly #connection: Connection;
  readonly #sql: Statements;
  readonly #tables: DetailTables;
  readonly #encoder = new ChunkEncoder();
  readonly #shapes = new Map<string, ShapeReference>();

  /** Makes the file when there is none. */
  constructor(path: string, synchronous: Synchronous) {
    this.#connection = openDatabase(path, 'detail', synchronous);
    // Chunks are written once and hardly read back: 16 MB of pages, the default, would be of no use.
    this.#connection.pragma('cache_size = -2048');
    this.#sql = new Statements(this.#connection);
    this.#tables = new DetailTables(this.#connection);
  }

  begin(): void {
    this.#connection.exec('BEGIN IMMEDIATE');
  }

  commit(): void {
    this.#connection.exec('COMMIT');
  }

  rollback(): void {
    if (this.#connection.inTransaction) this.#connection.exec('ROLLBACK');
    this.#shapes.clear();
  }

  chunk(key: ChunkKey): Chunk | undefined {
    return this.#tables.chunk(key);
  }

  /** Writes a chunk in place of the one with its key, if there is one. Says what its blobs take. */
  replace(input: ChunkInput): Bytes {
    const { series, hour, head, part } = input.key;
    const { entries, stacks, sums, details } = this.#encoder.encode(input, (shape) => this.#shapeReference(shape));
    this.removeChunk(input.key);
    const added = this.#sql
      .rows(
        `INSERT INTO chunk (series, hour, head, part, partition, carried, format, entries, stacks)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(series, hour, head, part, input.partition, input.carried ? 1 : 0, chunkFormat, entries, stacks);
    const first = Number(added.lastInsertRowid) * idsPerChunk;
    const addSum = this.#sql.rows('INSERT INTO chunk_sum (id, data) VALUES (?, ?)');
    for (const { type, data } of sums) addSum.run(first + type, data);
    const addDetail = this.#sql.rows('INSERT INTO chunk_detail (id, data) VALUES (?, ?)');
    for (const { id, data } of details) addDetail.run(first + id, data);
    return [...sums, ...details].reduce((bytes, { data }) => bytes + data.length, entries.length + stacks.length);
  }

  removeChunk(key: ChunkKey): void {
    const id = this.#idOf(key);
    if (id !== undefined) this.#removeRows(id);
  }

  /** Removes all chunks that were made of a head. */
  removeHead(head: number): void {
    for (const id of this.#sql.values<number>('SELECT id FROM chunk WHERE head = ?').all(head)) this.#removeRows(id);
  }

  /**
   * Gives a chunk of this file other seconds in which its snapshots stand: the sums of its gauges are made anew from its
   * detail. The chunk that was given is out of date afterwards. Throws `DamagedData`.
   */
  restate({ key }: Chunk, standingSeconds: ArrayLike<number>, observed: readonly SecondRange[]): void {
    const stored = this.#tables.chunk(key);
    if (!stored) throw new Error(`there is no chunk of series ${key.series}, hour ${key.hour} to restate`);
    const { entries, sums } = this.#encoder.restate(stored, { standingSeconds, observed });
    this.#sql.rows('UPDATE chunk SET entries = ? WHERE id = ?').run(entries, stored.id);
    const setSum = this.#sql.rows('UPDATE chunk_sum SET data = ? WHERE id = ?');
    for (const { type, data } of sums) setSum.run(data, idsPerChunk * stored.id + type);
  }

  /** As `checkpoint` of a database. */
  checkpoint(): boolean {
    return checkpoint(this.#connection);
  }

  close(): void {
    this.#connection.close();
  }

  #removeRows(id: number): void {
    const [first, end] = [idsPerChunk * id, idsPerChunk * (id + 1)];
    this.#sql.rows('DELETE FROM chunk_detail WHERE id >= ? AND id < ?').run(first, end);
    this.#sql.rows('DELETE FROM chunk_sum WHERE id >= ? AND id < ?').run(first, end);
    this.#sql.rows('DELETE FROM chunk WHERE id = ?').run(id);
  }

  #idOf({ series, hour, head, part }: ChunkKey): number | undefined {
    return this.#sql
      .values<number>('SELECT id FROM chunk WHERE series = ? AND hour = ? AND head = ? AND part = ?')
      .get(series, hour, head, part);
  }

  #shapeReference(content: string): ShapeReference {
    const known = this.#shapes.get(content);
    if (known) return known;
    this.#sql.rows('INSERT INTO shape (content) VALUES (?) ON CONFLICT DO NOTHING').run(content);
    const id = this.#sql.values<number>('SELECT id FROM shape WHERE content = ?').get(content) ?? 0;
    const reference = { id, checksum: crc32(content) };
    this.#shapes.set(content, reference);
    return reference;
  }
}

/**
 * A detail file, open for reading. Chunks read their blobs when they are asked, so they live as long as the reader. Damage
 * throws `DamagedData`, with the hour where it can be told.
 */
export class DetailReader {
  readonly #connection: Connection;
  readonly #tables: DetailTables;

  /** Throws when there is no such file, or `store_too_new`. */
  constructor(path: string) {
    this.#connection = namingDamage(basename(path), undefined, () => openForReading(path, 'detail'));
    this.#tables = new DetailTables(this.#connection);
  }

  /** The chunks of some series (ids as a JSON array) in the hours `[from, to)`, by series, hour and first stamp. */
  chunks(series: string, from: UnixHour, to: UnixHour): Chunk[] {
    const chunks = this.#tables.pinned(from, to, (first, end) => this.#tables.chunks(series, first, end));
    return chunks.sort(
      (a, b) => a.key.series - b.key.series || a.key.hour - b.key.hour || firstStamp(a) - firstStamp(b),
    );
  }

  chunk(key: ChunkKey): Chunk | undefined {
    return namingDamage(this.#tables.file, key.hour, () => this.#tables.chunk(key));
  }

  /** The keys of all chunks in the hours `[from, to)`, by series and hour. */
  keys(from: UnixHour, to: UnixHour): ChunkKey[] {
    return namingDamage(this.#tables.file, undefined, () => this.#tables.keys(from, to));
  }

  /** The hours that have a chunk. */
  hours(): UnixHour[] {
    return namingDamage(this.#tables.file, undefined, () => this.#tables.hours());
  }

  /** Lets SQLite check every page. Throws `DamagedData`. */
  check(): void {
    const { file } = this.#tables;
    namingDamage(file, undefined, () => {
      const found = this.#connection.pragma('integrity_check(1)', { simple: true });
      if (found !== 'ok') throw new DamagedData(file, undefined, `the file is damaged: ${String(found)}`);
    });
  }

  /**
   * One transaction for a whole question: SQLite would lock and unlock for every row that is read. It sees the file as it is
   * now until `end`.
   */
  begin(): void {
    namingDamage(this.#tables.file, undefined, () => beginSnapshot(this.#connection));
  }

  end(): void {
    if (this.#connection.inTransaction) this.#connection.exec('COMMIT');
  }

  close(): void {
    this.#connection.close();
  }
}

function firstStamp(chunk: Chunk): number {
  return chunk.entries.stampMs[0] ?? 0;
}
