import type { DurationMs } from '../../../model/units.ts';
import { ByteReader } from '../encoding/bytes.ts';
import type { Statements } from '../files/statements.ts';
import { bucketsPerBlock } from './block.ts';
import type { BlockRows } from './block-rows.ts';
import { type FloorColumns, mergeColumns } from './floor-columns.ts';
import { readOpenFloor } from './open-floor.ts';

/** A block is packed when a bucket so many after its end has floors: its own come rarely then. They would be packed again. */
const graceBuckets = 2;

interface OpenRow {
  readonly process: number;
  readonly origin: number;
  readonly bucket: number;
  readonly data: Uint8Array;
}

/**
 * Moves floors of buckets that are over into blocks. Nothing that is read depends on when: a reader brings both together.
 * Works inside a transaction of its caller.
 */
export class Packer {
  readonly #sql: Statements;
  readonly #blocks: BlockRows;

  constructor(sql: Statements, blocks: BlockRows) {
    this.#sql = sql;
    this.#blocks = blocks;
  }

  /** Packs a block of so many processes at most. Returns of how many. */
  pack(bucketMs: DurationMs, limit: number): number {
    // Two queries: SQLite seeks a least or a largest value, but scans for both.
    const first = this.#sql
      .values<number | null>('SELECT min(bucket) FROM floor_open WHERE bucket_ms = ?')
      .get(bucketMs);
    const last = this.#sql
      .values<number | null>('SELECT max(bucket) FROM floor_open WHERE bucket_ms = ?')
      .get(bucketMs);
    if (first === null || first === undefined || last === null || last === undefined) return 0;
    const block = Math.floor(first / bucketsPerBlock);
    const end = (block + 1) * bucketsPerBlock;
    if (last < end + graceBuckets) return 0;
    const rows = this.#sql
      .rows<Pick<OpenRow, 'process' | 'origin'>>(
        'SELECT process, origin FROM floor_open WHERE bucket_ms = ? AND bucket = ? LIMIT ?',
      )
      .all(bucketMs, first, limit);
    for (const { process, origin } of rows) this.#packProcess(bucketMs, block, process, origin);
    return rows.length;
  }

  #packProcess(bucketMs: DurationMs, block: number, process: number, origin: number): void {
    const find = this.#sql.values<Uint8Array>(
      'SELECT data FROM floor_open WHERE bucket_ms = ? AND bucket = ? AND process = ? AND origin = ?',
    );
    const remove = this.#sql.rows(
      'DELETE FROM floor_open WHERE bucket_ms = ? AND bucket = ? AND process = ? AND origin = ?',
    );
    const key = { bucketMs, block, process, origin };
    const known = this.#blocks.read(key);
    const floors = new Map<number, FloorColumns>();
    for (let at = 0; at < bucketsPerBlock; at++) {
      const bucket = block * bucketsPerBlock + at;
      const data = find.get(bucketMs, bucket, process, origin);
      if (data) remove.run(bucketMs, bucket, process, origin);
      const [before, open] = [known?.get(at), data && readOpenFloor(new ByteReader(data))];
      const both = before && open ? mergeColumns(before, open) : (before ?? open);
      if (both) floors.set(at, both);
    }
    this.#blocks.save(key, floors);
  }
}
