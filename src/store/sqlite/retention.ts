import { type Bytes, hour as hourMs, type UnixMs } from '../../model/units.ts';
import type { UnixHour } from './files/data-dir.ts';

export interface HeldFile {
  readonly hour: UnixHour;
  readonly bytes: Bytes;
}

/**
 * The hours to remove, oldest first: those that ended before `oldestMs` (undefined: age removes nothing), then as many as
 * bring `totalBytes` under `maxBytes`. The hour being written stays, whatever its size.
 */
export function hoursToRemove(
  files: readonly HeldFile[],
  limits: { readonly oldestMs: UnixMs | undefined; readonly totalBytes: Bytes; readonly maxBytes: Bytes },
  writing: UnixHour,
): UnixHour[] {
  const removed: UnixHour[] = [];
  let bytes = limits.totalBytes;
  for (const file of [...files].sort((a, b) => a.hour - b.hour)) {
    if (file.hour >= writing) break;
    const isOld = limits.oldestMs !== undefined && (file.hour + 1) * hourMs <= limits.oldestMs;
    if (!isOld && bytes <= limits.maxBytes) break;
    removed.push(file.hour);
    bytes -= file.bytes;
  }
  return removed;
}
