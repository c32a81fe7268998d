import { resolve } from 'node:path';
import type { SeriesIdentity } from '../../model/series.ts';
import { type Bytes, hour as hourMs, type UnixMs } from '../../model/units.ts';
import type {
  AppendOutcome,
  ProfileRecord,
  ProfileWriter,
  RetentionReport,
  StoredIncreases,
  StoreStats,
} from '../profile-store.ts';
import type { Retention } from '../retention.ts';
import { CatalogueWriter } from './catalogue/catalogue-writer.ts';
import { Partitions } from './dictionary/partitions.ts';
import type { StackHashes } from './dictionary/stack-interner.ts';
import { DamagedData } from './files/damage.ts';
import { bytesByKind, bytesOfStore, hourOf, type UnixHour } from './files/data-dir.ts';
import { diskTrouble } from './files/disk-trouble.ts';
import { FreeSpace } from './files/free-space.ts';
import { lockDataDir } from './files/lock.ts';
import { makeFolder } from './files/make-folder.ts';
import { type Head, HeadFiles } from './heads/head-files.ts';
import { HeadSealer } from './heads/head-sealer.ts';
import { IncreaseSum } from './heads/increases.ts';
import { sealTimeOf } from './heads/sealing.ts';
import { Appender } from './writing/appender.ts';
import { CompactedHours } from './writing/compacted-hours.ts';
import { KnownSeries } from './writing/known-series.ts';
import { LastLooks } from './writing/last-looks.ts';
import { type Removal, Retainer } from './writing/retainer.ts';
import { StandingMarks } from './writing/standing-marks.ts';
import { StoredProfiles } from './writing/stored-profiles.ts';

export interface SqliteWriterOptions {
  /** Made when absent. One writer at a time: a second one gets `store_locked`. */
  readonly dataDir: string;
  /** Appends are refused with `storage_full` while less than this is free on the disk of `dataDir`. */
  readonly minFreeBytes: Bytes;
  /** `normal` survives kill -9; `full` survives power failure as well, at an fsync per commit. */
  readonly synchronous: 'normal' | 'full';
  readonly retention: Retention;
  readonly now: () => UnixMs;
  /** Milliseconds of a clock that never jumps; `performance.now` unless given. */
  readonly monotonicMs?: () => number;
  /** Free bytes on the disk of a directory; `fs.statfs` unless given. */
  readonly freeBytes?: (dir: string) => Bytes;
  /** Memory for the stack trees that are being written to, over all partitions; 20 to 40 bytes for a node. */
  readonly maxTreeBytes?: Bytes;
  /** Nodes or stacks at which a partition starts a new epoch. */
  readonly maxPartitionSize?: number;
}

const defaultTreeBytes: Bytes = 320e6;

/**
 * Opens the only writer of a data directory. Throws `store_locked`, `store_too_new`, or `storage_full` or
 * `storage_read_only` where nothing can be written.
 */
export function openSqliteWriter(options: SqliteWriterOptions): ProfileWriter {
  const dataDir = resolve(options.dataDir);
  try {
    return new SqliteWriter({ ...options, dataDir });
  } catch (error) {
    throw diskTrouble(dataDir, error) ?? error;
  }
}

class SqliteWriter implements ProfileWriter {
  readonly #options: SqliteWriterOptions;
  readonly #resources = new DisposableStack();
  readonly #catalogue: CatalogueWriter;
  readonly #retainer: Retainer;
  readonly #heads: HeadFiles;
  readonly #sealer = new HeadSealer();
  readonly #compacted: CompactedHours;
  readonly #stored: StoredProfiles;
  readonly #partitions: Partitions;
  readonly #marks: StandingMarks;
  readonly #series: KnownSeries;
  readonly #looks: LastLooks;
  readonly #appender: Appender;
  readonly #space: FreeSpace;
  readonly #sealTimeOf = (hour: UnixHour): UnixMs => sealTimeOf(hour, this.#catalogue.series.longestIntervalIn(hour));

  constructor(options: SqliteWriterOptions) {
    const { dataDir, synchronous } = options;
    const monotonicMs = options.monotonicMs ?? (() => performance.now());
    this.#options = options;
    makeFolder(dataDir);
    using opening = new DisposableStack();
    opening.use(lockDataDir(dataDir));
    const catalogue = opening.adopt(new CatalogueWriter(dataDir, synchronous), (open) => open.close());
    this.#catalogue = catalogue;
    this.#retainer = new Retainer({ dataDir, retention: options.retention, monotonicMs }, catalogue);
    const heads = opening.adopt(new HeadFiles(options, catalogue), (open) => open.close());
    this.#heads = heads;
    this.#compacted = opening.adopt(new CompactedHours(dataDir, catalogue.files, heads), (open) => open.close());
    const stored = new StoredProfiles(catalogue.series, heads, this.#compacted);
    this.#stored = stored;
    const maxTreeBytes = options.maxTreeBytes ?? defaultTreeBytes;
    const partitions = new Partitions(catalogue.partitions, maxTreeBytes, options.maxPartitionSize);
    this.#partitions = partitions;
    const marks = new StandingMarks(catalogue, heads);
    this.#marks = marks;
    const series = new KnownSeries(catalogue.series, stored, marks);
    this.#series = series;
    const looks = new LastLooks(stored);
    this.#looks = looks;
    this.#appender = new Appender({ catalogue, heads, partitions, stored, series, looks, marks });
    this.#space = new FreeSpace(dataDir, options.minFreeBytes, monotonicMs, options.freeBytes);
    this.#resources = opening.move();
  }

  append(records: readonly ProfileRecord[]): AppendOutcome[] {
    this.#space.assertWritable();
    try {
      return this.#append(records);
    } catch (error) {
      if (!(error instanceof DamagedData) || error.hour === undefined) throw error;
      this.#abandon(error.hour, error.message);
      return this.#append(records);
    }
  }

  endProcess(processId: string, endedMs: UnixMs): void {
    this.#transaction(() => {
      const process = this.#catalogue.series.process(processId);
      if (!process || (process.endedMs !== undefined && process.endedMs <= endedMs)) return;
      this.#marks.around({ identity: processId, slot: process.slot }, endedMs, () => {
        process.endedMs = endedMs;
        this.#catalogue.series.saveProcess(process);
      });
    });
  }

  increasesSince(identity: SeriesIdentity, afterMs: UnixMs): StoredIncreases {
    const series = this.#series.find(identity);
    const known = new Map<number, StackHashes>();
    const sum = new IncreaseSum((partition) => {
      const stacks = known.get(partition) ?? this.#partitions.stacksOf(partition);
      known.set(partition, stacks);
      return stacks;
    });
    if (series) this.#stored.addIncreases(series.row, afterMs, sum);
    return sum.result(series?.newest?.stampMs);
  }

  lastLook(partition: string): UnixMs | undefined {
    return this.#looks.at(partition);
  }

  newest(identity: SeriesIdentity): { readonly stampMs: UnixMs; readonly contentHash: string } | undefined {
    const newest = this.#series.find(identity)?.newest;
    return newest && { stampMs: newest.stampMs, contentHash: newest.contentHash };
  }

  seal(nowMs: UnixMs): boolean {
    return this.#guarded(() => {
      for (const found of [this.#heads.takeDamage(), this.#compacted.takeDamage()]) {
        for (const [hour, because] of found) this.quarantine(hour * hourMs, because);
      }
      const due = this.#sealer.due(this.#heads.all(), this.#heads.takeWritten(), nowMs, this.#sealTimeOf);
      if (due.length > 0) this.#heads.seal(due);
      this.#partitions.dropIdle(nowMs);
      const damaged = new Set(this.#catalogue.hours.damaged());
      const isWaiting = ({ isOpen, hour }: Head): boolean => !isOpen && !damaged.has(hour);
      return this.#heads.all().some(isWaiting) || this.#catalogue.hours.wantWork(nowMs);
    });
  }

  dropCompacted(): void {
    this.#guarded(() => this.#heads.dropCompacted());
  }

  quarantine(atMs: UnixMs, because: string): void {
    this.#transaction(() => {
      if (this.#catalogue.hours.markDamaged(hourOf(atMs), because)) this.#catalogue.raiseLayout();
    });
  }

  retain(nowMs: UnixMs, retention?: Retention): RetentionReport {
    return this.#guarded(() => {
      this.#heads.dropCompacted();
      const { removal, pausedBecause } = this.#retainer.begin(nowMs, retention);
      if (removal) this.#letGo(removal);
      return {
        removedFiles: removal?.files ?? [],
        removedBytes: removal?.bytes ?? 0,
        oldestMs: this.#stored.oldestMs(),
        pausedBecause,
      };
    });
  }

  stats(): StoreStats {
    const { dataDir } = this.#options;
    const byKind = bytesByKind(dataDir);
    const { trouble } = this.#space;
    return {
      bytes: bytesOfStore(dataDir),
      files: byKind.head.files + byKind.detail.files + byKind.roll1h.files + byKind.roll1d.files,
      series: this.#catalogue.series.count(),
      partitions: this.#catalogue.partitions.count(),
      oldestMs: this.#stored.oldestMs(),
      newestMs: this.#stored.newestMs(),
      fullBecause: trouble?.message,
      fullReason: trouble && (trouble.code === 'storage_read_only' ? 'read_only' : 'full'),
      byKind,
      compactionDueMs: this.#compactionDueMs(),
      damagedHoursMs: this.#catalogue.hours.damaged().map((hour) => hour * hourMs),
      treeBytes: this.#partitions.bytes,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#resources.dispose();
  }

  #append(records: readonly ProfileRecord[]): AppendOutcome[] {
    const outcomes = this.#transaction(() => {
      const appended = records.map((record) => this.#appender.append(record));
      this.#partitions.saveSegments();
      return appended;
    });
    this.#space.worked();
    return outcomes;
  }

  /** A head that cannot be written any more is named as damaged; what still comes for its hour begins a new one. */
  #abandon(hour: UnixHour, because: string): void {
    this.quarantine(hour * hourMs, because);
    this.#heads.seal(this.#heads.of(hour).filter(({ isOpen }) => isOpen));
  }

  /** Late heads are due once they are sealed: until then more may come. Damaged hours are not waited for. */
  #compactionDueMs(): UnixMs | undefined {
    const now = this.#options.now();
    const damaged = new Set(this.#catalogue.hours.damaged());
    const isDue = ({ isOpen, isLate, hour }: Head): boolean => !isOpen || (!isLate && now >= this.#sealTimeOf(hour));
    const due = this.#heads.all().find((head) => !damaged.has(head.hour) && isDue(head));
    return due && (due.hour + 1) * hourMs;
  }

  /** Files that are off the list: closes and unlinks them, and drops what nothing refers to any more. */
  #letGo({ oldest }: Removal): void {
    this.#heads.forgetRemoved();
    this.#compacted.close();
    this.#retainer.finish();
    this.#transaction(() => {
      const { series, partitions } = this.#catalogue;
      const gone = series.prune(oldest.detail);
      if (partitions.prune(oldest.any) || gone.size > 0) this.#catalogue.notePruned();
      this.#series.drop(({ id }) => gone.has(id));
      this.#partitions.drop(({ lastHour }) => lastHour < oldest.any);
    });
    this.#looks.forget();
    this.#stored.forget();
  }

  /** A full or read-only disk is an operator's matter, whoever meets it; anything else is a fault of ours. */
  #guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      const trouble = diskTrouble(this.#options.dataDir, error);
      if (!trouble) throw error;
      this.#space.mark(trouble);
      throw trouble;
    }
  }

  /** Dictionary and series first, facts after: what a crash leaves between the two is never referred to. */
  #transaction<T>(work: () => T): T {
    return this.#guarded(() => {
      this.#catalogue.begin();
      try {
        const result = work();
        this.#marks.save();
        this.#catalogue.commit();
        this.#heads.commit();
        return result;
      } catch (error) {
        this.#catalogue.rollback();
        this.#heads.rollback();
        this.#marks.forget();
        this.#partitions.forget();
        this.#forgetProfiles();
        throw error;
      }
    });
  }

  /** Drops what is in memory of profiles, which may be ahead of, or behind, the store. */
  #forgetProfiles(): void {
    this.#series.forget();
    this.#looks.forget();
    this.#stored.forget();
  }
}
