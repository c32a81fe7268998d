import type { Bytes } from '../model/units.ts';

/** Sizes are rounded up to this share of a power of two: 6 % is unused in the mean. */
const stepsPerDoubling = 8;
const smallest: Bytes = 256;
/** Buffers that wait to be used again: those that a batch or two replaces. */
const mostWaiting: Bytes = 6 << 20;

/**
 * Memory for the counters of series. Those of each profile take the place of the ones before, of much the same size: so two
 * batches' worth of buffers go round, and nothing is allocated while stacks stay as they are.
 */
export class CounterBuffers {
  readonly #waiting = new Map<Bytes, ArrayBuffer[]>();
  #waitingBytes: Bytes = 0;

  /** At least this long; what is in it is anything. */
  take(bytes: Bytes): ArrayBuffer {
    const size = rounded(bytes);
    const found = this.#waiting.get(size)?.pop();
    if (!found) return new ArrayBuffer(size);
    this.#waitingBytes -= size;
    return found;
  }

  /** Nobody may look at it any more. */
  give(buffer: ArrayBuffer): void {
    const size = buffer.byteLength;
    if (size !== rounded(size) || this.#waitingBytes + size > mostWaiting) return;
    const waiting = this.#waiting.get(size);
    if (waiting) waiting.push(buffer);
    else this.#waiting.set(size, [buffer]);
    this.#waitingBytes += size;
  }
}

function rounded(bytes: Bytes): Bytes {
  if (bytes <= smallest) return smallest;
  const step = 2 ** (31 - Math.clz32(bytes - 1)) / stepsPerDoubling;
  return Math.ceil(bytes / step) * step;
}
