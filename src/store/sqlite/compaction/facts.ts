import type { UnixMs } from '../../../model/units.ts';
import type { CatalogueReader } from '../catalogue/catalogue-reader.ts';
import type { FileRow } from '../catalogue/file-rows.ts';
import { reachOf } from '../heads/sealing.ts';
import { DetailReaders } from './detail-readers.ts';
import type { Run } from './run.ts';
import { SeriesProfiles } from './series-profiles.ts';

/** The facts as they are now. */
export class Facts implements Disposable {
  readonly files: readonly FileRow[];
  readonly details: DetailReaders;
  readonly profiles: SeriesProfiles;
  readonly #known: CatalogueReader;
  readonly #ends = new Map<number, UnixMs | undefined>();

  constructor({ settings: { dataDir }, catalogue, known, waiting: { damagedHours } }: Run) {
    this.files = catalogue.files();
    this.details = new DetailReaders(dataDir, this.files);
    this.profiles = new SeriesProfiles({ dataDir, files: this.files, details: this.details, damagedHours });
    this.#known = known;
  }

  /** When the process of a series was over. */
  endOf(series: number): UnixMs | undefined {
    const process = this.#known.series(series)?.process;
    return process === undefined ? undefined : this.#known.endOf(process, this.#ends);
  }

  /** Into how many hours after its own a snapshot of a series may stand. */
  reachOf(series: number): number {
    return reachOf(this.#known.series(series)?.longestIntervalMs ?? 0);
  }

  /** The first stamp of a series after a moment. */
  nextAfter(series: number, stampMs: UnixMs): UnixMs | undefined {
    const lastHour = this.#known.series(series)?.lastHour;
    return lastHour === undefined ? undefined : this.profiles.firstAfter(series, stampMs, lastHour);
  }

  [Symbol.dispose](): void {
    this.profiles[Symbol.dispose]();
    this.details[Symbol.dispose]();
  }
}
