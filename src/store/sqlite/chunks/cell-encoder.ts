import { ByteWriter } from '../encoding/bytes.ts';
import { CellTable, type RowsOfChunk } from './cells.ts';
import type { CountedRows } from './find-scales.ts';
import { increaseClasses, increaseContexts, writeIncreases } from './increase-cells.ts';
import { snapshotContexts, writeSnapshots } from './snapshot-cells.ts';
import type { Sums } from './sum-column.ts';
import { mostTables, TokenTables } from './token-tables.ts';
import { TokenWriter } from './tokens.ts';

/** A group of types of a chunk as tokens: what all sub-blocks share, and each sub-block. */
export interface EncodedCells {
  readonly model: Uint8Array;
  readonly blocks: readonly Uint8Array[];
}

/** Encodes the cells of a group. One object serves chunk after chunk. */
export class CellEncoder {
  readonly #tokens = new TokenWriter();
  readonly #cells = new CellTable();
  readonly #writer = new ByteWriter();
  readonly #scratch = new ByteWriter();

  /**
   * `sizes` says how many profiles each sub-block has. `sums` are those of the group's types over the chunk, for increases;
   * snapshots go without. Undefined when it takes more tables than can be told apart.
   */
  encode(
    chunk: RowsOfChunk,
    rows: CountedRows,
    most: readonly number[],
    sizes: readonly number[],
    sums: readonly Sums[] | undefined,
  ): EncodedCells | undefined {
    const tokens = this.#tokens;
    tokens.start(sums ? increaseContexts(most.length) : snapshotContexts(most.length));
    const profiles = sizes.reduce((sum, size) => sum + size, 0);
    const classes = sums && increaseClasses(rows, profiles, (type) => sums[type] as Sums);
    let from = 0;
    for (const size of sizes) {
      const cells = this.#cells.of(chunk, rows.counts, rows.rests, from, from + size);
      if (classes) writeIncreases(tokens, cells, rows, classes);
      else writeSnapshots(tokens, cells, rows);
      from += size;
    }
    const tables = TokenTables.of(tokens);
    if (tables.size > mostTables) return undefined;
    return { model: this.#model(tables, most), blocks: this.#blocks(tables, sizes.length) };
  }

  #model(tables: TokenTables, most: readonly number[]): Uint8Array {
    const writer = this.#writer;
    writer.reset();
    for (const value of most) writer.uint(value);
    tables.write(writer);
    return Uint8Array.from(writer.bytes());
  }

  /** A sub-block has a section for the counts, and one for each type with rests. */
  #blocks(tables: TokenTables, count: number): Uint8Array[] {
    const [writer, scratch] = [this.#writer, this.#scratch];
    const perBlock = this.#tokens.sections.length / count;
    return Array.from({ length: count }, (_, block) => {
      writer.reset();
      for (const section of this.#tokens.sections.slice(block * perBlock, (block + 1) * perBlock)) {
        scratch.reset();
        tables.writeSection(scratch, this.#tokens, section);
        writer.uint(scratch.length);
        writer.raw(scratch.bytes());
      }
      return Uint8Array.from(writer.bytes());
    });
  }
}
