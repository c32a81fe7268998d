import type { ProfileReader } from '../profile-store.ts';

export interface SqliteReaderOptions {
  readonly dataDir: string;
  /** Nodes of stack trees kept in memory, over all partitions; about 30 bytes each. */
  readonly maxCachedNodes?: number;
  /** Head files kept open. */
  readonly maxOpenFiles?: number;
}

/** Opens read-only connections of its own. Throws `not_ready` when no writer has made the store yet, or `store_too_new`. */
export function openSqliteReader(_options: SqliteReaderOptions): ProfileReader {
  throw new Error('not built yet');
}
