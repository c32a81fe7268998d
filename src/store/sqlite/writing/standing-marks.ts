import { hour as hourMs, type UnixMs } from '../../../model/units.ts';
import { mostIntervals, processEnds, standingOf } from '../../standing.ts';
import type { CatalogueWriter } from '../catalogue/catalogue-writer.ts';
import type { ProcessTimes } from '../catalogue/series-rows.ts';
import { hourOf, type UnixHour } from '../files/data-dir.ts';
import type { HeadFiles } from '../heads/head-files.ts';
import type { NewestProfile } from './stored-profiles.ts';

/**
 * What stands in an hour is settled when the hour is sealed, but for three things: the end of a process, a next process in
 * its slot, and a next profile after a gap. Each may change the sums of hours that are added up already. Those are marked
 * in the transaction that makes the change, and compaction restates them.
 *
 *     sealed ──────────────┐
 *     P stands [10:59, 11:00)   … a next profile at 11:40  ⇒  P stands [10:59, 11:01:30): hours 10 and 11 are marked
 */
export class StandingMarks {
  readonly #catalogue: CatalogueWriter;
  readonly #heads: HeadFiles;
  readonly #pending = new Map<string, { readonly series: number; readonly hour: UnixHour }>();
  #seenList = -1;
  /** Hours of which something is sealed, oldest first. */
  #sealedHours: readonly UnixHour[] = [];
  /** Nothing that is sealed stands at this moment or after it, whatever comes. */
  #settledMs = Number.NEGATIVE_INFINITY;

  constructor(catalogue: CatalogueWriter, heads: HeadFiles) {
    this.#catalogue = catalogue;
    this.#heads = heads;
  }

  /** A profile is about to follow another one of its series. */
  follows(series: number, { stampMs, intervalMs, head }: NewestProfile, nextMs: UnixMs): void {
    if (this.#heads.isOpen(head)) return;
    const before = standingOf({ stampMs, intervalMs, nextMs: undefined, endMs: undefined }).to;
    const after = standingOf({ stampMs, intervalMs, nextMs, endMs: undefined }).to;
    this.#mark(series, 1000 * Math.min(before, after), 1000 * Math.max(before, after));
  }

  /**
   * Makes a change to a process that may move its end, or those of the processes beside it, to or from moments not before
   * `lowestMs`.
   */
  around<T>(process: { readonly identity: string; readonly slot: string }, lowestMs: UnixMs, change: () => T): T {
    this.#refresh();
    if (lowestMs >= this.#settledMs) return change();
    const before = this.#endsBeside(process);
    const result = change();
    for (const [id, end] of this.#endsBeside(process)) {
      // A process that was not there before has no profiles that are sealed.
      if (before.has(id)) this.#endMoved(id, before.get(id), end);
    }
    return result;
  }

  /**
   * Puts the marks into the catalogue's transaction, which is committed before that of a head whose profile they are for:
   * compaction waits for the head's lock before it takes them for done.
   */
  save(): void {
    if (this.#pending.size === 0) return;
    const { hours } = this.#catalogue;
    for (const { series, hour } of this.#pending.values()) hours.markStale(series, hour);
    for (const { hour } of this.#pending.values()) hours.unroll(hour, hour);
    this.#catalogue.raiseLayout();
    this.forget();
  }

  forget(): void {
    this.#pending.clear();
  }

  #endsBeside(process: { readonly identity: string; readonly slot: string }): Map<number, UnixMs | undefined> {
    const processes = this.#catalogue.series.processesBeside(process);
    const ends = processEnds(processes);
    return new Map(processes.map(({ id }: ProcessTimes, at) => [id, ends[at]]));
  }

  #endMoved(process: number, from: UnixMs | undefined, to: UnixMs | undefined): void {
    if (from === to) return;
    const lowest = Math.min(from ?? Infinity, to ?? Infinity);
    const highest = Math.max(from ?? Infinity, to ?? Infinity);
    for (const { id, firstHour, lastHour, longestIntervalMs } of this.#catalogue.series.ofProcess(process)) {
      const sealed = this.#sealedHours.findLast((hour) => hour <= lastHour);
      if (sealed === undefined) continue;
      const standsUntil = (sealed + 1) * hourMs + mostIntervals * longestIntervalMs;
      this.#mark(id, Math.max(lowest, firstHour * hourMs), Math.min(highest, standsUntil));
    }
  }

  /** What stands in `[fromMs, toMs)` may have changed. Hours of which only roll-ups are left stay as they are. */
  #mark(series: number, fromMs: UnixMs, toMs: UnixMs): void {
    if (fromMs >= toMs) return;
    for (let hour = hourOf(fromMs); hour * hourMs < toMs; hour++) {
      if (!this.#catalogue.hours.isExpired(hour, hour)) this.#pending.set(`${series} ${hour}`, { series, hour });
    }
  }

  #refresh(): void {
    if (this.#heads.listed === this.#seenList) return;
    this.#seenList = this.#heads.listed;
    this.#sealedHours = this.#heads.sealedHours();
    const newest = this.#sealedHours.at(-1);
    this.#settledMs =
      newest === undefined
        ? Number.NEGATIVE_INFINITY
        : (newest + 1) * hourMs + mostIntervals * this.#catalogue.series.longestIntervalUntil(newest);
  }
}
