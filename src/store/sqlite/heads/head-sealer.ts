import { hour as hourMs, type UnixMs } from '../../../model/units.ts';
import { hourOf, type UnixHour } from '../files/data-dir.ts';
import type { Head } from './head-files.ts';
import { quietMs } from './sealing.ts';

interface Watched {
  readonly sinceMs: UnixMs;
  quietSinceMs: UnixMs;
}

/**
 * Decides which heads are to be sealed: those of their own hour once that is late enough; late ones when nothing came for
 * a while, or at the next hour, so that a long import makes few files.
 */
export class HeadSealer {
  readonly #late = new Map<number, Watched>();

  /** `written`: ids of the heads that were written to since the last call. */
  due(
    heads: readonly Head[],
    written: ReadonlySet<number>,
    nowMs: UnixMs,
    sealTimeOf: (hour: UnixHour) => UnixMs,
  ): Head[] {
    const open = heads.filter(({ isOpen }) => isOpen);
    const ids = new Set(open.map(({ id }) => id));
    for (const id of this.#late.keys()) if (!ids.has(id)) this.#late.delete(id);
    return open.filter((head) => {
      const isOver = nowMs >= (head.hour + 1) * hourMs && nowMs >= sealTimeOf(head.hour);
      return isOver && (!head.isLate || this.#isQuiet(head.id, written.has(head.id), nowMs));
    });
  }

  #isQuiet(id: number, isWritten: boolean, nowMs: UnixMs): boolean {
    const watched = this.#late.get(id) ?? { sinceMs: nowMs, quietSinceMs: nowMs };
    this.#late.set(id, watched);
    // A clock that was set back begins anew.
    if (isWritten || nowMs < watched.quietSinceMs) watched.quietSinceMs = nowMs;
    return nowMs - watched.quietSinceMs >= quietMs || hourOf(nowMs) > hourOf(watched.sinceMs);
  }
}
