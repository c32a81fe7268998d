import { formatByteSize } from '../model/byte-size.ts';
import type { UnixMs } from '../model/units.ts';
import type { Logger } from '../observe/logger.ts';
import type { RetentionReport } from '../store/profile-store.ts';
import type { Job } from './jobs.ts';

/** Removes what is too old or too much, every ten minutes, and says what went. */
export function retention(
  store: { retain(nowMs: UnixMs): Promise<RetentionReport> },
  logger: Logger,
  now: () => UnixMs,
): Job {
  return {
    name: 'retention',
    when: '0 */10 * * * *',
    async run() {
      const { removedFiles, removedBytes, pausedBecause } = await store.retain(now());
      if (pausedBecause) logger.warn(`retention waits: ${pausedBecause}`);
      if (removedFiles.length > 0) {
        logger.info(`retention removed ${formatByteSize(removedBytes)}`, { files: removedFiles });
      }
    },
  };
}
