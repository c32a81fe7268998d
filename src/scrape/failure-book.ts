import type { FailedScrape } from '../model/asked-process.ts';
import { cleanMessage } from '../model/clean-text.ts';
import type { Target } from '../model/target.ts';
import type { UnixMs } from '../model/units.ts';

export interface FailureBounds {
  /** Failed scrapes of one source; of more the oldest are forgotten. */
  readonly perSource: number;
  /** Sources of which any are kept; of more the one that failed longest ago is forgotten whole. */
  readonly sources: number;
}

/** Some 25 MB where each source fails all the time. An hour of failures of one kind each 15 s is 240. */
export const defaultFailureBounds: FailureBounds = { perSource: 240, sources: 2000 };

/** In bytes; targets and proxies may say anything. */
const longestMessage = 400;

export interface SourceFailures {
  readonly target: Target;
  /** In order of time. */
  readonly failures: readonly FailedScrape[];
  /** What was before is forgotten. */
  readonly fromMs: UnixMs;
}

interface Kept {
  target: Target;
  failures: FailedScrape[];
  fromMs: UnixMs;
}

/** The failed scrapes of late, by source; also of sources that are gone. */
export class FailureBook {
  readonly #bounds: FailureBounds;
  /** All failures since are kept, of sources that have none here. */
  #sinceMs: UnixMs;
  /** In the order in which they failed last. */
  readonly #sources = new Map<string, Kept>();
  /** How many failures were forgotten for the bounds. */
  forgotten = 0;

  constructor(bounds: FailureBounds, sinceMs: UnixMs) {
    this.#bounds = bounds;
    this.#sinceMs = sinceMs;
  }

  note(target: Target, failure: FailedScrape): void {
    const kept = this.#sources.get(target.source) ?? { target, failures: [], fromMs: this.#sinceMs };
    kept.target = target;
    kept.failures.push(sharingMessage(failure, kept.failures.at(-1)));
    this.#sources.delete(target.source);
    this.#sources.set(target.source, kept);
    const { perSource, sources } = this.#bounds;
    if (kept.failures.length > perSource) this.#forgetSome(kept);
    const [oldest] = this.#sources;
    if (this.#sources.size > sources && oldest) {
      this.#sources.delete(oldest[0]);
      this.#sinceMs = Math.max(this.#sinceMs, (oldest[1].failures.at(-1)?.atMs ?? 0) + 1);
      this.forgotten += oldest[1].failures.length;
    }
  }

  /** Of a source that has not failed, too. */
  of(target: Target): SourceFailures {
    return this.#sources.get(target.source) ?? { target, failures: [], fromMs: this.#sinceMs };
  }

  all(): Iterable<SourceFailures> {
    return this.#sources.values();
  }

  /** A tenth at once, so that not each further one moves all. */
  #forgetSome(kept: Kept): void {
    const gone = kept.failures.splice(0, Math.max(1, Math.floor(this.#bounds.perSource / 10)));
    kept.fromMs = (gone.at(-1)?.atMs ?? kept.fromMs) + 1;
    this.forgotten += gone.length;
  }
}

/** Where a source fails again and again, one text is kept of it. */
function sharingMessage(failure: FailedScrape, last: FailedScrape | undefined): FailedScrape {
  const message = cleanMessage(failure.message, longestMessage);
  return { ...failure, message: last?.message === message ? last.message : message };
}
