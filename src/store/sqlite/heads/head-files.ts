import type { DurationMs, UnixMs } from '../../../model/units.ts';
import type { CatalogueWriter } from '../catalogue/catalogue-writer.ts';
import type { FileRow } from '../catalogue/file-rows.ts';
import { DamagedData, namingDamage } from '../files/damage.ts';
import { fileExists, headFilesIn, hourOf, parseHeadFileName, removeFile, type UnixHour } from '../files/data-dir.ts';
import type { Synchronous } from '../files/database.ts';
import { type HeadRow, HeadWriter } from './head-writer.ts';
import { reachOf, sealTimeOf } from './sealing.ts';

/** Head files kept open between appends: the hour being written, the one before it, one for late profiles. */
const maxOpenHeads = 3;

/** A head whose file is there: profiles of one hour, answered from it. */
export interface Head {
  readonly id: number;
  readonly name: string;
  readonly hour: UnixHour;
  readonly isOpen: boolean;
  /** It was begun when its hour was long over, for profiles that came late: an upload, or a generation after the first. */
  readonly isLate: boolean;
  /** Into how many hours after its own its profiles may stand, as far as was looked at. */
  reach: number;
}

export interface HeadFilesOptions {
  readonly dataDir: string;
  readonly synchronous: Synchronous;
  readonly now: () => UnixMs;
}

/** The head files of a data directory, as the writer sees them: of each hour one generation after the other. */
export class HeadFiles {
  readonly #options: HeadFilesOptions;
  readonly #catalogue: CatalogueWriter;
  /** By hour, generations in order. Those that compaction has replaced meanwhile stay until `dropCompacted`. */
  readonly #heads = new Map<UnixHour, Head[]>();
  readonly #openIds = new Set<number>();
  /** Files that are held open, by id. */
  readonly #open = new Map<number, HeadWriter>();
  #compacted: readonly FileRow[] = [];
  #listed = 0;
  /** Ids of first generations that were begun late. */
  readonly #late = new Set<number>();
  /** Ids of the heads written to since `takeWritten`. */
  readonly #written = new Set<number>();
  readonly #damage = new Map<UnixHour, string>();

  constructor(options: HeadFilesOptions, catalogue: CatalogueWriter) {
    this.#options = options;
    this.#catalogue = catalogue;
    this.#recover();
    this.#load();
  }

  /** The hours that have a file, oldest first. */
  hours(): UnixHour[] {
    return [...this.#heads.keys()].sort((a, b) => a - b);
  }

  /** Oldest first, generation by generation. */
  all(): Head[] {
    return this.hours().flatMap((hour) => this.of(hour));
  }

  /** Heads that are answered from their chunks, oldest first. */
  get compacted(): readonly FileRow[] {
    return this.#compacted;
  }

  /** Those of an hour, generation by generation. */
  of(hour: UnixHour): readonly Head[] {
    return this.#heads.get(hour) ?? [];
  }

  /** Reads from a head; undefined where it is damaged, which is noted. */
  read<T>(head: Head, work: (file: HeadWriter) => T): T | undefined {
    try {
      return namingDamage(head.name, head.hour, () => work(this.#opened(head)));
    } catch (error) {
      if (!(error instanceof DamagedData)) throw error;
      this.#damage.set(head.hour, error.message);
      return undefined;
    }
  }

  /** Writes to a head. Throws `DamagedData` with its hour. */
  insert(head: Head, row: HeadRow): void {
    namingDamage(head.name, head.hour, () => this.#opened(head).insert(row));
  }

  /** What was found damaged since the last call: hours, and why. */
  takeDamage(): ReadonlyMap<UnixHour, string> {
    const damage = new Map(this.#damage);
    this.#damage.clear();
    return damage;
  }

  /** Rises with every change to which heads there are and what state they are in. */
  get listed(): number {
    return this.#listed;
  }

  /** Whether a head is still written to. */
  isOpen(id: number): boolean {
    return this.#openIds.has(id);
  }

  /** Whether a profile of an hour goes to a head that there is already. */
  takes(hour: UnixHour): boolean {
    return this.of(hour).at(-1)?.isOpen === true;
  }

  /** The hours of which something is sealed or compacted, oldest first. */
  sealedHours(): UnixHour[] {
    const sealed = this.all().filter(({ isOpen }) => !isOpen);
    const hours = new Set([...sealed.map(({ hour }) => hour), ...this.#compacted.map(({ fromMs }) => hourOf(fromMs))]);
    return [...hours].sort((a, b) => a - b);
  }

  /**
   * The head that takes profiles of an hour, begun when there is none; inside a transaction of the catalogue. Where its
   * profiles may stand, roll-ups that were made before them count no more.
   */
  forWriting(hour: UnixHour, intervalMs: DurationMs): Head {
    const last = this.of(hour).at(-1);
    const head = last?.isOpen ? last : this.#begin(hour);
    const reach = reachOf(intervalMs);
    if (reach > head.reach) {
      head.reach = reach;
      if (this.#catalogue.hours.unroll(hour, hour + reach)) this.#catalogue.raiseLayout();
    }
    this.#written.add(head.id);
    return head;
  }

  /** Which heads were written to since the last call. */
  takeWritten(): ReadonlySet<number> {
    const written = new Set(this.#written);
    this.#written.clear();
    return written;
  }

  /** Ends some heads: they are written no more. */
  seal(heads: readonly Head[]): void {
    this.#catalogue.transaction(() => {
      for (const { id } of heads) this.#catalogue.files.setState(id, 'sealed');
    });
    for (const { id } of heads) this.#close(id);
    this.#load();
  }

  /** Throws `DamagedData` with the hour of the head that it met. */
  commit(): void {
    for (const head of this.#open.values()) namingDamage(head.name, head.hour, () => head.commit());
    this.#closeIdle();
  }

  /** Undoes what is not committed and closes everything. */
  rollback(): void {
    for (const head of this.#open.values()) head.rollback();
    this.close();
    this.#load();
  }

  /**
   * Unlinks the files that compaction has replaced; their rows stay for as long as the chunks. First the commit that says so
   * goes to the disk: when that has to wait, so do they.
   */
  dropCompacted(): void {
    const files = this.#catalogue.files.ofKind('head');
    const replaced = files.filter(
      ({ state, name }) => state === 'compacted' && fileExists(this.#options.dataDir, name),
    );
    if (replaced.length === 0 || !this.#catalogue.checkpoint()) return;
    for (const { id, name } of replaced) {
      this.#close(id);
      removeFile(this.#options.dataDir, name);
    }
    this.#load();
  }

  /** Lets go of files that were marked as removed. */
  forgetRemoved(): void {
    const listed = new Set(
      this.#catalogue.files
        .ofKind('head')
        .filter(hasFile)
        .map(({ id }) => id),
    );
    for (const id of this.#open.keys()) if (!listed.has(id)) this.#close(id);
    this.#load();
  }

  close(): void {
    for (const head of this.#open.values()) head.close();
    this.#open.clear();
  }

  #begin(hour: UnixHour): Head {
    const { files, series } = this.#catalogue;
    const row = files.addHead(hour, files.lastGeneration(hour) + 1);
    this.#catalogue.raiseLayout();
    if (this.#options.now() >= sealTimeOf(hour, series.longestIntervalIn(hour))) this.#late.add(row.id);
    this.#listed++;
    return this.#list(row);
  }

  #list(row: FileRow): Head {
    const { id, name, fromMs, generation, state } = row;
    const isLate = generation > 1 || this.#late.has(id);
    const head = { id, name, hour: hourOf(fromMs), isOpen: state === 'open', isLate, reach: 0 };
    if (head.isOpen) this.#openIds.add(id);
    this.#heads.set(head.hour, [...this.of(head.hour), head]);
    return head;
  }

  #opened(head: Head): HeadWriter {
    const { dataDir, synchronous } = this.#options;
    const writer = this.#open.get(head.id) ?? new HeadWriter(dataDir, head, synchronous);
    this.#open.delete(head.id);
    this.#open.set(head.id, writer);
    return writer;
  }

  #close(id: number): void {
    this.#open.get(id)?.close();
    this.#open.delete(id);
  }

  #closeIdle(): void {
    for (const id of this.#open.keys()) {
      if (this.#open.size <= maxOpenHeads) return;
      this.#close(id);
    }
  }

  #load(): void {
    const rows = this.#catalogue.files.ofKind('head');
    this.#listed++;
    this.#heads.clear();
    this.#openIds.clear();
    for (const row of rows.filter(hasFile)) this.#list(row);
    this.#compacted = rows.filter(({ state }) => state === 'compacted');
  }

  /**
   * After a crash: unlinks what compaction has replaced, lists files that were made but not yet listed, unlists those that
   * are gone.
   */
  #recover(): void {
    this.dropCompacted();
    const { files } = this.#catalogue;
    const rows = files.ofKind('head');
    const listed = new Set(rows.map(({ name }) => name));
    const gone = rows.filter((row) => hasFile(row) && !fileExists(this.#options.dataDir, row.name));
    const unlisted = headFilesIn(this.#options.dataDir).filter((name) => !listed.has(name));
    if (gone.length + unlisted.length === 0) return;
    this.#catalogue.transaction(() => {
      for (const { id } of gone) files.forget(id);
      for (const name of unlisted) {
        const { hour, generation } = parseHeadFileName(name) ?? { hour: 0, generation: 1 };
        if (this.#complete(name, hour)) files.addHead(hour, generation);
      }
      this.#catalogue.raiseLayout();
    });
  }

  /** Completes a file that was cut off while it was made. One that is no database was never acknowledged: it goes. */
  #complete(name: string, hour: UnixHour): boolean {
    const { dataDir, synchronous } = this.#options;
    try {
      namingDamage(name, hour, () => new HeadWriter(dataDir, { name, hour }, synchronous).close());
      return true;
    } catch (error) {
      if (!(error instanceof DamagedData)) throw error;
      removeFile(dataDir, name);
      return false;
    }
  }
}

/** Whether a head is answered from its file. */
function hasFile({ state }: FileRow): boolean {
  return state === 'open' || state === 'sealed';
}
