import type { DurationMs } from '../../../model/units.ts';
import type { Statements } from '../files/statements.ts';
import { type BlockFloors, blockFormat, decodeBlock, encodeBlock } from './block.ts';

export interface BlockKey {
  readonly bucketMs: DurationMs;
  readonly block: number;
  /** Row ids. */
  readonly process: number;
  readonly origin: number;
}

const pieceBytes = 500;
const piecesPerBlock = 4096;
const ofBlock = `id BETWEEN ${piecesPerBlock} * ? AND ${piecesPerBlock} * ? + ${piecesPerBlock - 1}`;

/** Blocks of floors and their pieces. Writes work inside a transaction of their caller. */
export class BlockRows {
  readonly #sql: Statements;

  constructor(sql: Statements) {
    this.#sql = sql;
  }

  read({ bucketMs, block, process, origin }: BlockKey): BlockFloors | undefined {
    const sql = 'SELECT id FROM floor_block WHERE bucket_ms = ? AND block = ? AND process = ? AND origin = ?';
    const id = this.#sql.values<number>(sql).get(bucketMs, block, process, origin);
    if (id === undefined) return undefined;
    const pieces = this.#sql
      .values<Uint8Array>(`SELECT data FROM floor_piece WHERE ${ofBlock} ORDER BY id`)
      .all(id, id);
    return decodeBlock(Buffer.concat(pieces));
  }

  save({ bucketMs, block, process, origin }: BlockKey, floors: BlockFloors): void {
    const data = encodeBlock(floors);
    const id = this.#sql
      .values<number>(
        `INSERT INTO floor_block (bucket_ms, block, process, origin, format) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET format = excluded.format RETURNING id`,
      )
      .get(bucketMs, block, process, origin, blockFormat) as number;
    this.#sql.rows(`DELETE FROM floor_piece WHERE ${ofBlock}`).run(id, id);
    const insert = this.#sql.rows('INSERT INTO floor_piece (id, data) VALUES (?, ?)');
    for (let at = 0; at * pieceBytes < data.length; at++) {
      insert.run(piecesPerBlock * id + at, data.subarray(at * pieceBytes, (at + 1) * pieceBytes));
    }
  }

  /** Removes so many blocks at most that are wholly before one. Returns how many. */
  removeBefore(bucketMs: DurationMs, block: number, limit: number): number {
    const ids = this.#sql
      .values<number>('SELECT id FROM floor_block WHERE bucket_ms = ? AND block < ? LIMIT ?')
      .all(bucketMs, block, limit);
    for (const id of ids) {
      this.#sql.rows(`DELETE FROM floor_piece WHERE ${ofBlock}`).run(id, id);
      this.#sql.rows('DELETE FROM floor_block WHERE id = ?').run(id);
    }
    return ids.length;
  }
}
