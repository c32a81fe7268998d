import type { SeriesIdentity } from '../model/series.ts';
import type { UnixMs } from '../model/units.ts';
import type { ProfileWriter } from '../store/profile-store.ts';

/** Series whose newest profile is remembered, and partitions whose last look is; the rest is asked of the store again. */
const maxRemembered = 25_000;

/** The newest profile of a series, pending ones included. */
export interface SeriesHead {
  readonly stampMs: UnixMs | undefined;
  readonly contentHash: string;
  /** How many profiles of it this run has seen. */
  readonly profiles: number;
}

/** What came last: by series, and by partition as of the start of this run. */
export class SeriesHeads {
  readonly #writer: ProfileWriter;
  readonly #heads = new Map<string, SeriesHead>();
  readonly #lastLooks = new Map<string, { readonly stampMs: UnixMs | undefined }>();

  constructor(writer: ProfileWriter) {
    this.#writer = writer;
  }

  /** By the series' key. */
  head(key: string, series: SeriesIdentity): SeriesHead {
    const known = this.#heads.get(key);
    if (known) return known;
    const newest = this.#writer.newest(series);
    const head = { stampMs: newest?.stampMs, contentHash: newest?.contentHash ?? '', profiles: 0 };
    remember(this.#heads, key, head);
    return head;
  }

  advance(key: string, stampMs: UnixMs, contentHash: string, profiles: number): void {
    remember(this.#heads, key, { stampMs, contentHash, profiles });
  }

  forget(key: string): void {
    this.#heads.delete(key);
  }

  /**
   * Our last look at a partition before this run's first profile of it, or undefined. It stays as it was, so that a process
   * that started in between counts from zero however late it is first reached.
   */
  lookBeforeThisRun(partition: string): UnixMs | undefined {
    let look = this.#lastLooks.get(partition);
    if (!look) {
      look = { stampMs: this.#writer.lastLook(partition) };
      remember(this.#lastLooks, partition, look);
    }
    return look.stampMs;
  }
}

/** As the newest entry; the oldest goes when there are too many. */
function remember<Value>(entries: Map<string, Value>, key: string, value: Value): void {
  entries.delete(key);
  entries.set(key, value);
  if (entries.size <= maxRemembered) return;
  const [oldest] = entries.keys();
  if (oldest !== undefined) entries.delete(oldest);
}
