import { join } from 'node:path';
import { fileExists } from '../files/data-dir.ts';
import { openDatabase, type Synchronous } from '../files/database.ts';
import type { WaitingWork } from './compaction-catalogue.ts';

/**
 * Waits until what stale marks announce is committed. A late profile's mark is committed in `meta.db` before the profile is
 * in its head, and the writer holds that head's write lock in between: having had the lock once is enough. Without it the
 * mark could be removed by a run that has not seen the profile.
 */
export function waitForCommits(dataDir: string, synchronous: Synchronous, { files, stale }: WaitingWork): void {
  if (stale.length === 0) return;
  for (const { kind, state, name } of files) {
    if (kind !== 'head' || state !== 'open' || !fileExists(dataDir, name)) continue;
    const head = openDatabase(join(dataDir, name), 'head', synchronous);
    try {
      head.exec('BEGIN IMMEDIATE; ROLLBACK');
    } finally {
      head.close();
    }
  }
}
