import { statfsSync } from 'node:fs';
import type { FlameherdError } from '../../../model/errors.ts';
import type { Bytes } from '../../../model/units.ts';
import { storageFull } from './disk-trouble.ts';

/** How long an answer of the file system is believed. */
const checkEveryMs = 1000;
/** A write that failed is told of for so long, or until one works: the next ones come with the next profiles. */
const failureStandsMs = 90_000;

/** Watches the free disk of a directory. Asks the file system once a second at most. */
export class FreeSpace {
  readonly #dir: string;
  readonly #minFreeBytes: Bytes;
  readonly #freeBytes: (dir: string) => Bytes;
  readonly #monotonicMs: () => number;
  #checkedMs = -Infinity;
  /** Why nothing may be written until the next check. */
  #trouble: FlameherdError | undefined;
  /** What the last write met that was tried, which the file system itself says nothing of. */
  #failure: { readonly error: FlameherdError; readonly metMs: number } | undefined;

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

  /** Why nothing is written now, or undefined. */
  get trouble(): FlameherdError | undefined {
    this.#check();
    if (this.#trouble || !this.#failure) return this.#trouble;
    return this.#monotonicMs() - this.#failure.metMs < failureStandsMs ? this.#failure.error : undefined;
  }

  /** Throws `storage_full` or `storage_read_only` while nothing may be written. */
  assertWritable(): void {
    this.#check();
    if (this.#trouble) throw this.#trouble;
  }

  /** SQLite met trouble with the disk before the check did: refuse until the next check. */
  mark(trouble: FlameherdError): void {
    this.#trouble = trouble;
    this.#checkedMs = this.#monotonicMs();
    this.#failure = { error: trouble, metMs: this.#checkedMs };
  }

  /** Something was written. */
  worked(): void {
    this.#failure = undefined;
  }

  #check(): void {
    const now = this.#monotonicMs();
    if (now - this.#checkedMs < checkEveryMs) return;
    this.#checkedMs = now;
    const free = this.#freeBytes(this.#dir);
    this.#trouble =
      free < this.#minFreeBytes
        ? storageFull(
            `${free} bytes are free on the disk of ${this.#dir}; at least ${this.#minFreeBytes} must stay free`,
          )
        : undefined;
  }
}

function freeBytesOf(dir: string): Bytes {
  const { bavail, bsize } = statfsSync(dir);
  return bavail * bsize;
}
