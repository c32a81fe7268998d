import type { Bytes } from '../model/units.ts';

const blockBytes: Bytes = 1 << 18;
/** What is kept from batch to batch, for most of them. */
const keptBlocks = 16;

/**
 * Columns that last for one batch, cut from blocks that are used again for the next. Memory for each column by itself comes
 * back only with the next collection of garbage, and in pieces: under load that was more than all that is really held.
 */
export class BatchColumns {
  readonly #blocks: ArrayBuffer[] = [];
  #block = 0;
  #used: Bytes = 0;

  /** What was lent goes back. */
  reset(): void {
    this.#blocks.length = Math.min(this.#blocks.length, keptBlocks);
    this.#block = 0;
    this.#used = 0;
  }

  /** What is in it is anything; the caller's until `reset`. */
  doubles(rows: number): Float64Array {
    if (8 * rows > blockBytes) return new Float64Array(rows);
    const [block, at] = this.#room(8 * rows);
    return new Float64Array(block, at, rows);
  }

  /** What is in it is anything; the caller's until `reset`. */
  ints(rows: number): Int32Array {
    if (4 * rows > blockBytes) return new Int32Array(rows);
    const [block, at] = this.#room(4 * rows);
    return new Int32Array(block, at, rows);
  }

  #room(bytes: Bytes): [block: ArrayBuffer, at: number] {
    // Whole words of eight bytes, so that each column begins at one.
    const size = (bytes + 7) & ~7;
    if (this.#used + size > blockBytes) {
      this.#block++;
      this.#used = 0;
    }
    const block = (this.#blocks[this.#block] ??= new ArrayBuffer(blockBytes));
    const at = this.#used;
    this.#used += size;
    return [block, at];
  }
}
