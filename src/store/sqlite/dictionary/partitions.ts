import type { PartitionRow, PartitionRows } from '../catalogue/partition-rows.ts';
import type { UnixHour } from '../files/data-dir.ts';
import { StackDictionary } from './dictionary.ts';
import { EpochWear } from './epoch-wear.ts';
import { StackInterner } from './stack-interner.ts';

/**
 * A partition gets a new epoch, which starts with an empty dictionary, once it has this many nodes or stacks, or is worn out
 * (`EpochWear`).
 */
export const maxPartitionSize = 200_000;

export interface OpenPartition {
  readonly row: PartitionRow;
  readonly interner: StackInterner;
  readonly wear: EpochWear;
}

/** The dictionaries being written to: one epoch of each partition, the least recently used dropped over a bound. */
export class Partitions {
  readonly #rows: PartitionRows;
  readonly #maxNodes: number;
  readonly #maxPartitionSize: number;
  readonly #open = new Map<string, OpenPartition>();
  readonly #touched = new Set<OpenPartition>();

  constructor(rows: PartitionRows, maxNodes: number, maxSize = maxPartitionSize) {
    this.#rows = rows;
    this.#maxNodes = maxNodes;
    this.#maxPartitionSize = maxSize;
  }

  /** The partition to write a profile of an hour to, which stands until `lastHour`; inside a transaction of the catalogue. */
  forWriting(key: string, hour: UnixHour, lastHour: UnixHour): OpenPartition {
    const partition = this.#current(key, hour);
    this.#touched.add(partition);
    if (lastHour > partition.row.lastHour) {
      partition.row.lastHour = lastHour;
      this.#rows.save(partition.row);
    }
    return partition;
  }

  /** Puts what was added since the last time into the catalogue's transaction. */
  saveSegments(): void {
    for (const { row, interner } of this.#touched) {
      const segment = interner.takeSegment();
      if (segment) this.#rows.addSegment(row.id, segment);
    }
    this.#touched.clear();
    this.#evict();
  }

  /** The dictionary of a partition: the one being written to, where it is in memory. */
  dictionary(id: number): StackDictionary {
    for (const { row, interner } of this.#open.values()) if (row.id === id) return interner.dictionary;
    const dictionary = new StackDictionary();
    for (const segment of this.#rows.segments(id)) dictionary.load(segment);
    return dictionary;
  }

  /** Drops partitions that are no more. */
  drop(isGone: (row: PartitionRow) => boolean): void {
    for (const [key, { row }] of this.#open) if (isGone(row)) this.#open.delete(key);
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
    const interner = new StackInterner();
    for (const segment of this.#rows.segments(row.id)) interner.load(segment);
    return { row, interner, wear: new EpochWear(row.firstHour) };
  }

  #start(key: string, epoch: number, hour: UnixHour): OpenPartition {
    return { row: this.#rows.add(key, epoch, hour), interner: new StackInterner(), wear: new EpochWear(hour) };
  }

  /** A map keeps the order of insertion, and use re-inserts: its first entries are the least recently used. */
  #evict(): void {
    let nodes = 0;
    for (const { interner } of this.#open.values()) nodes += interner.nodes;
    for (const [key, { interner }] of this.#open) {
      if (nodes <= this.#maxNodes) return;
      this.#open.delete(key);
      nodes -= interner.nodes;
    }
  }
}
