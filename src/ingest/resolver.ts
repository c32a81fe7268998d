import type { DecodedProfile } from '../pprof/decoded-profile.ts';
import { type HashKey, mix32 } from '../profile/keyed-hash.ts';
import type { ValueColumn } from '../profile/profile.ts';
import { ColumnArena } from './column-arena.ts';
import { ContentHasher } from './content-hasher.ts';
import type { KnownStacks } from './known-stacks.ts';
import { LabelHasher } from './label-hasher.ts';
import { type DroppedId, DroppedKeys, type DropReason } from './label-keys.ts';
import type { PartitionSymbols } from './partition-symbols.ts';
import { sumColumns } from './value-columns.ts';

/**
 * The unique stacks of a profile, by 64-bit hash, and their summed values. Arrays may be longer than `count`. All of it is
 * overwritten by the next `resolve`.
 */
export interface ResolvedProfile {
  readonly count: number;
  readonly high: Int32Array;
  readonly low: Int32Array;
  /** Where the partition's `stacks` hold the row's stack. */
  readonly stack: Int32Array;
  /** The number of the function that the stack belongs to, as the partition's `stacks` have it. */
  readonly owner: Uint16Array;
  /** 1 where the stack was never spelled out to the store. */
  readonly isNew: Uint8Array;
  /** A sample that has this stack, to describe it by. */
  readonly sample: Int32Array;
  /** The content hash of each location of the profile. */
  readonly locationHigh: Int32Array;
  readonly locationLow: Int32Array;
  /** One column for each sample type, `count` long. */
  readonly values: readonly ValueColumn[];
  /** The row of each sample. */
  readonly rowOfSample: Int32Array;
  /** Whether an address was caught meaning other code than before. */
  readonly unstable: boolean;
  /** By what text labels were left out, each with a key, and how many labels that were. */
  readonly droppedIds: ReadonlyMap<DroppedId, string>;
  readonly droppedLabels: Readonly<Record<DropReason, number>>;
  /** The row of a stack, or -1. */
  rowOf(high: number, low: number): number;
  /** The hash of the row's pprof labels, both halves; undefined when there are none. */
  labelsOf(row: number): readonly [high: number, low: number] | undefined;
  /** Text labels of stacks that are new: key and hash of the text. */
  newTexts(): Iterable<readonly [key: string, high: number, low: number]>;
}

export interface ResolveOptions {
  /** Names the binary where a mapping has no build id: the image digest, else the process. */
  readonly build: string;
  /** Compare what the addresses recall with the content. */
  readonly verify: boolean;
  /** Stacks are told apart without these labels. None unless given. */
  readonly leftOut?: DroppedKeys;
}

/**
 * Turns samples into unique stacks. In steady state no text is touched: a location is recognised by its build, its address
 * in the file and its lines, and a stack's hash is mixed from the hashes of its locations.
 *
 * A stack's hash depends on nothing but its frames (with how they are inlined into each other), its pprof labels and the
 * store's key, so it is the same in every process and after every restart. Both halves are mixed apart from each other
 * from independent halves of the locations' keyed hashes. With 10^6 stacks in a partition the odds that any two share
 * 64 bits are about n²/2^65 = 3·10^-8.
 */
export class StackResolver {
  readonly #content: ContentHasher;
  readonly #labels: LabelHasher;
  readonly #key: HashKey;
  #locationHigh = new Int32Array(1024);
  #locationLow = new Int32Array(1024);
  #samples = new SampleScratch(1024);
  #hasKey = new Uint8Array(1024);
  readonly #columns = new ColumnArena();
  #unstable = false;

  constructor(key: HashKey) {
    this.#key = key;
    this.#content = new ContentHasher(key);
    this.#labels = new LabelHasher(this.#content);
  }

  resolve(profile: DecodedProfile, symbols: PartitionSymbols, options: ResolveOptions): ResolvedProfile {
    this.#content.begin(profile);
    this.#labels.begin(options.leftOut ?? DroppedKeys.none);
    this.#makeRoom(profile);
    this.#columns.reset();
    this.#hashLocations(profile, symbols, options);
    this.#hashSamples(profile);
    const droppedLabels = { ...this.#labels.dropped };
    const count = this.#findRows(profile, symbols.stacks);
    const { high, low, stack, owner, isNew, sample, row } = this.#samples;
    return {
      count,
      high,
      low,
      stack,
      owner,
      isNew,
      sample,
      locationHigh: this.#locationHigh,
      locationLow: this.#locationLow,
      values: sumColumns(profile, row, count, this.#columns),
      rowOfSample: row,
      unstable: this.#unstable,
      droppedIds: this.#labels.droppedIds(),
      droppedLabels,
      rowOf: (high, low) => symbols.stacks.rowOf(high, low),
      labelsOf: (row) => this.#labelsOf(profile, sample[row] as number),
      newTexts: () => this.#newTexts(profile, count),
    };
  }

  /** The hash that a stack of one frame without labels has, which is nothing but a function of this name. */
  madeStack(name: string): { readonly high: number; readonly low: number } {
    this.#content.madeLocation(name);
    const [a, b] = this.#mixLocation(this.#key.high, this.#key.low, this.#content.high, this.#content.low);
    return { high: mix32(a ^ 1), low: mix32(b + 1) };
  }

  #hashLocations(profile: DecodedProfile, symbols: PartitionSymbols, { build, verify }: ResolveOptions): void {
    const count = profile.locationCount;
    const builds = symbols.buildsOf(profile, build);
    this.#unstable = false;
    this.#keyLocations(profile, builds);
    const { locations } = symbols;
    locations.reserve(count);
    const { slots } = locations;
    const high = this.#locationHigh;
    const low = this.#locationLow;
    const content = this.#content;
    for (let index = 0; index < count; index++) {
      const hasKey = this.#hasKey[index] === 1;
      const a = high[index] as number;
      const b = low[index] as number;
      const at = hasKey ? locations.place(a, b) : 0;
      const knownHigh = slots[at + 2] as number;
      const knownLow = slots[at + 3] as number;
      const isKnown = hasKey && (knownHigh | knownLow) !== 0;
      if (isKnown && !verify) {
        high[index] = knownHigh;
        low[index] = knownLow;
        continue;
      }
      content.location(index);
      high[index] = content.high;
      low[index] = content.low;
      if (isKnown && (knownHigh !== content.high || knownLow !== content.low)) {
        symbols.distrust(builds[this.#mappingSlot(profile, index)] as number);
        this.#unstable = true;
      } else if (hasKey && !isKnown) locations.put(at, a, b, content.high, content.low);
    }
  }

  /** Puts what tells a location by its address where its hash will be; marks those that have an address to trust. */
  #keyLocations(profile: DecodedProfile, builds: Int32Array): void {
    const count = profile.locationCount;
    const { lineStart, lineNumber, lineColumn, locationAddressLow, locationAddressHigh } = profile;
    const bases = mappingBases(profile);
    const high = this.#locationHigh;
    const low = this.#locationLow;
    const hasKey = this.#hasKey;
    const seed = this.#key.low;
    for (let index = 0; index < count; index++) {
      const slot = this.#mappingSlot(profile, index);
      const buildNumber = builds[slot] as number;
      const addressLow = locationAddressLow[index] as number;
      const addressHigh = locationAddressHigh[index] as number;
      hasKey[index] = buildNumber < 0 || (addressLow | addressHigh) === 0 ? 0 : 1;
      const baseLow = bases[2 * slot + 1] as number;
      const borrow = addressLow >>> 0 < baseLow >>> 0 ? 1 : 0;
      let b = (addressHigh - (bases[2 * slot] as number) - borrow) ^ Math.imul(buildNumber + 1, 0x9e3779b1);
      b = Math.imul(b ^ (b >>> 16) ^ seed, 0x85ebca6b);
      for (let line = lineStart[index] as number; line < (lineStart[index + 1] as number); line++) {
        b = Math.imul(b ^ (lineNumber[line] as number), 0x01000193) + (lineColumn[line] as number) + 7;
      }
      high[index] = (addressLow - baseLow) | 0;
      low[index] = mix32(b);
    }
  }

  /** Where a location's mapping is listed by `buildsOf`. */
  #mappingSlot({ locationMapping, mappings }: DecodedProfile, location: number): number {
    const mapping = locationMapping[location] as number;
    return mapping < 0 ? mappings.length : mapping;
  }

  #makeRoom({ sampleCount, locationCount }: DecodedProfile): void {
    if (locationCount > this.#hasKey.length) {
      this.#locationHigh = new Int32Array(2 * locationCount);
      this.#locationLow = new Int32Array(2 * locationCount);
      this.#hasKey = new Uint8Array(2 * locationCount);
    }
    if (sampleCount > this.#samples.row.length) this.#samples = new SampleScratch(2 * sampleCount);
  }

  #hashSamples(profile: DecodedProfile): void {
    const { sampleStart, sampleLocation, labelStart, sampleCount } = profile;
    const locationHigh = this.#locationHigh;
    const locationLow = this.#locationLow;
    const labels = this.#labels;
    const { sampleHigh: high, sampleLow: low } = this.#samples;
    for (let index = 0; index < sampleCount; index++) {
      const from = sampleStart[index] as number;
      const to = sampleStart[index + 1] as number;
      let a = this.#key.high;
      let b = this.#key.low;
      for (let at = from; at < to; at++) {
        const location = sampleLocation[at] as number;
        // Written out twice (see mixLocation): this line runs for every frame of every sample.
        a = Math.imul(((a << 13) | (a >>> 19)) ^ (locationHigh[location] as number), 0x9e3779b1);
        a ^= a >>> 15;
        b = Math.imul(((b << 11) | (b >>> 21)) ^ (locationLow[location] as number), 0x85ebca6b);
        b ^= b >>> 13;
      }
      const labelsFrom = labelStart[index] as number;
      const labelsTo = labelStart[index + 1] as number;
      if (labelsFrom < labelsTo && labels.sum(profile, labelsFrom, labelsTo)) {
        a = mix32(a ^ labels.high);
        b = mix32(b ^ labels.low);
      }
      high[index] = mix32(a ^ (to - from));
      low[index] = mix32(b + (to - from));
    }
  }

  #labelsOf(profile: DecodedProfile, sample: number): [number, number] | undefined {
    const { labelStart } = profile;
    const found = this.#labels.sum(profile, labelStart[sample] as number, labelStart[sample + 1] as number);
    return found ? [this.#labels.high, this.#labels.low] : undefined;
  }

  *#newTexts(profile: DecodedProfile, count: number): Generator<readonly [string, number, number]> {
    if (!this.#labels.sawText) return;
    const { isNew, sample } = this.#samples;
    const { labelStart } = profile;
    for (let row = 0; row < count; row++) {
      if (isNew[row] === 0) continue;
      const at = sample[row] as number;
      yield* this.#labels.texts(profile, labelStart[at] as number, labelStart[at + 1] as number);
    }
  }

  #findRows({ sampleCount }: DecodedProfile, stacks: KnownStacks): number {
    const { sampleHigh, sampleLow, row: rowOfSample, high, low, stack, owner, isNew, sample } = this.#samples;
    stacks.begin(sampleCount);
    let count = 0;
    for (let index = 0; index < sampleCount; index++) {
      const a = sampleHigh[index] as number;
      const b = sampleLow[index] as number;
      const row = stacks.rowFor(a, b, count);
      rowOfSample[index] = row;
      if (row < count) continue;
      high[count] = a;
      low[count] = b;
      stack[count] = stacks.at;
      owner[count] = stacks.owner;
      isNew[count] = stacks.isDescribed(stacks.at) ? 0 : 1;
      sample[count++] = index;
    }
    return count;
  }

  #mixLocation(high: number, low: number, locationHigh: number, locationLow: number): [number, number] {
    const a = Math.imul(((high << 13) | (high >>> 19)) ^ locationHigh, 0x9e3779b1);
    const b = Math.imul(((low << 11) | (low >>> 21)) ^ locationLow, 0x85ebca6b);
    return [a ^ (a >>> 15), b ^ (b >>> 13)];
  }
}

/** `start - offset` of each mapping as two words, high first; zeros last, for locations without a mapping. */
function mappingBases({ mappings }: DecodedProfile): Int32Array {
  const bases = new Int32Array(2 * mappings.length + 2);
  for (const [index, { start, offset }] of mappings.entries()) {
    const base = BigInt.asUintN(64, start - offset);
    bases[2 * index] = Number(base >> 32n) | 0;
    bases[2 * index + 1] = Number(base & 0xffff_ffffn) | 0;
  }
  return bases;
}

/** Columns of samples, and of the rows that they become, grown together. */
class SampleScratch {
  /** The hash of each sample's stack. */
  readonly sampleHigh: Int32Array;
  readonly sampleLow: Int32Array;
  readonly row: Int32Array;
  readonly high: Int32Array;
  readonly low: Int32Array;
  readonly stack: Int32Array;
  readonly owner: Uint16Array;
  readonly isNew: Uint8Array;
  readonly sample: Int32Array;

  constructor(samples: number) {
    this.sampleHigh = new Int32Array(samples);
    this.sampleLow = new Int32Array(samples);
    this.row = new Int32Array(samples);
    this.high = new Int32Array(samples);
    this.low = new Int32Array(samples);
    this.stack = new Int32Array(samples);
    this.owner = new Uint16Array(samples);
    this.isNew = new Uint8Array(samples);
    this.sample = new Int32Array(samples);
  }
}
