import type { UnixMs } from '../../../model/units.ts';
import type { FileRow } from '../catalogue/file-rows.ts';
import type { Chunk } from '../chunks/chunk.ts';
import { hourOf, type UnixHour } from '../files/data-dir.ts';
import { HeadScan } from '../heads/head-scan.ts';
import type { DetailReaders } from './detail-readers.ts';
import type { TimedProfile } from './standings.ts';

export interface SeriesProfilesOptions {
  readonly dataDir: string;
  readonly files: readonly FileRow[];
  readonly details: DetailReaders;
  /** Their detail is left out. */
  readonly damagedHours: ReadonlySet<UnixHour>;
}

/** Finds the profiles of a series wherever they count: in heads that are open or sealed, and in chunks. */
export class SeriesProfiles implements Disposable {
  readonly #dataDir: string;
  readonly #heads: ReadonlyMap<UnixHour, readonly FileRow[]>;
  /** Ids of heads whose chunks count, and the hours that they are of. */
  readonly #compacted: ReadonlySet<number>;
  readonly #compactedHours: ReadonlySet<UnixHour>;
  readonly #details: DetailReaders;
  readonly #damagedHours: ReadonlySet<UnixHour>;
  readonly #scans = new Map<number, HeadScan>();

  constructor({ dataDir, files, details, damagedHours }: SeriesProfilesOptions) {
    const heads = files.filter(({ kind }) => kind === 'head');
    const isRead = ({ state }: FileRow): boolean => state === 'open' || state === 'sealed';
    this.#dataDir = dataDir;
    this.#heads = Map.groupBy(heads.filter(isRead), ({ fromMs }) => hourOf(fromMs));
    const compacted = heads.filter(({ state }) => state === 'compacted');
    this.#compacted = new Set(compacted.map(({ id }) => id));
    this.#compactedHours = new Set(compacted.map(({ fromMs }) => hourOf(fromMs)));
    this.#details = details;
    this.#damagedHours = damagedHours;
  }

  /** The chunks of a series that count, carried ones too, in the hours `[from, to)`, by hour and first stamp. */
  chunks(series: number, from: UnixHour, to: UnixHour): Chunk[] {
    return this.#details
      .chunks([series], from, to)
      .filter(({ key }) => this.#compacted.has(key.head) && !this.#damagedHours.has(key.hour));
  }

  /** The series that have chunks that count in an hour, rising. */
  seriesIn(hour: UnixHour): number[] {
    return this.#details.seriesIn(hour, (head) => this.#compacted.has(head));
  }

  /** What is in heads of a series in the hours `[from, to)`, in order of time. */
  inHeads(series: number, from: UnixHour, to: UnixHour): TimedProfile[] {
    const times: TimedProfile[] = [];
    for (let hour = from; hour < to; hour++) {
      for (const scan of this.#scansOf(hour)) times.push(...scan.times(series));
    }
    return times;
  }

  /** The first stamp of a series after a moment, looked for up to an hour. */
  firstAfter(series: number, afterMs: UnixMs, lastHour: UnixHour): UnixMs | undefined {
    for (let hour = hourOf(afterMs); hour <= lastHour; hour++) {
      const stamps = [
        ...this.#scansOf(hour).map((scan) => scan.firstAfter(series, afterMs)),
        ...this.#own(series, hour).map(({ entries }) => entries.stampMs.find((stampMs) => stampMs > afterMs)),
      ].filter((stamp) => stamp !== undefined);
      if (stamps.length > 0) return Math.min(...stamps);
    }
    return undefined;
  }

  [Symbol.dispose](): void {
    for (const scan of this.#scans.values()) scan[Symbol.dispose]();
    this.#scans.clear();
  }

  #own(series: number, hour: UnixHour): Chunk[] {
    if (!this.#compactedHours.has(hour)) return [];
    return this.chunks(series, hour, hour + 1).filter(({ carried }) => !carried);
  }

  #scansOf(hour: UnixHour): HeadScan[] {
    if (this.#damagedHours.has(hour)) return [];
    return (this.#heads.get(hour) ?? []).map(({ id, name }) => {
      const scan = this.#scans.get(id) ?? new HeadScan(this.#dataDir, name, hour);
      this.#scans.set(id, scan);
      return scan;
    });
  }
}
