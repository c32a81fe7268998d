import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { FlameherdError, messageOf } from '../../model/errors.ts';
import { type SeriesIdentity, seriesKey } from '../../model/series.ts';
import { type Bytes, type DurationMs, hour as hourMs, type UnixMs } from '../../model/units.ts';
import type {
  AppendOutcome,
  ProfileRecord,
  ProfileWriter,
  RetentionReport,
  StoredIncreases,
  StoreStats,
} from '../profile-store.ts';
import { RetentionClock } from '../retention-clock.ts';
import { CatalogueWriter } from './catalogue/catalogue-writer.ts';
import type { SeriesRow } from './catalogue/series-rows.ts';
import { StackDictionary } from './dictionary/dictionary.ts';
import { type OpenPartition, Partitions } from './dictionary/partitions.ts';
import { ByteWriter } from './encoding/bytes.ts';
import { bytesByKind, bytesOfFile, bytesOfStore, hourOf, type UnixHour } from './files/data-dir.ts';
import { isDiskFull } from './files/database.ts';
import { FreeSpace } from './files/free-space.ts';
import { lockDataDir } from './files/lock.ts';
import { finishRemovals, markRemoved } from './files/removal.ts';
import { type Head, HeadFiles } from './heads/head-files.ts';
import { HeadSealer } from './heads/head-sealer.ts';
import type { HeadWriter } from './heads/head-writer.ts';
import { IncreaseSum } from './heads/increases.ts';
import { encodeTotals, SampleEncoder, samplesFormat } from './heads/samples.ts';
import { sealTimeOf } from './heads/sealing.ts';
import { encodeSeriesShape, encodeShape } from './heads/shape.ts';
import { formatProfileId } from './profile-id.ts';
import { hoursToRemove } from './retention.ts';

export interface SqliteWriterOptions {
  /** Made when absent. One writer at a time: a second one gets `store_locked`. */
  readonly dataDir: string;
  /** Appends are refused with `storage_full` while less than this is free on the disk of `dataDir`. */
  readonly minFreeBytes: Bytes;
  /** `normal` survives kill -9; `full` survives power failure as well, at an fsync per commit. */
  readonly synchronous: 'normal' | 'full';
  readonly retention: { readonly maxAgeMs: DurationMs; readonly maxBytes: Bytes };
  readonly now: () => UnixMs;
  /** Milliseconds of a clock that never jumps; `performance.now` unless given. */
  readonly monotonicMs?: () => number;
  /** Free bytes on the disk of a directory; `fs.statfs` unless given. */
  readonly freeBytes?: (dir: string) => Bytes;
  /** Nodes of stack trees kept in memory for writing, over all partitions; about 60 bytes each. */
  readonly maxCachedNodes?: number;
  /** Nodes or stacks at which a partition starts a new epoch. */
  readonly maxPartitionSize?: number;
}

const defaultCachedNodes = 3_000_000;
/** Series remembered at most; past that, all are read again. */
const maxRememberedSeries = 100_000;

/** Opens the only writer of a data directory. Throws `store_locked` or `store_too_new`. */
export function openSqliteWriter(options: SqliteWriterOptions): ProfileWriter {
  return new SqliteWriter({ ...options, dataDir: resolve(options.dataDir) });
}

interface OpenSeries {
  readonly row: SeriesRow;
  newest: { readonly stampMs: UnixMs; readonly contentHash: string } | undefined;
  /** The shape of the profile before, as its head file has it. */
  headShape: string;
}

class SqliteWriter implements ProfileWriter {
  readonly #options: SqliteWriterOptions;
  readonly #monotonicMs: () => number;
  readonly #resources = new DisposableStack();
  readonly #catalogue: CatalogueWriter;
  readonly #heads: HeadFiles;
  readonly #sealer = new HeadSealer();
  readonly #sealTimeOf = (hour: UnixHour): UnixMs => sealTimeOf(hour, this.#catalogue.series.longestIntervalIn(hour));
  readonly #partitions: Partitions;
  readonly #space: FreeSpace;
  readonly #clock: RetentionClock;
  readonly #series = new Map<string, OpenSeries>();
  readonly #lastLooks = new Map<string, UnixMs>();
  readonly #encoder = new SampleEncoder();
  readonly #bytes = new ByteWriter();
  readonly #totals = new ByteWriter();
  #stackIds = new Int32Array(1024);
  #newestMs: UnixMs | undefined;
  #oldest: { readonly hour: UnixHour; readonly stampMs: UnixMs | undefined } | undefined;

  constructor(options: SqliteWriterOptions) {
    const { dataDir, synchronous } = options;
    this.#options = options;
    this.#monotonicMs = options.monotonicMs ?? (() => performance.now());
    mkdirSync(dataDir, { recursive: true });
    using opening = new DisposableStack();
    opening.use(lockDataDir(dataDir));
    this.#catalogue = opening.adopt(new CatalogueWriter(dataDir, synchronous), (catalogue) => catalogue.close());
    finishRemovals(this.#catalogue, dataDir);
    this.#heads = opening.adopt(new HeadFiles(options, this.#catalogue), (heads) => heads.close());
    this.#partitions = new Partitions(
      this.#catalogue.partitions,
      options.maxCachedNodes ?? defaultCachedNodes,
      options.maxPartitionSize,
    );
    this.#space = new FreeSpace(dataDir, options.minFreeBytes, this.#monotonicMs, options.freeBytes);
    const lastSeen = this.#catalogue.setting('last_seen_ms');
    this.#clock = new RetentionClock(lastSeen === undefined ? undefined : Number(lastSeen), this.#monotonicMs());
    this.#resources = opening.move();
  }

  append(records: readonly ProfileRecord[]): AppendOutcome[] {
    const fullBecause = this.#space.fullBecause();
    if (fullBecause !== undefined) throw storageFull(fullBecause);
    return this.#transaction(() => {
      const outcomes = records.map((record) => this.#appendOne(record));
      this.#partitions.saveSegments();
      return outcomes;
    });
  }

  endProcess(processId: string, endedMs: UnixMs): void {
    this.#transaction(() => {
      const process = this.#catalogue.series.process(processId);
      if (!process || (process.endedMs !== undefined && process.endedMs <= endedMs)) return;
      process.endedMs = endedMs;
      this.#catalogue.series.saveProcess(process);
    });
  }

  increasesSince(identity: SeriesIdentity, afterMs: UnixMs): StoredIncreases {
    const series = this.#find(identity);
    const dictionaries = new Map<number, StackDictionary>();
    const sum = new IncreaseSum((partition) => this.#dictionary(partition, dictionaries));
    for (const hour of series ? this.#heads.hours() : []) {
      if (hour < hourOf(afterMs) || hour < (series?.row.firstHour ?? 0) || hour > (series?.row.lastHour ?? 0)) continue;
      const profiles = this.#heads.existing(hour).flatMap((head) => [...head.after(series?.row.id ?? 0, afterMs)]);
      for (const profile of profiles) sum.add(profile);
    }
    return sum.result(series?.newest?.stampMs);
  }

  lastLook(partition: string): UnixMs | undefined {
    const known = this.#lastLooks.get(partition);
    if (known !== undefined) return known;
    const lastHour = this.#catalogue.series.lastHourOf(partition);
    for (const hour of this.#heads.hours().reverse()) {
      if (lastHour === undefined || hour > lastHour) continue;
      const series = this.#catalogue.series.ofPartitionInHour(partition, hour);
      const heads = series.length > 0 ? this.#heads.existing(hour) : [];
      const stamps = heads.flatMap((head) => series.flatMap((id) => head.newest(id)?.stampMs ?? []));
      if (stamps.length > 0) return this.#rememberLook(partition, Math.max(...stamps));
    }
    return undefined;
  }

  newest(identity: SeriesIdentity): { readonly stampMs: UnixMs; readonly contentHash: string } | undefined {
    return this.#find(identity)?.newest;
  }

  seal(nowMs: UnixMs): boolean {
    const due = this.#sealer.due(this.#heads.all(), this.#heads.takeWritten(), nowMs, this.#sealTimeOf);
    if (due.length > 0) this.#guarded(() => this.#heads.seal(due));
    return this.#heads.all().some(({ isOpen }) => !isOpen) || this.#catalogue.hours.wantWork();
  }

  dropCompacted(): void {
    this.#heads.dropCompacted();
  }

  quarantine(atMs: UnixMs, because: string): void {
    this.#transaction(() => {
      if (this.#catalogue.hours.markDamaged(hourOf(atMs), because)) this.#catalogue.raiseLayout();
    });
  }

  retain(nowMs: UnixMs): RetentionReport {
    const { dataDir, retention } = this.#options;
    const time = this.#clock.observe(nowMs, this.#monotonicMs());
    const files = this.#heads
      .all()
      .map(({ id, hour, name }) => ({ id, hour, name, bytes: bytesOfFile(dataDir, name) }));
    const hours = hoursToRemove(
      files,
      {
        oldestMs: time.kind === 'steady' ? time.timeMs - retention.maxAgeMs : undefined,
        totalBytes: bytesOfStore(dataDir),
        maxBytes: retention.maxBytes,
      },
      hourOf(nowMs),
    );
    const removed = files.filter(({ hour }) => hours.includes(hour));
    if (hours.length > 0) this.#remove(new Set(removed.map(({ id }) => id)), nowMs);
    const lastSeenMs = this.#clock.lastSeenMs;
    if (lastSeenMs !== undefined)
      this.#transaction(() => this.#catalogue.setSetting('last_seen_ms', String(lastSeenMs)));
    return {
      removedFiles: removed.map(({ name }) => name),
      removedBytes: removed.reduce((sum, { bytes }) => sum + bytes, 0),
      oldestMs: this.#oldestMs(),
      pausedBecause: time.kind === 'paused' ? time.because : undefined,
    };
  }

  stats(): StoreStats {
    return {
      bytes: bytesOfStore(this.#options.dataDir),
      files: this.#heads.all().length,
      series: this.#catalogue.series.count(),
      partitions: this.#catalogue.partitions.count(),
      oldestMs: this.#oldestMs(),
      newestMs: (this.#newestMs ??= latest(this.#existing(this.#heads.hours().at(-1)).map((head) => head.lastStamp()))),
      fullBecause: this.#space.fullBecause(),
      byKind: bytesByKind(this.#options.dataDir),
      compactionDueMs: this.#compactionDueMs(),
      damagedHoursMs: this.#catalogue.hours.damaged().map((hour) => hour * hourMs),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#resources.dispose();
  }

  #appendOne(record: ProfileRecord): AppendOutcome {
    const { stampMs, intervalMs, contentHash } = record;
    const hour = hourOf(stampMs);
    const known = this.#find(record.series);
    const refusal = known && this.#refusal(known, record);
    if (refusal) return refusal;
    const shape = encodeShape(record.types, record.header);
    const series = known ?? this.#add(record, hour, shape);
    this.#touch(series, record, hour, shape);
    const partition = this.#partitions.forWriting(series.row.partitionKey, hour);
    const ids = this.#idsOf(record, partition);
    this.#bytes.reset();
    this.#totals.reset();
    encodeTotals(
      this.#totals,
      this.#encoder.encode(this.#bytes, record.header, ids, record.stacks.count, record.values),
    );
    this.#heads.forWriting(hour).insert({
      series: series.row.id,
      stampMs,
      intervalMs,
      spanMs: record.spanMs,
      partition: partition.row.id,
      shape,
      trimmed: record.trimmed,
      totals: this.#totals.bytes(),
      contentHash,
      format: samplesFormat,
      samples: this.#bytes.bytes(),
    });
    series.newest = { stampMs, contentHash };
    this.#newestMs = Math.max(this.#newestMs ?? stampMs, stampMs);
    const look = this.lastLook(series.row.partitionKey) ?? stampMs;
    this.#rememberLook(series.row.partitionKey, Math.max(look, stampMs));
    return { kind: 'stored', id: formatProfileId(series.row.id, stampMs) };
  }

  /** Stamps of a series only rise: anything at or before the newest is a repetition or a clash. */
  #refusal({ row, newest }: OpenSeries, { stampMs, contentHash }: ProfileRecord): AppendOutcome | undefined {
    if (!newest || stampMs > newest.stampMs) return undefined;
    const stored =
      stampMs === newest.stampMs
        ? newest.contentHash
        : this.#heads
            .existing(hourOf(stampMs))
            .map((head) => head.contentAt(row.id, stampMs))
            .find(isKnown);
    if (stored === contentHash) return { kind: 'duplicate', id: formatProfileId(row.id, stampMs) };
    const reason = stored === undefined ? 'out_of_order' : 'duplicate_time';
    return { kind: 'conflict', reason, lastStampMs: newest.stampMs };
  }

  #idsOf({ stacks }: ProfileRecord, { interner }: OpenPartition): Int32Array {
    if (this.#stackIds.length < stacks.count) this.#stackIds = new Int32Array(2 * stacks.count);
    const ids = this.#stackIds;
    for (let row = 0; row < stacks.count; row++) {
      const high = stacks.hashHigh[row] ?? 0;
      const low = stacks.hashLow[row] ?? 0;
      const known = interner.find(high, low);
      ids[row] = known >= 0 ? known : interner.add(high, low, stacks.describe(row));
    }
    return ids;
  }

  #find(identity: SeriesIdentity): OpenSeries | undefined {
    const key = seriesKey(identity);
    const known = this.#series.get(key);
    if (known) return known;
    const row = this.#catalogue.series.find(identity);
    if (!row) return undefined;
    const newest = this.#findNewest(row);
    return this.#remember(key, { row, newest, headShape: '' });
  }

  #findNewest({ id, firstHour, lastHour }: SeriesRow): OpenSeries['newest'] {
    for (const hour of this.#heads.hours().reverse()) {
      if (hour > lastHour || hour < firstHour) continue;
      const found = this.#heads
        .existing(hour)
        .reverse()
        .map((head) => head.newest(id))
        .find(isKnown);
      if (found) return found;
    }
    return undefined;
  }

  #add({ series, stampMs, types, header, intervalMs }: ProfileRecord, hour: UnixHour, shape: string): OpenSeries {
    const outline = encodeSeriesShape(types, header.periodType);
    const row = this.#catalogue.series.add(series, stampMs, hour, outline, intervalMs);
    return this.#remember(seriesKey(series), { row, newest: undefined, headShape: shape });
  }

  #remember(key: string, series: OpenSeries): OpenSeries {
    if (this.#series.size >= maxRememberedSeries) this.#series.clear();
    this.#series.set(key, series);
    return series;
  }

  /** Brings the catalogue's rows of a series and its process up to date; nothing to write for most profiles. */
  #touch(open: OpenSeries, record: ProfileRecord, hour: UnixHour, shape: string): void {
    const { row } = open;
    const { process } = row;
    const isOutside = hour < row.firstHour || hour > row.lastHour || record.intervalMs > row.longestIntervalMs;
    const outline = open.headShape === shape ? row.shape : encodeSeriesShape(record.types, record.header.periodType);
    open.headShape = shape;
    if (isOutside || outline !== row.shape) {
      row.shape = outline;
      row.firstHour = Math.min(row.firstHour, hour);
      row.lastHour = Math.max(row.lastHour, hour);
      row.longestIntervalMs = Math.max(row.longestIntervalMs, record.intervalMs);
      this.#catalogue.series.save(row);
    }
    const startedMs = process.startedMs ?? record.series.process.startedMs;
    const livesOn = process.endedMs !== undefined && record.stampMs > process.endedMs + record.intervalMs;
    if (record.stampMs < process.firstMs || startedMs !== process.startedMs || livesOn) {
      process.firstMs = Math.min(process.firstMs, record.stampMs);
      process.startedMs = startedMs;
      if (livesOn) process.endedMs = undefined;
      this.#catalogue.series.saveProcess(process);
    }
  }

  #rememberLook(partition: string, stampMs: UnixMs): UnixMs {
    if (this.#lastLooks.size >= maxRememberedSeries) this.#lastLooks.clear();
    this.#lastLooks.set(partition, stampMs);
    return stampMs;
  }

  #dictionary(partition: number, loaded: Map<number, StackDictionary>): StackDictionary {
    const known = loaded.get(partition);
    if (known) return known;
    const dictionary = new StackDictionary();
    for (const segment of this.#catalogue.partitions.segments(partition)) dictionary.load(segment);
    loaded.set(partition, dictionary);
    return dictionary;
  }

  #oldestMs(): UnixMs | undefined {
    const hour = this.#heads.hours()[0];
    if (hour === undefined) return undefined;
    if (this.#oldest?.hour !== hour) {
      const stamps = this.#heads.existing(hour).flatMap((head) => head.firstStamp() ?? []);
      this.#oldest = { hour, stampMs: stamps.length > 0 ? Math.min(...stamps) : undefined };
    }
    return this.#oldest.stampMs;
  }

  #existing(hour: UnixHour | undefined): HeadWriter[] {
    return hour === undefined ? [] : this.#heads.existing(hour);
  }

  /** Late heads are due once they are sealed: until then more may come. */
  #compactionDueMs(): UnixMs | undefined {
    const now = this.#options.now();
    const isDue = ({ isOpen, isLate, hour }: Head): boolean => !isOpen || (!isLate && now >= this.#sealTimeOf(hour));
    const due = this.#heads.all().find(isDue);
    return due && (due.hour + 1) * hourMs;
  }

  #remove(ids: ReadonlySet<number>, nowMs: UnixMs): void {
    markRemoved(
      this.#catalogue,
      this.#catalogue.files.ofKind('head').filter(({ id }) => ids.has(id)),
    );
    this.#heads.forgetRemoved();
    finishRemovals(this.#catalogue, this.#options.dataDir);
    const oldest = this.#heads.hours()[0] ?? hourOf(nowMs);
    this.#transaction(() => {
      this.#catalogue.series.prune(oldest);
      this.#catalogue.partitions.prune(oldest);
      this.#catalogue.setSetting('pruned', String(Number(this.#catalogue.setting('pruned') ?? 0) + 1));
    });
    this.#forget();
  }

  /** A full disk is an operator's matter, whoever meets it; anything else is a fault of ours. */
  #guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      this.#space.markFull(`the disk of ${this.#options.dataDir} is full: ${messageOf(error)}`);
      throw storageFull(messageOf(error), error);
    }
  }

  /** Dictionary and series first, facts after: what a crash leaves between the two is never referred to. */
  #transaction<T>(work: () => T): T {
    this.#catalogue.begin();
    try {
      const result = work();
      this.#catalogue.commit();
      this.#heads.commit();
      return result;
    } catch (error) {
      this.#catalogue.rollback();
      this.#heads.rollback();
      this.#forget();
      return this.#guarded(() => {
        throw error;
      });
    }
  }

  /** Drops what is in memory and may be ahead of, or behind, the store. */
  #forget(): void {
    this.#partitions.forget();
    this.#series.clear();
    this.#lastLooks.clear();
    this.#newestMs = undefined;
    this.#oldest = undefined;
  }
}

function isKnown<T>(value: T | undefined): value is T {
  return value !== undefined;
}

function latest(stamps: readonly (UnixMs | undefined)[]): UnixMs | undefined {
  const known = stamps.filter(isKnown);
  return known.length > 0 ? Math.max(...known) : undefined;
}

function storageFull(because: string, cause?: unknown): FlameherdError {
  return new FlameherdError('storage_full', because, {
    hint: 'free some disk, or lower storage.retention; profiles are accepted again by themselves',
    cause,
  });
}
