import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { hour as hourMs } from '../../src/model/units.ts';
import { headFileName, type UnixHour } from '../../src/store/sqlite/files/data-dir.ts';

/**
 * Writes the profiles of one hour again into later hours, as heads that wait for compaction: the same series, stamps moved
 * by whole hours. A day of a fleet is had in minutes so, and all that is made of it is made by the store itself. The store
 * must be closed. `head` is a copy of the hour's head file that compaction has not yet replaced.
 */
export function replayHour(dataDir: string, head: string, from: UnixHour, to: readonly UnixHour[]): void {
  const meta = new Database(join(dataDir, 'meta.db'));
  try {
    for (const hour of to) {
      const name = headFileName(hour);
      copyFileSync(head, join(dataDir, name));
      moveStamps(join(dataDir, name), (hour - from) * hourMs);
      meta
        .prepare(`INSERT INTO file (name, kind, from_ms, to_ms, state) VALUES (?, 'head', ?, ?, 'open')`)
        .run(name, hour * hourMs, (hour + 1) * hourMs);
    }
    const last = to.at(-1) ?? from;
    const change = `(SELECT max((SELECT max(changed) FROM series), (SELECT max(changed) FROM process)) + 1)`;
    meta
      .prepare(`UPDATE series SET last_hour = max(last_hour, ?), changed = ${change} WHERE last_hour >= ?`)
      .run(last, from);
    meta.prepare('UPDATE partition SET last_hour = max(last_hour, ?)').run(last);
  } finally {
    meta.close();
  }
}

function moveStamps(path: string, byMs: number): void {
  const head = new Database(path);
  // The hour is shorter than the move, so no stamp meets another on the way.
  head.prepare('UPDATE profile SET stamp_ms = stamp_ms + ?').run(byMs);
  head.pragma('wal_checkpoint(TRUNCATE)');
  head.close();
}
