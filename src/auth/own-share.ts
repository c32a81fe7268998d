import { LRUCache } from 'lru-cache';
import { second, type UnixMs } from '../model/units.ts';

export interface ShareBounds {
  readonly perSecond: number;
  /** So many may come at once after a quiet while. */
  readonly burst: number;
}

interface Share {
  left: number;
  countedMs: UnixMs;
}

/** Who is remembered; whoever was not seen for longest begins anew. */
const rememberedNames = 10_000;

/** What each may take of something that all share. */
export class OwnShare {
  readonly #bounds: ShareBounds;
  readonly #now: () => UnixMs;
  readonly #shares = new LRUCache<string, Share>({ max: rememberedNames });

  constructor(bounds: ShareBounds, now: () => UnixMs) {
    this.#bounds = bounds;
    this.#now = now;
  }

  /** Takes one; false when nothing of the share is left. A clock that is set back gives nothing, and takes nothing away. */
  take(name: string): boolean {
    const { perSecond, burst } = this.#bounds;
    const nowMs = this.#now();
    const share = this.#shares.get(name) ?? { left: burst, countedMs: nowMs };
    this.#shares.set(name, share);
    share.left = Math.min(burst, share.left + (Math.max(0, nowMs - share.countedMs) / second) * perSecond);
    share.countedMs = nowMs;
    if (share.left < 1) return false;
    share.left--;
    return true;
  }
}
