import { formatByteSize } from '../model/byte-size.ts';
import { type Bytes, type DurationMs, day, type UnixMs } from '../model/units.ts';
import type { Logger } from '../observe/logger.ts';
import type { GrowthStore } from '../store/growth-store.ts';

/** `state.db` counts towards `storage.maxBytes`, which removes profiles and nothing of it: floors give way at this share. */
export const floorShare = 0.25;
/** Floors so young are kept whatever they take: the detector looks back a week. */
export const leastKeptMs: DurationMs = 8 * day;

export interface FloorRetentionOptions {
  readonly retentionMs: DurationMs;
  /** `storage.maxBytes`. */
  readonly maxBytes: Bytes;
  readonly usedBytes: () => Bytes;
  /** One step, as the store has it: true when there is more to do. */
  readonly prune: (...ages: Parameters<GrowthStore['prune']>) => boolean | Promise<boolean>;
  /** Between steps; true when the rest is to be left for another time. */
  readonly rest: () => Promise<boolean>;
  readonly logger: Logger;
  readonly now: () => UnixMs;
}

/** How long floors are kept: `growth.retention`, and a day less at a time for as long as they take too much. */
export class FloorRetention {
  readonly #options: FloorRetentionOptions;
  #keptMs: DurationMs;

  constructor(options: FloorRetentionOptions) {
    this.#options = options;
    this.#keptMs = options.retentionMs;
  }

  /** Above that age they are removed now. */
  get keptMs(): DurationMs {
    return this.#keptMs;
  }

  async run(): Promise<void> {
    const { retentionMs, maxBytes, usedBytes, logger } = this.#options;
    const most = floorShare * maxBytes;
    const before = this.#keptMs;
    // Half, so that what is given back is not taken away with the next run.
    if (usedBytes() < most / 2) this.#keptMs = Math.min(retentionMs, this.#keptMs + day);
    const least = Math.min(retentionMs, leastKeptMs);
    for (let isDone = await this.#prune(); isDone && usedBytes() > most && this.#keptMs > least; ) {
      this.#keptMs = Math.max(least, this.#keptMs - day);
      isDone = await this.#prune();
    }
    if (this.#keptMs >= before) return;
    logger.warn(
      `floors are kept for ${this.#keptMs / day} days only: state.db may take a quarter of storage.maxBytes, ${formatByteSize(most)}`,
      { hint: 'raise storage.maxBytes, or lower growth.retention, growth.functions or growth.maxSeries' },
    );
  }

  /** False when it was to stop. */
  async #prune(): Promise<boolean> {
    const { prune, rest, now, retentionMs } = this.#options;
    for (;;) {
      const nowMs = now();
      const isMore = await prune(nowMs - this.#keptMs, nowMs - retentionMs);
      if (await rest()) return false;
      if (!isMore) return true;
    }
  }
}
