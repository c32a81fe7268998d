import type { UnixHour } from '../files/data-dir.ts';

/** An epoch is looked at when it is this old, and again after as long. */
const checkEveryHours = 7 * 24;
/** Which stacks are still met is watched for a day: load, cron jobs and scrapes of every kind come round. */
const watchHours = 24;
/** An epoch of which less is still met is worn out. */
const leastInUse = 0.5;

/**
 * Tells when an epoch has grown old: most of its stacks are of builds that are gone. Symbols can only go with a whole epoch,
 * and a new one costs every stack that is still met once more: so neither age alone nor growth alone ends one.
 *
 *     first profile        7 days          8 days
 *     ├───────────────────────┼─ watched ─────┤ less than half of the stacks met: a new epoch; else another 7 days
 *
 * Time is that of the profiles, so that neither an import nor a clock that jumps wears an epoch out. What was watched is
 * forgotten at a restart, and watched again.
 */
export class EpochWear {
  #checkHour: UnixHour;
  #watch: { readonly since: UnixHour; met: number; isMet: Uint8Array } | undefined;

  constructor(firstHour: UnixHour) {
    this.#checkHour = firstHour + checkEveryHours;
  }

  /** Whether a profile of an hour should begin a new epoch instead of joining one with so many stacks. */
  isWornOut(hour: UnixHour, stacks: number): boolean {
    if (hour < this.#checkHour) return false;
    this.#watch ??= { since: hour, met: 0, isMet: new Uint8Array(stacks) };
    if (hour - this.#watch.since < watchHours) return false;
    const isWornOut = this.#watch.met < leastInUse * stacks;
    this.#watch = undefined;
    this.#checkHour = hour + checkEveryHours;
    return isWornOut;
  }

  /** The stacks of a profile. */
  note(ids: Int32Array, count: number): void {
    const watch = this.#watch;
    if (!watch) return;
    for (let row = 0; row < count; row++) {
      const id = ids[row] as number;
      if (id >= watch.isMet.length) watch.isMet = longer(watch.isMet, id);
      if (watch.isMet[id] === 1) continue;
      watch.isMet[id] = 1;
      watch.met++;
    }
  }
}

function longer(isMet: Uint8Array, id: number): Uint8Array {
  const larger = new Uint8Array(Math.max(2 * isMet.length, id + 1));
  larger.set(isMet);
  return larger;
}
