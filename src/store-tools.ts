import { ingestOptions } from './app/settings.ts';
import type { Config } from './config/schema.ts';
import type { Bytes, UnixMs } from './model/units.ts';
import type { CompactedHour } from './store/compaction-report.ts';
import { compactStore } from './store/sqlite/compaction/compactor.ts';
import { openSqliteWriter } from './store/sqlite/writer.ts';

/** What the command `store` does to the files of a store; it asks no daemon. */
export { backupStore } from './store/sqlite/operations/backup.ts';
export { type FileStat, type StoreStat, statStore } from './store/sqlite/operations/stat.ts';
export { verifyStore } from './store/sqlite/operations/verify.ts';

export interface CompactedNow {
  readonly hours: number;
  readonly profiles: number;
  readonly bytesBefore: Bytes;
  readonly bytesAfter: Bytes;
  readonly rolledHours: number;
  readonly rolledDays: number;
  /** What could not be done, each with its reason. */
  readonly failures: readonly string[];
}

/** Compacts and rolls up all that is due, without rests. Throws `store_locked` while a collector has the store. */
export async function compactNow(config: Config, dataDir: string, nowMs: UnixMs): Promise<CompactedNow> {
  const { storage } = config;
  await using writer = openSqliteWriter({ ...ingestOptions(config), dataDir, now: Date.now });
  writer.seal(nowMs);
  const hours: CompactedHour[] = [];
  let [rolledHours, rolledDays] = [0, 0];
  for (;;) {
    const { synchronous, maxBytes } = storage;
    const report = await compactStore({ dataDir, nowMs, synchronous, maxBytes, share: 1 });
    writer.dropCompacted();
    hours.push(...report.hours);
    rolledHours += report.rolledHours;
    rolledDays += report.rolledDays;
    if (report.isUnfinished && report.failures.length === 0) continue;
    const sum = (of: 'profiles' | 'bytesBefore' | 'bytesAfter') => hours.reduce((total, hour) => total + hour[of], 0);
    return {
      hours: hours.length,
      profiles: sum('profiles'),
      bytesBefore: sum('bytesBefore'),
      bytesAfter: sum('bytesAfter'),
      rolledHours,
      rolledDays,
      failures: report.failures.map(({ doing, message }) => `${doing}: ${message}`),
    };
  }
}
