import { type DurationMs, minute, type UnixMs } from '../model/units.ts';

/** What ingest counts, since it began. */
export type Counts = Readonly<Record<'stored' | 'refused' | 'dropped', number>>;

/** What was counted minute by minute, oldest first; `time` is when each began. */
export interface CountsByMinute {
  readonly stepMs: DurationMs;
  readonly time: readonly UnixMs[];
  readonly stored: readonly number[];
  readonly refused: readonly number[];
  readonly dropped: readonly number[];
}

/** Minutes that are told. */
const mostMinutes = 15;

type Sums = Record<keyof Counts, number>;

/** Counters over the last minutes, as they are read now and then. A minute is there from the first reading in it. */
export class RecentCounts {
  readonly #minutes = new Map<number, Sums>();
  #last: { readonly atMs: UnixMs; readonly counts: Counts } | undefined;

  read(counts: Counts, atMs: UnixMs): void {
    const last = this.#last;
    this.#last = { atMs, counts };
    // Counted anew from the start, or a clock that was set back: nothing can be said of the time between.
    if (!last || counts.stored < last.counts.stored || atMs < last.atMs) return;
    // What was counted between two readings is the minute's in which most of the time between them lies.
    const number = Math.floor((last.atMs + atMs) / 2 / minute);
    const sums = this.#minutes.get(number) ?? { stored: 0, refused: 0, dropped: 0 };
    for (const name of ['stored', 'refused', 'dropped'] as const) sums[name] += counts[name] - last.counts[name];
    this.#minutes.set(number, sums);
    for (const known of this.#minutes.keys()) if (known <= number - mostMinutes) this.#minutes.delete(known);
  }

  byMinute(): CountsByMinute {
    const minutes = [...this.#minutes].sort(([a], [b]) => a - b);
    return {
      stepMs: minute,
      time: minutes.map(([number]) => number * minute),
      stored: minutes.map(([, { stored }]) => stored),
      refused: minutes.map(([, { refused }]) => refused),
      dropped: minutes.map(([, { dropped }]) => dropped),
    };
  }
}
