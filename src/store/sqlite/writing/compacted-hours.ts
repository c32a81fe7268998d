import { join } from 'node:path';
import { hour as hourMs } from '../../../model/units.ts';
import type { FileRows } from '../catalogue/file-rows.ts';
import type { Chunk } from '../chunks/chunk.ts';
import { DetailReader } from '../chunks/detail-file.ts';
import { DamagedData } from '../files/damage.ts';
import { fileExists, hourOf, type UnixHour } from '../files/data-dir.ts';
import type { HeadFiles } from '../heads/head-files.ts';

/** Detail files kept open: their pages lie in the file system's cache, and opening one takes a fraction of a millisecond. */
const maxOpen = 2;

/** The hours of which heads are compacted: their profiles are read from chunks. What is damaged is left out and noted. */
export class CompactedHours {
  readonly #dataDir: string;
  readonly #files: FileRows;
  readonly #heads: HeadFiles;
  readonly #open = new Map<string, DetailReader>();
  readonly #fileOf = new Map<UnixHour, string>();
  #compacted: ReadonlySet<number> = new Set();
  #hours: readonly UnixHour[] = [];
  #seenList = -1;
  readonly #damage = new Map<UnixHour, string>();

  constructor(dataDir: string, files: FileRows, heads: HeadFiles) {
    this.#dataDir = dataDir;
    this.#files = files;
    this.#heads = heads;
  }

  /** Oldest first. */
  hours(): readonly UnixHour[] {
    this.#refresh();
    return this.#hours;
  }

  /** The chunks of some series in an hour that hold profiles of it, or of all series; each counts once. */
  chunks(hour: UnixHour, series: readonly number[] | 'all'): Chunk[] {
    this.#refresh();
    const file = this.#fileOf.get(hour);
    if (file === undefined) return [];
    const all = this.#reading(hour, () => {
      const detail = this.#opened(file);
      const ids = series === 'all' ? detail.keys(hour, hour + 1).map((key) => key.series) : series;
      return detail.chunks(JSON.stringify([...new Set(ids)]), hour, hour + 1);
    });
    return (all ?? []).filter(({ carried, key }) => !carried && this.#compacted.has(key.head));
  }

  /** Reads from the chunks of an hour; undefined where the hour is damaged. */
  #reading<T>(hour: UnixHour, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof DamagedData)) throw error;
      this.#damage.set(hour, error.message);
      return undefined;
    }
  }

  /** What was found damaged since the last call: hours, and why. */
  takeDamage(): ReadonlyMap<UnixHour, string> {
    const damage = new Map(this.#damage);
    this.#damage.clear();
    return damage;
  }

  /** Lets go of all files. */
  close(): void {
    for (const detail of this.#open.values()) detail.close();
    this.#open.clear();
  }

  #opened(name: string): DetailReader {
    const known = this.#open.get(name);
    if (known) return known;
    for (const [other, detail] of this.#open) {
      if (this.#open.size < maxOpen) break;
      detail.close();
      this.#open.delete(other);
    }
    const opened = new DetailReader(join(this.#dataDir, name));
    this.#open.set(name, opened);
    return opened;
  }

  #refresh(): void {
    if (this.#heads.listed === this.#seenList) return;
    this.#seenList = this.#heads.listed;
    this.close();
    this.#fileOf.clear();
    for (const { name, state, fromMs, toMs } of this.#files.ofKind('detail')) {
      if (state === 'removed' || !fileExists(this.#dataDir, name)) continue;
      for (let hour = hourOf(fromMs); hour * hourMs < toMs; hour++) this.#fileOf.set(hour, name);
    }
    const heads = this.#heads.compacted;
    this.#compacted = new Set(heads.map(({ id }) => id));
    this.#hours = [...new Set(heads.map(({ fromMs }) => hourOf(fromMs)))].filter((hour) => this.#fileOf.has(hour));
  }
}
