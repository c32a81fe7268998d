import { type SeriesIdentity, seriesKey } from '../../../model/series.ts';
import type { ProfileRecord } from '../../profile-store.ts';
import type { SeriesRow, SeriesRows } from '../catalogue/series-rows.ts';
import { hourOf } from '../files/data-dir.ts';
import { encodeSeriesShape } from '../heads/shape.ts';
import type { StandingMarks } from './standing-marks.ts';
import type { NewestProfile, StoredProfiles } from './stored-profiles.ts';

/** Series remembered at most, a kilobyte each; past that, those are read again that had no profile for the longest time. */
const maxRemembered = 25_000;

export interface OpenSeries {
  readonly row: SeriesRow;
  newest: NewestProfile | undefined;
  /** The shape of the profile before, as its head file has it. */
  headShape: string;
}

/** The series that were met since the start, each with its row and its newest profile. */
export class KnownSeries {
  readonly #rows: SeriesRows;
  readonly #stored: StoredProfiles;
  readonly #marks: StandingMarks;
  readonly #known = new Map<string, OpenSeries>();

  constructor(rows: SeriesRows, stored: StoredProfiles, marks: StandingMarks) {
    this.#rows = rows;
    this.#stored = stored;
    this.#marks = marks;
  }

  find(identity: SeriesIdentity): OpenSeries | undefined {
    const key = seriesKey(identity);
    const known = this.#known.get(key);
    if (known) return this.#remember(key, known);
    const row = this.#rows.find(identity);
    return row && this.#remember(key, { row, newest: this.#stored.newest(row), headShape: '' });
  }

  /** Adds a series, with its process when that is new; inside a transaction of the catalogue. */
  add({ series, stampMs, types, header, intervalMs }: ProfileRecord, shape: string): OpenSeries {
    const outline = encodeSeriesShape(types, header.periodType);
    const add = (): SeriesRow => this.#rows.add(series, stampMs, hourOf(stampMs), outline, intervalMs);
    const { id, slot } = series.process;
    const isNewProcess = this.#rows.process(id) === undefined;
    const row = isNewProcess ? this.#marks.around({ identity: id, slot }, stampMs, add) : add();
    return this.#remember(seriesKey(series), { row, newest: undefined, headShape: shape });
  }

  /** Brings the rows of a series and its process up to date with a profile; nothing to write for most. */
  touch(open: OpenSeries, record: ProfileRecord, shape: string): void {
    const { row } = open;
    const hour = hourOf(record.stampMs);
    const isOutside = hour < row.firstHour || hour > row.lastHour || record.intervalMs > row.longestIntervalMs;
    const outline = open.headShape === shape ? row.shape : encodeSeriesShape(record.types, record.header.periodType);
    open.headShape = shape;
    if (isOutside || outline !== row.shape) {
      row.shape = outline;
      row.firstHour = Math.min(row.firstHour, hour);
      row.lastHour = Math.max(row.lastHour, hour);
      row.longestIntervalMs = Math.max(row.longestIntervalMs, record.intervalMs);
      this.#rows.save(row);
    }
    this.#touchProcess(open, record);
  }

  /** Drops series that are no more. */
  drop(isGone: (row: SeriesRow) => boolean): void {
    for (const [key, { row }] of this.#known) if (isGone(row)) this.#known.delete(key);
  }

  forget(): void {
    this.#known.clear();
  }

  /** A process that sends a profile more than an interval after its end is alive again. */
  #touchProcess({ row: { process } }: OpenSeries, { series, stampMs, intervalMs }: ProfileRecord): void {
    const startedMs = process.startedMs ?? series.process.startedMs;
    const build = process.build ?? series.process.build;
    const { endedMs } = process;
    const livesOn = endedMs !== undefined && stampMs > endedMs + intervalMs;
    const isKnown = startedMs === process.startedMs && build === process.build;
    if (stampMs >= process.firstMs && isKnown && !livesOn) return;
    const lowestMs = livesOn ? Math.min(stampMs, endedMs) : stampMs;
    this.#marks.around({ identity: series.process.id, slot: process.slot }, lowestMs, () => {
      process.firstMs = Math.min(process.firstMs, stampMs);
      process.startedMs = startedMs;
      process.build = build;
      if (livesOn) process.endedMs = undefined;
      this.#rows.saveProcess(process);
    });
  }

  #remember(key: string, series: OpenSeries): OpenSeries {
    this.#known.delete(key);
    this.#known.set(key, series);
    const [oldest] = this.#known.keys();
    if (this.#known.size > maxRemembered && oldest !== undefined) this.#known.delete(oldest);
    return series;
  }
}
