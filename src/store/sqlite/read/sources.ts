import { formatTime } from '../../../model/time.ts';
import { hour as hourMs } from '../../../model/units.ts';
import type { CatalogueReader } from '../catalogue/catalogue-reader.ts';
import type { CatalogueFile, Layout } from '../catalogue/layout.ts';
import { hourOf, type UnixHour } from '../files/data-dir.ts';
import { HeadReader } from '../heads/head-reader.ts';
import type { DamageBook } from './damage-book.ts';
import { type FactFile, FileGone, type OpenFiles } from './open-files.ts';

/** The layout has changed since the catalogue was read: what was found does not fit together. The question begins anew. */
export class LayoutMoved extends Error {
  override readonly name = 'LayoutMoved';
}

export interface SourcesOptions {
  readonly catalogue: CatalogueReader;
  readonly files: OpenFiles;
  readonly damage: DamageBook;
  /** The last attempt at an answer: what moves or is gone is left out and said so. */
  readonly isLast: boolean;
}

/**
 * What one attempt at an answer reads from: the catalogue and files that fit it, without what is damaged. What is left out is
 * noted when it is asked for: an answer that needs it no more is whole.
 */
export class Sources {
  readonly catalogue: CatalogueReader;
  readonly layout: Layout;
  readonly #files: OpenFiles;
  readonly #damage: DamageBook;
  readonly #isLast: boolean;
  readonly #leftOut = new Map<string, string>();

  constructor({ catalogue, files, damage, isLast }: SourcesOptions) {
    this.catalogue = catalogue;
    this.layout = catalogue.layout;
    this.#files = files;
    this.#damage = damage;
    this.#isLast = isLast;
  }

  /** The heads of some hours, both ends included, by hour and generation. */
  heads(from: UnixHour, to: UnixHour): HeadReader[] {
    return this.layout.headsIn(from, to).flatMap((file) => {
      const hour = hourOf(file.fromMs);
      return this.isDamaged(hour) ? this.#leaveOut(hour) : (this.#use(file, openHead) ?? []);
    });
  }

  /** Whether the detail of an hour is damaged; its roll-ups may be whole. */
  isDamaged(hour: UnixHour): boolean {
    return this.#damageOf(hour) !== undefined;
  }

  /** Sentences on what was asked for and is not in the answer. */
  get warnings(): string[] {
    return [...this.#leftOut.values()];
  }

  /** Whether anything that was asked for is not in the answer. */
  get isPartial(): boolean {
    return this.#leftOut.size > 0;
  }

  /** A snapshot of a file that fits the catalogue. Undefined where it is gone at the last attempt. */
  #use<File extends FactFile>(
    file: CatalogueFile,
    open: (dataDir: string, file: CatalogueFile) => File,
  ): File | undefined {
    try {
      const opened = this.#files.use(file, open);
      if (opened.isNew && this.catalogue.layoutChanged()) {
        if (!this.#isLast) throw new LayoutMoved(`${file.name} was rewritten`);
        this.#leftOut.set('layout', 'the store was rewritten while this was answered: ask again for the whole');
      }
      return opened.file;
    } catch (error) {
      if (!(error instanceof FileGone) || !this.#isLast) throw error;
      this.#leftOut.set(file.name, `${file.name} was removed while this was answered: ask again for the whole`);
      return undefined;
    }
  }

  #leaveOut(hour: UnixHour): [] {
    const because = this.#damageOf(hour) ?? '';
    this.#leftOut.set(`hour ${hour}`, `the hour from ${formatTime(hour * hourMs)} is damaged and left out: ${because}`);
    return [];
  }

  #damageOf(hour: UnixHour): string | undefined {
    const known = this.layout.damagedHours.get(hour);
    if (known !== undefined) return known;
    const detail = this.layout.detailOf(hour);
    const files = [...this.layout.headsIn(hour, hour), ...(detail ? [detail] : [])];
    for (const file of files) {
      const because = this.#damage.damageIn(file, hour, hour + 1);
      if (because !== undefined) return because;
    }
    return undefined;
  }
}

function openHead(dataDir: string, file: CatalogueFile): HeadReader {
  return new HeadReader(dataDir, file.name, hourOf(file.fromMs));
}
