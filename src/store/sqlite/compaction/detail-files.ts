import { join } from 'node:path';
import { type Bytes, hour as hourMs } from '../../../model/units.ts';
import type { FileRow } from '../catalogue/file-rows.ts';
import type { Chunk, ChunkInput, ChunkKey } from '../chunks/chunk.ts';
import { DetailWriter } from '../chunks/detail-file.ts';
import { namingDamage } from '../files/damage.ts';
import { bytesOfFile, hourOf, type UnixHour } from '../files/data-dir.ts';
import type { Pacer } from './pacer.ts';
import type { Run } from './run.ts';
import { detailSpan } from './spans.ts';
import { synced } from './synced.ts';

interface OpenDetail {
  readonly file: FileRow;
  readonly writer: DetailWriter;
  inTransaction: boolean;
}

/**
 * The detail files as compaction writes them: each opened when it is needed, made when no file covers an hour. What is
 * written belongs to one transaction in each file, until `commit`.
 */
export class DetailFiles implements Disposable {
  /** The hours that chunks were written for, and what these take. */
  readonly written = new Set<UnixHour>();
  writtenBytes: Bytes = 0;
  readonly #run: Run;
  readonly #open = new Map<number, OpenDetail>();
  #files: FileRow[];
  #bytesPerHour: Bytes;

  /** `bytesPerHour` is what an hour is expected to take: it decides how many hours a new file covers. */
  constructor(run: Run, bytesPerHour?: Bytes) {
    this.#run = run;
    this.#files = run.catalogue.files().filter(({ kind }) => kind === 'detail');
    this.#bytesPerHour = bytesPerHour ?? this.#recentBytesPerHour();
  }

  /** Writes a chunk in place of the one with its key, if there is one. */
  replace(input: ChunkInput): void {
    this.#write(this.#fileFor(input.key.hour), (writer) => {
      this.writtenBytes += writer.replace(input);
    });
    this.written.add(input.key.hour);
  }

  restate(chunk: Chunk, ...to: [standingSeconds: ArrayLike<number>, observed: ChunkInput['observed']]): void {
    this.#write(this.#fileFor(chunk.key.hour), (writer) => writer.restate(chunk, ...to));
  }

  remove(key: ChunkKey): void {
    this.#write(this.#fileFor(key.hour), (writer) => writer.removeChunk(key));
  }

  /** Removes all chunks that were made of a head, in an hour and later. */
  removeHead(head: number, from: UnixHour): void {
    for (const file of this.#files) {
      if (file.toMs > from * hourMs) this.#write(file, (writer) => writer.removeHead(head));
    }
  }

  commit(): void {
    for (const detail of this.#open.values()) {
      if (detail.inTransaction) namingDamage(detail.file.name, undefined, () => detail.writer.commit());
      detail.inTransaction = false;
    }
  }

  rollback(): void {
    for (const detail of this.#open.values()) {
      if (detail.inTransaction) detail.writer.rollback();
      detail.inTransaction = false;
    }
  }

  /** Brings what is committed to the disk. */
  async sync(pacer: Pacer): Promise<void> {
    for (const { file, writer } of this.#open.values()) await synced(file.name, writer, pacer);
  }

  [Symbol.dispose](): void {
    this.rollback();
    for (const { writer } of this.#open.values()) writer.close();
    this.#open.clear();
  }

  #fileFor(hour: UnixHour): FileRow {
    const covering = fileOf(this.#files, hour);
    if (covering) return covering;
    const { dataDir, synchronous, maxBytes } = this.#run.settings;
    const span = detailSpan(hour, this.#bytesPerHour, maxBytes, this.#files);
    const made = this.#run.catalogue.addFile('detail', span, () =>
      new DetailWriter(join(dataDir, span.name), synchronous).close(),
    );
    this.#files.push(made);
    return made;
  }

  /** Damage that the writing meets is that of the file. */
  #write(file: FileRow, work: (writer: DetailWriter) => void): void {
    namingDamage(file.name, undefined, () => {
      const detail = this.#open.get(file.id) ?? this.#opened(file);
      if (!detail.inTransaction) detail.writer.begin();
      detail.inTransaction = true;
      work(detail.writer);
    });
  }

  #opened(file: FileRow): OpenDetail {
    const { dataDir, synchronous } = this.#run.settings;
    const detail = { file, writer: new DetailWriter(join(dataDir, file.name), synchronous), inTransaction: false };
    this.#open.set(file.id, detail);
    this.#run.touched.add(file.name);
    return detail;
  }

  /** Of the newest file: what hours without a head of their own are expected to take. */
  #recentBytesPerHour(): Bytes {
    const newest = this.#files.at(-1);
    if (!newest) return 0;
    return bytesOfFile(this.#run.settings.dataDir, newest.name) / (hourOf(newest.toMs) - hourOf(newest.fromMs));
  }
}

/** The file for the chunks of an hour, if there is one. */
export function fileOf(files: readonly FileRow[], hour: UnixHour): FileRow | undefined {
  return files.find(({ fromMs, toMs }) => fromMs <= hour * hourMs && hour * hourMs < toMs);
}
