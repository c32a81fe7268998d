import { fileExists, headFileName, type UnixHour } from '../files/data-dir.ts';
import { HeadReader } from './head-reader.ts';

/** Head files open for reading, the least recently used closed over a bound. */
export class HeadReaders {
  readonly #dataDir: string;
  readonly #maxOpen: number;
  readonly #open = new Map<UnixHour, HeadReader>();

  constructor(dataDir: string, maxOpen: number) {
    this.#dataDir = dataDir;
    this.#maxOpen = maxOpen;
  }

  /**
   * The file of an hour, in a read transaction: as it is now until `release`. Undefined when retention has just removed it.
   */
  at(hour: UnixHour): HeadReader | undefined {
    const known = this.#open.get(hour) ?? this.#tryOpen(hour);
    if (!known) return undefined;
    this.#open.delete(hour);
    this.#open.set(hour, known);
    known.begin();
    return known;
  }

  /** Ends the read transactions: a question is answered. */
  release(): void {
    for (const head of this.#open.values()) head.end();
  }

  /** Closes files that are listed no more, and the least recently used over the bound. Between questions only. */
  closeIdle(listed: readonly UnixHour[]): void {
    const live = new Set(listed);
    for (const [hour, head] of this.#open) {
      if (live.has(hour) && this.#open.size <= this.#maxOpen) continue;
      head.close();
      this.#open.delete(hour);
    }
  }

  close(): void {
    for (const head of this.#open.values()) head.close();
    this.#open.clear();
  }

  #tryOpen(hour: UnixHour): HeadReader | undefined {
    try {
      return new HeadReader(this.#dataDir, hour);
    } catch (error) {
      if (!fileExists(this.#dataDir, headFileName(hour))) return undefined;
      throw error;
    }
  }
}
