import type { Ingest } from '../ingest/messages.ts';
import type { Target } from '../model/target.ts';
import { second } from '../model/units.ts';
import type { BootProfile } from '../observe/boot-profile.ts';
import type { Logger } from '../observe/logger.ts';

/** Stores what starting took as the first CPU profile of the daemon's own target, before that is scraped. */
export async function storeBootProfile(boot: BootProfile, own: Target, ingest: Ingest, logger: Logger): Promise<void> {
  const bytes = boot.stop();
  if (!bytes) return;
  const outcome = await ingest.submit({
    source: own.source,
    labels: own.labels,
    process: own.process,
    kind: 'cpu',
    bytes,
    stampMs: boot.startedMs,
    intervalMs: second,
    origin: 'scrape',
    firstKnownMs: boot.startedMs,
    asDelta: false,
    endedMs: undefined,
  });
  if (outcome.kind === 'refused') logger.warn(`the profile of the start was refused: ${outcome.error.message}`);
}
