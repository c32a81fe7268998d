import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { hourOf } from '../../src/store/sqlite/files/data-dir.ts';
import { openDatabase } from '../../src/store/sqlite/files/database.ts';

/** A profile that is appended to an open head, beside another one there that it is a copy of. */
export interface LateProfile {
  readonly dataDir: string;
  readonly head: string;
  readonly series: number;
  readonly stampMs: number;
  /** Moments in the hours that are to be restated. */
  readonly staleMs: readonly number[];
}

/**
 * Does as the writer does, in slow motion: the profile is in the head's transaction, then what it makes stale is committed
 * in `meta.db` and told, and only a while later the head is committed.
 */
const { dataDir, head, series, stampMs, staleMs } = workerData as LateProfile;
const file = openDatabase(join(dataDir, head), 'head', 'normal');
file.exec('BEGIN IMMEDIATE');
file
  .prepare(
    `INSERT INTO profile SELECT ?, ?, interval_ms, span_ms, partition, shape, samples, trimmed, totals, content_hash
     FROM profile LIMIT 1`,
  )
  .run(series, stampMs);
const meta = openDatabase(join(dataDir, 'meta.db'), 'meta', 'normal');
meta.transaction(() => {
  meta.prepare('UPDATE series SET last_hour = ? WHERE id = ?').run(hourOf(stampMs), series);
  for (const ms of staleMs) meta.prepare('INSERT INTO stale (series, hour) VALUES (?, ?)').run(series, hourOf(ms));
})();
meta.close();
parentPort?.postMessage('marked');
setTimeout(() => {
  file.exec('COMMIT');
  file.close();
}, 300);
