import { stat } from 'node:fs/promises';
import type { DurationMs } from '../model/units.ts';

export interface ConfigWatchOptions {
  /** The file as it was named: symlinks are followed anew at each look. */
  readonly file: string;
  /** Time between two looks; 2 s unless given. */
  readonly everyMs?: DurationMs;
  /** A changed file is looked at again after this long, and counts when it is the same then; 250 ms unless given. */
  readonly settleMs?: DurationMs;
}

const defaultEveryMs: DurationMs = 2_000;
const defaultSettleMs: DurationMs = 250;
/** Looks at a file that is not there before that is told: a replacement may take it away for a moment. */
const missesUntilTold = 5;

/**
 * Tells of changes of one file. It asks `stat` every few seconds instead of using the system's watchers: those hold on to an
 * inode, and miss a ConfigMap, which changes by a symlink two folders up, and files on network file systems. A file that is
 * gone is no change; that it is back, with other content or times, is one.
 */
export class ConfigWatch implements Disposable {
  readonly #options: ConfigWatchOptions;
  #known = '';
  #last = '';
  #misses = 0;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: ConfigWatchOptions) {
    this.#options = options;
  }

  /** The file is about to be read: as it is now it is no news any more. Never rejects. */
  async mark(): Promise<void> {
    this.#known = (await stampOf(this.#options.file)) ?? this.#known;
  }

  /** Calls `onChange` once for each change from `mark` on, never beside itself, and `onMissing` once each time the file stays away. */
  start(onChange: () => Promise<unknown>, onMissing: () => void): void {
    const look = (): void => {
      this.#looking = this.#look(onChange, onMissing).finally(() => {
        if (!this.#isClosed) this.#timer = setTimeout(look, this.#pauseMs()).unref();
      });
    };
    look();
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  /** The look that is under way has ended; for tests. */
  async idle(): Promise<void> {
    await this.#looking;
  }

  async #look(onChange: () => Promise<unknown>, onMissing: () => void): Promise<void> {
    const stamp = await stampOf(this.#options.file);
    if (stamp === undefined) {
      if (++this.#misses === missesUntilTold) onMissing();
      return;
    }
    this.#misses = 0;
    const isSettled = stamp === this.#last;
    this.#last = stamp;
    // A file that is being written is empty at first, and an empty configuration is a good one.
    if (stamp === this.#known || !isSettled || this.#isClosed) return;
    this.#known = stamp;
    await onChange().catch(() => undefined);
  }

  #pauseMs(): DurationMs {
    const { everyMs = defaultEveryMs, settleMs = defaultSettleMs } = this.#options;
    const isSettling = this.#misses === 0 && this.#last !== this.#known;
    return isSettling ? settleMs : everyMs;
  }
}

/** What a file is by its looks; undefined when it cannot be looked at. */
async function stampOf(file: string): Promise<string | undefined> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  } catch {
    return undefined;
  }
}
