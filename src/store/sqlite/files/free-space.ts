import { statfsSync } from 'node:fs';
import type { Bytes } from '../../../model/units.ts';

/** How long an answer of the file system is believed. */
const checkEveryMs = 1000;

/** Watches the free disk of a directory. Asks the file system once a second at most. */
export class FreeSpace {
  readonly #dir: string;
  readonly #minFreeBytes: Bytes;
  readonly #freeBytes: (dir: string) => Bytes;
  readonly #monotonicMs: () => number;
  #checkedMs = -Infinity;
  #fullBecause: string | undefined;

  constructor(
    dir: string,
    minFreeBytes: Bytes,
    monotonicMs: () => number,
    freeBytes: (dir: string) => Bytes = freeBytesOf,
  ) {
    this.#dir = dir;
    this.#minFreeBytes = minFreeBytes;
    this.#monotonicMs = monotonicMs;
    this.#freeBytes = freeBytes;
  }

  /** Why nothing may be written now, or undefined. */
  fullBecause(): string | undefined {
    const now = this.#monotonicMs();
    if (now - this.#checkedMs >= checkEveryMs) {
      this.#checkedMs = now;
      const free = this.#freeBytes(this.#dir);
      this.#fullBecause =
        free < this.#minFreeBytes
          ? `${free} bytes are free on the disk of ${this.#dir}; at least ${this.#minFreeBytes} must stay free`
          : undefined;
    }
    return this.#fullBecause;
  }

  /** SQLite met a full disk before the check did: refuse until the next check. */
  markFull(because: string): void {
    this.#fullBecause = because;
    this.#checkedMs = this.#monotonicMs();
  }
}

function freeBytesOf(dir: string): Bytes {
  const { bavail, bsize } = statfsSync(dir);
  return bavail * bsize;
}
