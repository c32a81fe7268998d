import { messageOf } from '../../../model/errors.ts';
import type { CatalogueFile } from '../catalogue/layout.ts';
import { fileExists } from '../files/data-dir.ts';

/** A file of facts, open for reading. */
export interface FactFile {
  /** Takes a snapshot: the file is as it is now until `end`. */
  begin(): void;
  end(): void;
  close(): void;
}

/** A listed file that is there no more: what it held is elsewhere, or was removed. The question begins anew. */
export class FileGone extends Error {
  override readonly name = 'FileGone';
  readonly file: string;

  constructor(file: string, cause?: unknown) {
    super(`${file} is gone${cause === undefined ? '' : `: ${messageOf(cause)}`}`, { cause });
    this.file = file;
  }
}

/** Files of facts kept open for reading, the least recently used closed over a bound. */
export class OpenFiles {
  readonly #dataDir: string;
  readonly #maxOpen: number;
  readonly #open = new Map<number, FactFile>();
  /** Those with a snapshot. */
  readonly #begun = new Set<number>();

  constructor(dataDir: string, maxOpen: number) {
    this.#dataDir = dataDir;
    this.#maxOpen = maxOpen;
  }

  /**
   * A file as it is now until `release`; `isNew` says that its snapshot was taken just now. `open` is asked when it is not
   * open yet, always the same for one file. Throws `FileGone`.
   */
  use<File extends FactFile>(
    file: CatalogueFile,
    open: (dataDir: string, file: CatalogueFile) => File,
  ): { readonly file: File; readonly isNew: boolean } {
    const known = this.#open.get(file.id) as File | undefined;
    const opened = known ?? this.#opened(file, open);
    this.#open.delete(file.id);
    this.#open.set(file.id, opened);
    if (this.#begun.has(file.id)) return { file: opened, isNew: false };
    if (known) known.begin();
    else this.#beginFirst(file, opened);
    this.#begun.add(file.id);
    return { file: opened, isNew: true };
  }

  /** Ends the snapshots: a question is answered. */
  release(): void {
    for (const id of this.#begun) {
      const file = this.#open.get(id);
      try {
        file?.end();
      } catch {
        // SQLite ends no transaction in which it met a damaged page.
        file?.close();
        this.#open.delete(id);
      }
    }
    this.#begun.clear();
  }

  /** Closes files that are listed no more, and the least recently used over the bound. Between questions only. */
  closeIdle(listed: ReadonlySet<number>): void {
    for (const [id, file] of this.#open) {
      if (listed.has(id) && this.#open.size <= this.#maxOpen) continue;
      file.close();
      this.#open.delete(id);
    }
  }

  close(): void {
    this.closeIdle(new Set());
  }

  #opened<File extends FactFile>(file: CatalogueFile, open: (dataDir: string, file: CatalogueFile) => File): File {
    try {
      return open(this.#dataDir, file);
    } catch (error) {
      if (!fileExists(this.#dataDir, file.name)) throw new FileGone(file.name, error);
      throw error;
    }
  }

  /** A file that is being removed goes before its log does: with the file in its place, the snapshot is whole. */
  #beginFirst(file: CatalogueFile, opened: FactFile): void {
    try {
      opened.begin();
      if (fileExists(this.#dataDir, file.name)) return;
    } catch (error) {
      if (fileExists(this.#dataDir, file.name)) throw error;
    }
    this.#open.delete(file.id);
    opened.close();
    throw new FileGone(file.name);
  }
}
