import { join } from 'node:path';
import type { FileRow } from '../catalogue/file-rows.ts';
import type { Chunk } from '../chunks/chunk.ts';
import { DetailReader } from '../chunks/detail-file.ts';
import { hourOf, type UnixHour } from '../files/data-dir.ts';
import { fileOf } from './detail-files.ts';

/** Chunks as they are committed, for reading beside `DetailFiles`. */
export class DetailReaders implements Disposable {
  readonly #dataDir: string;
  readonly #files: readonly FileRow[];
  readonly #open = new Map<number, DetailReader>();

  constructor(dataDir: string, files: readonly FileRow[]) {
    this.#dataDir = dataDir;
    this.#files = files.filter(({ kind }) => kind === 'detail');
  }

  /** The chunks of some series in the hours `[from, to)`, whether they count or not, by hour and first stamp for each series. */
  chunks(series: readonly number[], from: UnixHour, to: UnixHour): Chunk[] {
    const ids = JSON.stringify(series);
    return this.#files.flatMap((file) => {
      const [first, end] = [Math.max(from, hourOf(file.fromMs)), Math.min(to, hourOf(file.toMs))];
      return first < end ? this.#reader(file).chunks(ids, first, end) : [];
    });
  }

  /** Whether there is a file for the chunks of an hour. */
  cover(hour: UnixHour): boolean {
    return fileOf(this.#files, hour) !== undefined;
  }

  /** The series of chunks in an hour, rising. */
  seriesIn(hour: UnixHour, counts: (head: number) => boolean): number[] {
    const file = fileOf(this.#files, hour);
    const keys = file ? this.#reader(file).keys(hour, hour + 1) : [];
    return [...new Set(keys.flatMap(({ series, head }) => (counts(head) ? series : [])))];
  }

  [Symbol.dispose](): void {
    for (const reader of this.#open.values()) reader.close();
    this.#open.clear();
  }

  #reader(file: FileRow): DetailReader {
    const known = this.#open.get(file.id) ?? new DetailReader(join(this.#dataDir, file.name));
    this.#open.set(file.id, known);
    return known;
  }
}
