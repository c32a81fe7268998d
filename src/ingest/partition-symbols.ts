import { LRUCache } from 'lru-cache';
import type { Bytes } from '../model/units.ts';
import type { DecodedProfile } from '../pprof/decoded-profile.ts';
import { PairMap } from '../profile/pair-map.ts';
import { KnownStacks } from './known-stacks.ts';
import { type LabelLimits, LabelTexts } from './label-keys.ts';
import { PairTable } from './pair-table.ts';
import type { ResolvedProfile } from './resolver.ts';

/** How much of what was seen before is remembered. All of it can be forgotten: it only saves work. */
export interface SymbolLimits {
  /** Partitions with anything remembered; the least recently used goes first. */
  readonly partitions: number;
  /** Over all partitions: 26 to 52 bytes for each location and stack. */
  readonly bytes: Bytes;
  /** In one partition; over it, that partition starts anew. */
  readonly entriesPerPartition: number;
  /** Different sets of pprof labels in one partition; samples with further ones fold into `(other)`. */
  readonly labelSetsPerPartition: number;
  readonly labels: LabelLimits;
  /** Builds in one partition. */
  readonly buildsPerPartition: number;
}

/** What the resolver remembers of one partition: hashes of locations by address, and which stacks and label sets are known. */
export class PartitionSymbols {
  /** The content hash of a location by (address, build and lines). */
  readonly locations = new PairTable();
  readonly stacks = new KnownStacks();
  readonly labelSets = new PairMap();
  readonly labelTexts: LabelTexts;
  readonly #limits: SymbolLimits;
  readonly #builds = new Map<string, number>();
  readonly #unstable = new Set<number>();

  constructor(limits: SymbolLimits) {
    this.#limits = limits;
    this.labelTexts = new LabelTexts(limits.labels);
  }

  get bytes(): Bytes {
    return this.locations.bytes + this.stacks.bytes + this.labelSets.bytes + this.labelTexts.bytes;
  }

  /** Starts anew when full. Call between profiles. */
  makeRoom(): void {
    const { entriesPerPartition, buildsPerPartition } = this.#limits;
    if (this.#builds.size > buildsPerPartition || this.locations.size > entriesPerPartition) {
      this.locations.reset();
      this.#builds.clear();
      this.#unstable.clear();
    }
    if (this.stacks.size > entriesPerPartition) this.stacks.reset();
  }

  /** Whether a label set may be stored as it is; counts it as one of the partition's when there is room. */
  admitLabelSet(high: number, low: number): boolean {
    if (this.labelSets.get(high, low) >= 0) return true;
    if (this.labelSets.size >= this.#limits.labelSetsPerPartition) return false;
    this.labelSets.set(high, low, 0);
    return true;
  }

  /**
   * Counts the text labels of stacks that are new, and answers the keys that have too many texts now, `most` of them. Those
   * are to be left out from now on; label sets that had them make room for others.
   */
  tooManyTexts(profile: Pick<ResolvedProfile, 'newTexts'>, most: number): ReadonlySet<string> {
    const found = new Set<string>();
    if (most <= 0) return found;
    for (const [key, high, low] of profile.newTexts()) {
      if (this.labelTexts.isTooMany(key, high, low) && found.size < most) found.add(key);
    }
    for (const key of found) this.labelTexts.forget(key);
    if (found.size > 0) this.labelSets.reset();
    return found;
  }

  /**
   * The number of each mapping's build, and last the number for locations without a mapping; -1 where addresses of the
   * build were caught naming different code over time, so that only content can be trusted. `fallback` names the image
   * or the process, for mappings without a build id.
   */
  buildsOf(profile: DecodedProfile, fallback: string): Int32Array {
    const main = profile.mappings[0]?.file ?? '';
    const names = profile.mappings.map(({ buildId, file }) =>
      buildId ? `id\n${buildId}` : `file\n${fallback}\n${main}\n${file}`,
    );
    return Int32Array.from([...names, `none\n${fallback}\n${main}`], (name) => {
      let build = this.#builds.get(name);
      if (build === undefined) {
        build = this.#builds.size;
        this.#builds.set(name, build);
      }
      return this.#unstable.has(build) ? -1 : build;
    });
  }

  /** From now on, locations of this build are named by content. */
  distrust(build: number): void {
    this.#unstable.add(build);
  }
}

/** The remembered partitions, the most recently used ones within the limits. */
export class SymbolCache {
  readonly #limits: SymbolLimits;
  readonly #partitions: LRUCache<string, PartitionSymbols>;

  constructor(limits: SymbolLimits) {
    this.#limits = limits;
    this.#partitions = new LRUCache({ max: limits.partitions });
  }

  partition(key: string): PartitionSymbols {
    let found = this.#partitions.get(key);
    if (!found) {
      found = new PartitionSymbols(this.#limits);
      this.#partitions.set(key, found);
    }
    found.makeRoom();
    return found;
  }

  /** Forgets the least recently used partitions until what is left is within the limit; the last used one stays. */
  trim(): void {
    let bytes = 0;
    for (const [at, [key, partition]] of Array.from(this.#partitions.entries()).entries()) {
      bytes += partition.bytes;
      if (bytes > this.#limits.bytes && at > 0) this.#partitions.delete(key);
    }
  }
}
