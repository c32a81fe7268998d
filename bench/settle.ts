import type { UnixMs } from '../src/model/units.ts';
import type { ProfileWriter } from '../src/store/profile-store.ts';
import { compactStore } from '../src/store/sqlite/compaction/compactor.ts';
import { quietMs } from '../src/store/sqlite/heads/sealing.ts';

/** Compaction does not rest: what is measured is its CPU. */
const wholeCore = 1;

/**
 * Seals what is over, compacts, rolls up and frees, as the daemon does each minute, until nothing is left to do. Returns the
 * hours that were compacted. Throws what a run could not do.
 */
export async function settle(
  writer: ProfileWriter,
  store: { readonly dataDir: string; readonly maxBytes: number },
  nowMs: UnixMs,
): Promise<number> {
  // Late heads are sealed once nothing came for a while.
  writer.seal(nowMs - quietMs);
  writer.seal(nowMs);
  let hours = 0;
  for (;;) {
    const report = await compactStore({ ...store, synchronous: 'normal', nowMs, share: wholeCore });
    writer.dropCompacted();
    hours += report.hours.length;
    const [failure] = report.failures;
    if (failure) throw new Error(`${failure.doing}: ${failure.message}`);
    if (!report.isUnfinished) return hours;
  }
}
