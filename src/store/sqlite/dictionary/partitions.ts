import { type Bytes, hour as hourMs, type UnixMs } from '../../../model/units.ts';
import type { PartitionRow, PartitionRows } from '../catalogue/partition-rows.ts';
import type { UnixHour } from '../files/data-dir.ts';
import { EpochWear } from './epoch-wear.ts';
import { type StackHashes, StackInterner } from './stack-interner.ts';
import { SymbolHasher } from './symbol-hasher.ts';

/**
 * A partition gets a new epoch, which starts with an empty dictionary, once it has this many nodes or stacks, or is worn out
 * (`EpochWear`).
 */
export const maxPartitionSize = 200_000;

/** A partition that is not written for so long is let go of: at the end of such a time, when nothing came in all of it. */
const idleMs = hourMs;
/** Partitions whose wear is remembered at most; past that, all are watched anew. */
const maxRememberedWear = 100_000;

export interface OpenPartition {
  readonly row: PartitionRow;
  readonly interner: StackInterner;
  readonly wear: EpochWear;
}

/**
 * The dictionaries being written to: one epoch of each partition. Those that are not written to are let go of, and the least
 * recently used over a bound: they are loaded again when they are asked for, and give the same ids.
 */
export class Partitions {
  readonly #rows: PartitionRows;
  readonly #maxBytes: Bytes;
  readonly #maxPartitionSize: number;
  readonly #open = new Map<string, OpenPartition>();
  readonly #touched = new Set<OpenPartition>();
  /** By the id of a partition: what is let go of must not wear anew. */
  readonly #wear = new Map<number, EpochWear>();
  readonly #hasher = new SymbolHasher();
  /** Written to since `#idleFromMs`. */
  readonly #busy = new Set<string>();
  #idleFromMs: UnixMs | undefined;
  /** Since the last look at the bound. */
  #hasLoaded = false;

  constructor(rows: PartitionRows, maxBytes: Bytes, maxSize = maxPartitionSize) {
    this.#rows = rows;
    this.#maxBytes = maxBytes;
    this.#maxPartitionSize = maxSize;
  }

  /** The partition to write a profile of an hour to, which stands until `lastHour`; inside a transaction of the catalogue. */
  forWriting(key: string, hour: UnixHour, lastHour: UnixHour): OpenPartition {
    const partition = this.#current(key, hour);
    this.#touched.add(partition);
    this.#busy.add(key);
    if (lastHour > partition.row.lastHour) {
      partition.row.lastHour = lastHour;
      this.#rows.save(partition.row);
    }
    return partition;
  }

  /** Puts what was added since the last time into the catalogue's transaction. */
  saveSegments(): void {
    let hasGrown = this.#hasLoaded;
    for (const { row, interner } of this.#touched) {
      const segment = interner.takeSegment();
      if (!segment) continue;
      this.#rows.addSegment(row.id, segment);
      hasGrown = true;
    }
    this.#touched.clear();
    this.#hasLoaded = false;
    if (hasGrown) this.#evict();
  }

  /** What all of them take in memory. */
  get bytes(): Bytes {
    let sum = 0;
    for (const { interner } of this.#open.values()) sum += interner.bytes;
    return sum;
  }

  /** The stacks of a partition: of the one being written to, where it is in memory. */
  stacksOf(id: number): StackHashes {
    for (const { row, interner } of this.#open.values()) if (row.id === id) return interner;
    return this.#loaded(id);
  }

  /** Lets go of what is idle. Call now and then, between transactions. */
  dropIdle(nowMs: UnixMs): void {
    this.#idleFromMs ??= nowMs;
    // A clock that went back begins anew.
    if (nowMs >= this.#idleFromMs && nowMs - this.#idleFromMs < idleMs) return;
    for (const key of this.#open.keys()) if (!this.#busy.has(key)) this.#open.delete(key);
    this.#busy.clear();
    this.#idleFromMs = nowMs;
  }

  /** Drops partitions that are no more. */
  drop(isGone: (row: PartitionRow) => boolean): void {
    for (const [key, { row }] of this.#open) {
      if (!isGone(row)) continue;
      this.#open.delete(key);
      this.#wear.delete(row.id);
    }
  }

  /** Drops everything in memory: it may be ahead of the store. */
  forget(): void {
    this.#open.clear();
    this.#touched.clear();
  }

  #current(key: string, hour: UnixHour): OpenPartition {
    const known = this.#open.get(key) ?? this.#load(key, hour);
    const { interner, row, wear } = known;
    const isFull = Math.max(interner.nodes, interner.stacks) >= this.#maxPartitionSize;
    const current = isFull || wear.isWornOut(hour, interner.stacks) ? this.#start(key, row.epoch + 1, hour) : known;
    this.#open.delete(key);
    this.#open.set(key, current);
    return current;
  }

  #load(key: string, hour: UnixHour): OpenPartition {
    const row = this.#rows.latest(key);
    if (!row) return this.#start(key, 1, hour);
    this.#hasLoaded = true;
    return { row, interner: this.#loaded(row.id), wear: this.#wearOf(row) };
  }

  #loaded(id: number): StackInterner {
    const interner = new StackInterner(this.#hasher);
    for (const segment of this.#rows.segments(id)) interner.load(segment);
    return interner;
  }

  #start(key: string, epoch: number, hour: UnixHour): OpenPartition {
    const row = this.#rows.add(key, epoch, hour);
    return { row, interner: new StackInterner(this.#hasher), wear: this.#wearOf(row) };
  }

  #wearOf({ id, firstHour }: PartitionRow): EpochWear {
    const known = this.#wear.get(id);
    if (known) return known;
    if (this.#wear.size >= maxRememberedWear) this.#wear.clear();
    const wear = new EpochWear(firstHour);
    this.#wear.set(id, wear);
    return wear;
  }

  /** A map keeps the order of insertion, and use re-inserts: its first entries are the least recently used. */
  #evict(): void {
    let bytes = this.bytes;
    for (const [key, { interner }] of this.#open) {
      if (bytes <= this.#maxBytes) return;
      this.#open.delete(key);
      bytes -= interner.bytes;
    }
  }
}
