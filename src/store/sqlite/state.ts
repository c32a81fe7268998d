import type { StateStore } from '../state-store.ts';

export interface SqliteStateOptions {
  /** Made when absent. */
  readonly dataDir: string;
  readonly synchronous: 'normal' | 'full';
}

/** Opens `state.db`. Throws `store_too_new`. */
export function openSqliteState(_options: SqliteStateOptions): StateStore {
  throw new Error('not built yet');
}
