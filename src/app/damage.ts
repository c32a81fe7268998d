import { messageOf } from '../model/errors.ts';
import { formatTime } from '../model/time.ts';
import type { UnixMs } from '../model/units.ts';
import type { Logger } from '../observe/logger.ts';
import type { DamagedHour } from '../store/profile-store.ts';

/** What one reader finds damaged, all leave out from then on, also after a restart. Each hour is told of once. */
export function quarantineIn(
  store: { quarantine(hourMs: UnixMs, because: string): Promise<void> },
  logger: Logger,
): (damage: readonly DamagedHour[]) => void {
  const told = new Set<UnixMs>();
  return (damage) => {
    for (const { hourMs, because } of damage) {
      if (told.has(hourMs)) continue;
      told.add(hourMs);
      logger.error(`stored profiles of the hour from ${formatTime(hourMs)} are damaged and left out: ${because}`);
      store.quarantine(hourMs, because).catch((error: unknown) => {
        logger.error(`the damaged hour was not marked: ${messageOf(error)}`);
      });
    }
  };
}
