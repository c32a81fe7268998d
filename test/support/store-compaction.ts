import type { UnixMs } from '../../src/model/units.ts';
import type { CompactionReport } from '../../src/store/compaction-report.ts';
import type { ProfileWriter } from '../../src/store/profile-store.ts';
import { type CompactionOptions, compactStore } from '../../src/store/sqlite/compaction/compactor.ts';
import { quietMs } from '../../src/store/sqlite/heads/sealing.ts';

/** Seals what is due, compacts all that waits at full speed, and frees what is replaced. Throws what could not be done. */
export async function compactAll(
  writer: ProfileWriter,
  dataDir: string,
  nowMs: UnixMs,
  options: Partial<CompactionOptions> = {},
): Promise<CompactionReport> {
  // Late heads are sealed once nothing came for a while.
  writer.seal(nowMs - quietMs);
  writer.seal(nowMs);
  const report = await compactStore({
    dataDir,
    nowMs,
    synchronous: 'normal',
    maxBytes: 1e13,
    share: 1,
    // The pacer would give a turn to others after each piece of work.
    sleep: () => Promise.resolve(),
    ...options,
  });
  writer.dropCompacted();
  const [failure] = report.failures;
  if (failure) throw new Error(`${failure.doing}: ${failure.message}`);
  return report;
}
