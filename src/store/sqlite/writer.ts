import type { Bytes, DurationMs, UnixMs } from '../../model/units.ts';
import type { ProfileWriter } from '../profile-store.ts';

export interface SqliteWriterOptions {
  /** Made when absent. One writer at a time: a second one gets `store_locked`. */
  readonly dataDir: string;
  /** Appends are refused with `storage_full` while less than this is free on the disk of `dataDir`. */
  readonly minFreeBytes: Bytes;
  /** `normal` survives kill -9; `full` survives power failure as well, at an fsync per commit. */
  readonly synchronous: 'normal' | 'full';
  readonly retention: { readonly maxAgeMs: DurationMs; readonly maxBytes: Bytes };
  readonly now: () => UnixMs;
  /** Milliseconds of a clock that never jumps; `performance.now` unless given. */
  readonly monotonicMs?: () => number;
  /** Free bytes on the disk of a directory; `fs.statfs` unless given. */
  readonly freeBytes?: (dir: string) => Bytes;
}

/** Opens the only writer of a data directory. Throws `store_locked` or `store_too_new`. */
export function openSqliteWriter(_options: SqliteWriterOptions): ProfileWriter {
  throw new Error('not built yet');
}
