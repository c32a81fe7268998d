import type { CatalogueWriter } from '../catalogue/catalogue-writer.ts';
import {
  bytesOfFile,
  fileExists,
  headFileName,
  headFilesIn,
  hourOfHeadFile,
  removeFile,
  type UnixHour,
} from '../files/data-dir.ts';
import type { Synchronous } from '../files/database.ts';
import { HeadWriter } from './head-writer.ts';

/** Head files kept open between appends: the hour being written, the one before it, one for late profiles. */
const maxOpenHeads = 3;

/** The head files of a data directory, as the writer sees them. */
export class HeadFiles {
  readonly #dataDir: string;
  readonly #synchronous: Synchronous;
  readonly #catalogue: CatalogueWriter;
  readonly #hours: Set<UnixHour>;
  readonly #open = new Map<UnixHour, HeadWriter>();

  constructor(dataDir: string, synchronous: Synchronous, catalogue: CatalogueWriter) {
    this.#dataDir = dataDir;
    this.#synchronous = synchronous;
    this.#catalogue = catalogue;
    this.#recover();
    this.#hours = new Set(catalogue.headHours('open'));
  }

  /** The hours that have a file, oldest first. */
  hours(): UnixHour[] {
    return [...this.#hours].sort((a, b) => a - b);
  }

  /** The file of an hour, made and listed when there is none; inside a transaction of the catalogue. */
  forWriting(hour: UnixHour): HeadWriter {
    if (!this.#hours.has(hour)) {
      this.#catalogue.addHeadFile(hour);
      this.#hours.add(hour);
    }
    return this.#opened(hour);
  }

  /** The file of an hour, or undefined when there is none. */
  existing(hour: UnixHour): HeadWriter | undefined {
    return this.#hours.has(hour) ? this.#opened(hour) : undefined;
  }

  commit(): void {
    for (const head of this.#open.values()) head.commit();
    this.#closeIdle();
  }

  /** Undoes what is not committed and closes everything. */
  rollback(): void {
    for (const head of this.#open.values()) head.rollback();
    this.close();
    this.#hours.clear();
    for (const hour of this.#catalogue.headHours('open')) this.#hours.add(hour);
  }

  bytes(hour: UnixHour): number {
    return bytesOfFile(this.#dataDir, headFileName(hour));
  }

  /** Removes the files of some hours: first from the catalogue, so that no reader opens them any more. */
  remove(hours: readonly UnixHour[]): void {
    this.#catalogue.begin();
    for (const hour of hours) this.#catalogue.markRemoved(hour);
    this.#catalogue.commit();
    for (const hour of hours) {
      this.#open.get(hour)?.close();
      this.#open.delete(hour);
      this.#hours.delete(hour);
    }
    this.#unlinkRemoved();
  }

  close(): void {
    for (const head of this.#open.values()) head.close();
    this.#open.clear();
  }

  #opened(hour: UnixHour): HeadWriter {
    const head = this.#open.get(hour) ?? new HeadWriter(this.#dataDir, hour, this.#synchronous);
    this.#open.delete(hour);
    this.#open.set(hour, head);
    return head;
  }

  #closeIdle(): void {
    for (const [hour, head] of this.#open) {
      if (this.#open.size <= maxOpenHeads) return;
      head.close();
      this.#open.delete(hour);
    }
  }

  /** After a crash: finishes removals, lists files that were made but not yet listed, unlists those that are gone. */
  #recover(): void {
    this.#unlinkRemoved();
    const listed = new Set(this.#catalogue.headHours('open'));
    this.#catalogue.begin();
    for (const name of headFilesIn(this.#dataDir)) {
      const hour = hourOfHeadFile(name);
      if (hour === undefined || listed.has(hour)) continue;
      // Opening it for writing completes a file that was cut off while it was made.
      new HeadWriter(this.#dataDir, hour, this.#synchronous).close();
      this.#catalogue.addHeadFile(hour);
    }
    for (const hour of listed) if (!fileExists(this.#dataDir, headFileName(hour))) this.#catalogue.forgetFile(hour);
    this.#catalogue.commit();
  }

  #unlinkRemoved(): void {
    const removed = this.#catalogue.headHours('removed');
    if (removed.length === 0) return;
    for (const hour of removed) removeFile(this.#dataDir, headFileName(hour));
    this.#catalogue.begin();
    for (const hour of removed) this.#catalogue.forgetFile(hour);
    this.#catalogue.commit();
  }
}
